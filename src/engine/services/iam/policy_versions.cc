// The versions of a managed policy.
#include "engine/protocol/json.h"
#include "engine/services/iam/managed.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"
#include "engine/services/iam/versions.h"

namespace engine::iam {
namespace {

constexpr std::size_t kMostVersions = 5;

std::string version_row(std::string_view arn, int number) {
  return join(arn, fmt::format("{:06}", number));
}

/// "v3" → 3, 0 for what is no version.
int number_of(std::string_view version) {
  int number = 0;
  if (version.size() < 2 || version.size() > 7 || version[0] != 'v') return 0;
  for (const char c : version.substr(1)) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + (c - '0');
  }
  return number;
}

api::PolicyVersion managed_version(std::string_view arn, const api::Policy& policy) {
  const auto document = managed_document(arn);
  // Deviation: of most of AWS's policies we don't have the document.
  if (!document) throw no_such_version(arn, "v1");
  return {.Document = std::string(*document), .VersionId = "v1", .IsDefaultVersion = true,
          .CreateDate = policy.CreateDate};
}

}  // namespace

void add_version(storage::Batch& batch, std::string_view arn, int number, std::string_view document,
                 Timestamp now) {
  api::PolicyVersion version;
  version.Document = document;
  version.VersionId = fmt::format("v{}", number);
  version.CreateDate = now;
  batch.put(kVersions, version_row(arn, number), to_json(version));
  batch.put(kCounters, arn, std::to_string(number));
}

api::CreatePolicyVersionOutput create_policy_version(Iam& iam, Call&,
                                                     const api::CreatePolicyVersionInput& input) {
  check_document(input.PolicyDocument);
  const auto alone = iam.lock();
  auto& catalog = iam.context().catalog;
  const auto row = catalog.get(kPolicies, input.PolicyArn);
  const auto counter = catalog.get(kCounters, input.PolicyArn);
  if (!row || !counter) throw no_such_policy(input.PolicyArn);
  if (iam.versions(input.PolicyArn).size() >= kMostVersions) {
    throw too_many("A managed policy can have up to 5 versions. Before you create a new version, you "
                   "must delete an existing version.");
  }
  const int number = std::stoi(*counter) + 1;
  auto policy = from_json<api::Policy>(*row);
  policy.UpdateDate = iam.now();
  const bool is_default = input.SetAsDefault.value_or(false);
  if (is_default) policy.DefaultVersionId = fmt::format("v{}", number);
  storage::Batch batch;
  add_version(batch, input.PolicyArn, number, input.PolicyDocument, iam.now());
  batch.put(kPolicies, input.PolicyArn, to_json(policy));
  catalog.commit(std::move(batch));
  return {.PolicyVersion = {{.Document = {}, .VersionId = fmt::format("v{}", number),
                             .IsDefaultVersion = is_default, .CreateDate = iam.now()}}};
}

api::GetPolicyVersionOutput get_policy_version(Iam& iam, Call&,
                                               const api::GetPolicyVersionInput& input) {
  const auto policy = iam.policy(input.PolicyArn);
  api::PolicyVersion version;
  if (managed_policy(input.PolicyArn)) {
    if (input.VersionId != "v1") throw no_such_version(input.PolicyArn, input.VersionId);
    version = managed_version(input.PolicyArn, policy);
  } else {
    const auto row = iam.context().catalog.get(
        kVersions, version_row(input.PolicyArn, number_of(input.VersionId)));
    if (!row) throw no_such_version(input.PolicyArn, input.VersionId);
    version = from_json<api::PolicyVersion>(*row);
    version.IsDefaultVersion = version.VersionId == policy.DefaultVersionId;
  }
  version.Document = document_answer(*version.Document);
  return {.PolicyVersion = std::move(version)};
}

api::ListPolicyVersionsOutput list_policy_versions(Iam& iam, Call&,
                                                   const api::ListPolicyVersionsInput& input) {
  const auto policy = iam.policy(input.PolicyArn);
  auto versions = iam.versions(input.PolicyArn);
  if (managed_policy(input.PolicyArn)) {
    versions.push_back({.VersionId = "v1", .CreateDate = policy.CreateDate});
  }
  for (auto& version : versions) {
    version.IsDefaultVersion = version.VersionId == policy.DefaultVersionId;
    version.Document.reset();
  }
  api::ListPolicyVersionsOutput output;
  // Newest first, as AWS lists them.
  output.Versions = page(std::move(versions), input, output, [](const api::PolicyVersion& version) {
    return fmt::format("{:06}", 999'999 - number_of(*version.VersionId));
  });
  return output;
}

api::op::SetDefaultPolicyVersion::Output set_default_policy_version(
    Iam& iam, Call&, const api::op::SetDefaultPolicyVersion::Input& input) {
  const auto alone = iam.lock();
  auto& catalog = iam.context().catalog;
  const auto row = catalog.get(kPolicies, input.PolicyArn);
  if (!row) throw no_such_policy(input.PolicyArn);
  if (!catalog.get(kVersions, version_row(input.PolicyArn, number_of(input.VersionId)))) {
    throw no_such_version(input.PolicyArn, input.VersionId);
  }
  auto policy = from_json<api::Policy>(*row);
  policy.DefaultVersionId = input.VersionId;
  policy.UpdateDate = iam.now();
  storage::Batch batch;
  batch.put(kPolicies, input.PolicyArn, to_json(policy));
  catalog.commit(std::move(batch));
  return {};
}

api::DeletePolicyVersionOutput delete_policy_version(Iam& iam, Call&,
                                                     const api::DeletePolicyVersionInput& input) {
  const auto alone = iam.lock();
  const auto policy = iam.policy(input.PolicyArn);
  const auto row = version_row(input.PolicyArn, number_of(input.VersionId));
  auto& catalog = iam.context().catalog;
  if (!catalog.get(kVersions, row)) throw no_such_version(input.PolicyArn, input.VersionId);
  if (input.VersionId == policy.DefaultVersionId) {
    throw delete_conflict("Cannot delete the default version of a policy.");
  }
  storage::Batch batch;
  batch.remove(kVersions, row);
  catalog.commit(std::move(batch));
  return {};
}

}  // namespace engine::iam
