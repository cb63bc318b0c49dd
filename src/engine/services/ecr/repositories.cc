// Repositories: making, describing, changing and deleting them, and what lets a client log in.
#include "engine/protocol/json.h"
#include "engine/services/ecr/errors.h"
#include "engine/services/ecr/operations.h"
#include "engine/services/ecr/paging.h"

namespace engine::ecr {
namespace {

std::string registry_host(const Context& context) {
  return fmt::format("{}.dkr.ecr.{}.amazonaws.com", context.account, context.region);
}

void store(Ecr& ecr, const api::Repository& repository, storage::Batch batch = {}) {
  batch.put(kRepositories, *repository.repositoryName, to_json(repository));
  ecr.context().catalog.commit(std::move(batch));
}

api::Repository make(Ecr& ecr, const api::CreateRepositoryInput& input) {
  const auto& context = ecr.context();
  api::Repository repository;
  repository.repositoryName = input.repositoryName;
  repository.registryId = context.account;
  repository.repositoryArn = context.arn("ecr", "repository/" + input.repositoryName);
  repository.repositoryUri = registry_host(context) + "/" + input.repositoryName;
  repository.createdAt = std::chrono::floor<std::chrono::seconds>(context.clock.now());
  repository.imageTagMutability = input.imageTagMutability.value_or("MUTABLE");
  repository.imageTagMutabilityExclusionFilters = input.imageTagMutabilityExclusionFilters;
  repository.imageScanningConfiguration = input.imageScanningConfiguration;
  if (!repository.imageScanningConfiguration) {
    repository.imageScanningConfiguration = {.scanOnPush = false};
  }
  repository.encryptionConfiguration = input.encryptionConfiguration;
  if (!repository.encryptionConfiguration) {
    repository.encryptionConfiguration = {.encryptionType = "AES256", .kmsKey = {}};
  }
  return repository;
}

std::vector<api::Repository> all_repositories(Ecr& ecr) {
  std::vector<api::Repository> repositories;
  for (const auto& row : ecr.context().catalog.scan(kRepositories)) {
    repositories.push_back(from_json<api::Repository>(row.value));
  }
  return repositories;
}

}  // namespace

api::CreateRepositoryOutput create_repository(Ecr& ecr, Call&,
                                              const api::CreateRepositoryInput& input) {
  const auto repository = make(ecr, input);
  storage::Batch batch;
  batch.put(kTags, input.repositoryName, to_json(api::ListTagsForResourceOutput{
                                             .tags = input.tags.value_or(std::vector<api::Tag>())}));
  const auto alone = ecr.lock();
  if (ecr.find_repository(input.repositoryName)) {
    throw repository_exists(input.repositoryName, ecr.context().account);
  }
  store(ecr, repository, std::move(batch));
  return {.repository = repository};
}

api::DescribeRepositoriesOutput describe_repositories(Ecr& ecr, Call&,
                                                      const api::DescribeRepositoriesInput& input) {
  api::DescribeRepositoriesOutput output;
  output.repositories.emplace();
  if (input.repositoryNames) {
    for (const auto& name : *input.repositoryNames) {
      output.repositories->push_back(ecr.repository(name, input.registryId));
    }
    return output;
  }
  output.repositories = page(all_repositories(ecr), input, output, [](const api::Repository& one) {
    return *one.repositoryName;
  });
  return output;
}

api::DeleteRepositoryOutput delete_repository(Ecr& ecr, Call&,
                                              const api::DeleteRepositoryInput& input) {
  const auto alone = ecr.lock();
  auto repository = ecr.repository(input.repositoryName, input.registryId);
  const auto images = ecr.images(input.repositoryName);
  if (!images.empty() && !input.force.value_or(false)) {
    throw repository_not_empty(input.repositoryName, ecr.context().account);
  }
  storage::Batch batch;
  for (const auto table : {kRepositories, kTags, kPolicies, kLifecycles}) {
    batch.remove(table, input.repositoryName);
  }
  for (const auto& image : images) {
    batch.remove(kImages, image_row(input.repositoryName, *image.imageDigest));
    batch.remove(kManifests, image_row(input.repositoryName, *image.imageDigest));
  }
  ecr.context().catalog.commit(std::move(batch));
  return {.repository = std::move(repository)};
}

api::PutImageTagMutabilityOutput put_image_tag_mutability(
    Ecr& ecr, Call&, const api::PutImageTagMutabilityInput& input) {
  const auto alone = ecr.lock();
  auto repository = ecr.repository(input.repositoryName, input.registryId);
  repository.imageTagMutability = input.imageTagMutability;
  repository.imageTagMutabilityExclusionFilters = input.imageTagMutabilityExclusionFilters;
  store(ecr, repository);
  return {.registryId = repository.registryId,
          .repositoryName = repository.repositoryName,
          .imageTagMutability = repository.imageTagMutability,
          .imageTagMutabilityExclusionFilters = repository.imageTagMutabilityExclusionFilters};
}

// Deviation: images are not scanned.
api::PutImageScanningConfigurationOutput put_image_scanning_configuration(
    Ecr& ecr, Call&, const api::PutImageScanningConfigurationInput& input) {
  const auto alone = ecr.lock();
  auto repository = ecr.repository(input.repositoryName, input.registryId);
  repository.imageScanningConfiguration = input.imageScanningConfiguration;
  store(ecr, repository);
  return {.registryId = repository.registryId,
          .repositoryName = repository.repositoryName,
          .imageScanningConfiguration = repository.imageScanningConfiguration};
}

// Deviation: there is no registry to log in to; the token has AWS's form and opens nothing.
api::GetAuthorizationTokenOutput get_authorization_token(Ecr& ecr, Call&,
                                                         const api::GetAuthorizationTokenInput&) {
  auto& context = ecr.context();
  api::AuthorizationData data;
  data.authorizationToken = base::to_base64("AWS:" + context.ids.alnum(64));
  data.expiresAt = context.clock.now() + std::chrono::hours(12);
  data.proxyEndpoint = "https://" + registry_host(context);
  return {.authorizationData = {{std::move(data)}}};
}

}  // namespace engine::ecr
