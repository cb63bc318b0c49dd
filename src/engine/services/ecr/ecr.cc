// The rows of repositories and images.
#include "engine/services/ecr/ecr.h"

#include "engine/protocol/json.h"
#include "engine/services/ecr/errors.h"

#include <algorithm>

namespace engine::ecr {
namespace {

bool has_tag(const api::ImageDetail& image, std::string_view tag) {
  return image.imageTags &&
         std::find(image.imageTags->begin(), image.imageTags->end(), tag) != image.imageTags->end();
}

}  // namespace

std::string image_row(std::string_view repository, std::string_view digest) {
  std::string row(repository);
  row += '\0';
  return row.append(digest);
}

std::optional<api::Repository> Ecr::find_repository(std::string_view name) const {
  const auto row = context_.catalog.get(kRepositories, name);
  if (!row) return std::nullopt;
  return from_json<api::Repository>(*row);
}

api::Repository Ecr::repository(std::string_view name,
                                const std::optional<std::string>& registry) const {
  const auto& account = registry.value_or(context_.account);
  auto repository = find_repository(name);
  if (!repository || account != context_.account) throw no_such_repository(name, account);
  return std::move(*repository);
}

std::optional<std::string> Ecr::policy(std::string_view name) const { return context_.catalog.get(kPolicies, name); }

std::vector<api::ImageDetail> Ecr::images(std::string_view repository) const {
  std::vector<api::ImageDetail> images;
  for (const auto& row : context_.catalog.scan(kImages, image_row(repository, ""))) {
    images.push_back(from_json<api::ImageDetail>(row.value));
  }
  return images;
}

std::optional<api::ImageDetail> Ecr::find_image(std::string_view repository,
                                                const api::ImageIdentifier& id) const {
  for (auto& image : images(repository)) {
    if (id.imageDigest && image.imageDigest != id.imageDigest) continue;
    if (id.imageTag && !has_tag(image, *id.imageTag)) continue;
    return std::move(image);
  }
  return std::nullopt;
}

}  // namespace engine::ecr
