// What ECR refuses, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::ecr {

inline AwsError no_such_repository(std::string_view name, std::string_view account) {
  return {"RepositoryNotFoundException",
          fmt::format("The repository with name '{}' does not exist in the registry with id '{}'", name,
                      account)};
}
inline AwsError repository_exists(std::string_view name, std::string_view account) {
  return {"RepositoryAlreadyExistsException",
          fmt::format("The repository with name '{}' already exists in the registry with id '{}'", name,
                      account)};
}
inline AwsError repository_not_empty(std::string_view name, std::string_view account) {
  return {"RepositoryNotEmptyException",
          fmt::format("The repository with name '{}' in registry with id '{}' cannot be deleted because "
                      "it still contains images", name, account)};
}
inline AwsError no_lifecycle_policy(std::string_view name, std::string_view account) {
  return {"LifecyclePolicyNotFoundException",
          fmt::format("Lifecycle policy does not exist for the repository with name '{}' in the registry "
                      "with id '{}'", name, account)};
}
inline AwsError no_repository_policy(std::string_view name, std::string_view account) {
  return {"RepositoryPolicyNotFoundException",
          fmt::format("Repository policy does not exist for the repository with name '{}' in the registry "
                      "with id '{}'", name, account)};
}
inline AwsError no_such_image(std::string_view digest, std::string_view tag, std::string_view repository,
                              std::string_view account) {
  return {"ImageNotFoundException",
          fmt::format("The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within "
                      "the repository with name '{}' in the registry with id '{}'",
                      digest.empty() ? "null" : digest, tag.empty() ? "null" : tag, repository, account)};
}
inline AwsError image_exists(std::string_view digest, std::string_view tag,
                             std::string_view repository) {
  return {"ImageAlreadyExistsException",
          fmt::format("Image with digest '{}' and tag '{}' already exists in the repository with name "
                      "'{}'", digest, tag, repository)};
}
inline AwsError tag_is_immutable(std::string_view tag, std::string_view repository) {
  return {"ImageTagAlreadyExistsException",
          fmt::format("The image tag '{}' already exists in the '{}' repository and cannot be "
                      "overwritten because the repository is immutable.", tag, repository)};
}
inline AwsError wrong_digest() {
  return {"ImageDigestDoesNotMatchException",
          "The specified image digest does not match the digest of the image manifest"};
}
inline AwsError invalid_parameter(const std::string& why) {
  return {"InvalidParameterException", "Invalid parameter at " + why};
}

}  // namespace engine::ecr
