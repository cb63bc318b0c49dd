// A repository's documents: its policy, its lifecycle policy, its tags.
#include "engine/protocol/json.h"
#include "engine/services/ecr/errors.h"
#include "engine/services/ecr/operations.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::ecr {
namespace {

void check_document(std::string_view text, const char* member) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(text, error);
  if (error || !parsed.is_object()) {
    throw invalid_parameter(fmt::format("'{}' failed to satisfy constraint: 'Invalid JSON'", member));
  }
}

void commit(Ecr& ecr, storage::Batch batch) { ecr.context().catalog.commit(std::move(batch)); }

std::string policy_text(Ecr& ecr, std::string_view repository) {
  const auto text = ecr.policy(repository);
  if (!text) throw no_repository_policy(repository, ecr.context().account);
  return *text;
}

api::GetLifecyclePolicyOutput lifecycle(Ecr& ecr, std::string_view repository) {
  const auto row = ecr.context().catalog.get(kLifecycles, repository);
  if (!row) throw no_lifecycle_policy(repository, ecr.context().account);
  return from_json<api::GetLifecyclePolicyOutput>(*row);
}

/// The repository an ARN names, which must be there.
std::string repository_of_arn(Ecr& ecr, const std::string& arn) {
  const auto prefix = ecr.context().arn("ecr", "repository/");
  if (!arn.starts_with(prefix)) {
    throw invalid_parameter(
        "'resourceArn' failed to satisfy constraint: 'Invalid ARN, or of another account or region'");
  }
  std::string name = arn.substr(prefix.size());
  ecr.repository(name);
  return name;
}

std::vector<api::Tag> tags_of(Ecr& ecr, std::string_view repository) {
  const auto row = ecr.context().catalog.get(kTags, repository);
  if (!row) return {};
  return from_json<api::ListTagsForResourceOutput>(*row).tags.value_or(std::vector<api::Tag>());
}

void store_tags(Ecr& ecr, std::string_view repository, std::vector<api::Tag> tags) {
  storage::Batch batch;
  batch.put(kTags, repository, to_json(api::ListTagsForResourceOutput{.tags = std::move(tags)}));
  commit(ecr, std::move(batch));
}

}  // namespace

// Policies of the repository

api::SetRepositoryPolicyOutput set_repository_policy(Ecr& ecr, Call&,
                                                     const api::SetRepositoryPolicyInput& input) {
  check_document(input.policyText, "PolicyText");
  const auto alone = ecr.lock();
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  storage::Batch batch;
  batch.put(kPolicies, input.repositoryName, input.policyText);
  commit(ecr, std::move(batch));
  return {.registryId = repository.registryId, .repositoryName = input.repositoryName,
          .policyText = input.policyText};
}

api::GetRepositoryPolicyOutput get_repository_policy(Ecr& ecr, Call&,
                                                     const api::GetRepositoryPolicyInput& input) {
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  return {.registryId = repository.registryId, .repositoryName = input.repositoryName,
          .policyText = policy_text(ecr, input.repositoryName)};
}

api::DeleteRepositoryPolicyOutput delete_repository_policy(
    Ecr& ecr, Call&, const api::DeleteRepositoryPolicyInput& input) {
  const auto alone = ecr.lock();
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  auto text = policy_text(ecr, input.repositoryName);
  storage::Batch batch;
  batch.remove(kPolicies, input.repositoryName);
  commit(ecr, std::move(batch));
  return {.registryId = repository.registryId, .repositoryName = input.repositoryName,
          .policyText = std::move(text)};
}

// Lifecycle. Deviation: kept and given back as sent, not acted on.

api::PutLifecyclePolicyOutput put_lifecycle_policy(Ecr& ecr, Call&,
                                                   const api::PutLifecyclePolicyInput& input) {
  check_document(input.lifecyclePolicyText, "LifecyclePolicyText");
  const auto alone = ecr.lock();
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  api::GetLifecyclePolicyOutput document;
  document.registryId = repository.registryId;
  document.repositoryName = input.repositoryName;
  document.lifecyclePolicyText = input.lifecyclePolicyText;
  document.lastEvaluatedAt = std::chrono::floor<std::chrono::seconds>(ecr.context().clock.now());
  storage::Batch batch;
  batch.put(kLifecycles, input.repositoryName, to_json(document));
  commit(ecr, std::move(batch));
  return {.registryId = repository.registryId, .repositoryName = input.repositoryName,
          .lifecyclePolicyText = input.lifecyclePolicyText};
}

api::GetLifecyclePolicyOutput get_lifecycle_policy(Ecr& ecr, Call&,
                                                   const api::GetLifecyclePolicyInput& input) {
  ecr.repository(input.repositoryName, input.registryId);
  return lifecycle(ecr, input.repositoryName);
}

api::DeleteLifecyclePolicyOutput delete_lifecycle_policy(
    Ecr& ecr, Call&, const api::DeleteLifecyclePolicyInput& input) {
  const auto alone = ecr.lock();
  ecr.repository(input.repositoryName, input.registryId);
  auto document = lifecycle(ecr, input.repositoryName);
  storage::Batch batch;
  batch.remove(kLifecycles, input.repositoryName);
  commit(ecr, std::move(batch));
  return {.registryId = document.registryId, .repositoryName = document.repositoryName,
          .lifecyclePolicyText = document.lifecyclePolicyText,
          .lastEvaluatedAt = document.lastEvaluatedAt};
}

// Tags

api::ListTagsForResourceOutput list_tags_for_resource(Ecr& ecr, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  return {.tags = tags_of(ecr, repository_of_arn(ecr, input.resourceArn))};
}

api::TagResourceOutput tag_resource(Ecr& ecr, Call&, const api::TagResourceInput& input) {
  const auto alone = ecr.lock();
  const auto repository = repository_of_arn(ecr, input.resourceArn);
  auto tags = tags_of(ecr, repository);
  for (const auto& tag : input.tags) {
    std::erase_if(tags, [&](const api::Tag& one) { return one.Key == tag.Key; });
    tags.push_back(tag);
  }
  store_tags(ecr, repository, std::move(tags));
  return {};
}

api::UntagResourceOutput untag_resource(Ecr& ecr, Call&, const api::UntagResourceInput& input) {
  const auto alone = ecr.lock();
  const auto repository = repository_of_arn(ecr, input.resourceArn);
  auto tags = tags_of(ecr, repository);
  std::erase_if(tags, [&](const api::Tag& tag) {
    return std::find(input.tagKeys.begin(), input.tagKeys.end(), tag.Key) != input.tagKeys.end();
  });
  store_tags(ecr, repository, std::move(tags));
  return {};
}

}  // namespace engine::ecr
