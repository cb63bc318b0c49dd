// ECR as other services see it: repositories, and the records of images in them.
#pragma once

#include "engine/models/ecr.h"
#include "engine/services/context.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::ecr {

/// Thread-safe. Rows are the generated shapes.
///
/// Deviation: a registry of records only. The layers of an image are never pushed or pulled: what an
/// image's URI runs here is a local program, by a setting of the engine.
class Ecr {
 public:
  explicit Ecr(Context& context) : context_(context) {}

  Context& context() { return context_; }

  /// Throws RepositoryNotFoundException, also for another account's registry.
  api::Repository repository(std::string_view name,
                             const std::optional<std::string>& registry = {}) const;
  std::optional<api::Repository> find_repository(std::string_view name) const;

  /// What SetRepositoryPolicy put; nothing when there is none.
  std::optional<std::string> policy(std::string_view name) const;

  std::vector<api::ImageDetail> images(std::string_view repository) const;
  /// By digest, by tag, or by both, which must then agree.
  std::optional<api::ImageDetail> find_image(std::string_view repository,
                                             const api::ImageIdentifier& id) const;

  /// Held by every operation that reads and then writes.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

 private:
  Context& context_;
  std::mutex mutex_;
};

// Tables.
inline constexpr std::string_view kRepositories = "ecr/repositories";  ///< name → api::Repository
inline constexpr std::string_view kTags = "ecr/tags";            ///< name → api::ListTagsForResourceOutput
inline constexpr std::string_view kPolicies = "ecr/policies";    ///< name → text
inline constexpr std::string_view kLifecycles = "ecr/lifecycles";  ///< name → api::GetLifecyclePolicyOutput
inline constexpr std::string_view kImages = "ecr/images";        ///< name\0digest → api::ImageDetail
inline constexpr std::string_view kManifests = "ecr/manifests";  ///< name\0digest → text

std::string image_row(std::string_view repository, std::string_view digest);

}  // namespace engine::ecr
