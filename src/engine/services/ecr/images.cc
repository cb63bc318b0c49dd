// The records of images: manifests by digest, and the tags that point to them.
#include "engine/protocol/json.h"
#include "engine/services/ecr/errors.h"
#include "engine/services/ecr/operations.h"
#include "engine/services/ecr/paging.h"
#include "lib/base/digest.h"

#include <boost/json.hpp>

namespace engine::ecr {
namespace {

namespace json = boost::json;

json::object parse_manifest(std::string_view manifest) {
  boost::system::error_code error;
  auto parsed = json::parse(manifest, error);
  if (error || !parsed.is_object()) {
    throw invalid_parameter("'ImageManifest' failed to satisfy constraint: 'Invalid JSON'");
  }
  return std::move(parsed.as_object());
}

std::int64_t size_of(const json::value* descriptor) {
  const auto* object = descriptor ? descriptor->if_object() : nullptr;
  const auto* size = object ? object->if_contains("size") : nullptr;
  return size && size->is_int64() ? size->as_int64() : 0;
}

/// What the manifest says of the size of config and layers.
std::int64_t image_size(const json::object& manifest) {
  std::int64_t size = size_of(manifest.if_contains("config"));
  const auto* layers = manifest.if_contains("layers");
  if (layers && layers->is_array()) {
    for (const auto& layer : layers->as_array()) size += size_of(&layer);
  }
  return size;
}

std::string media_type(const json::object& manifest, const api::PutImageInput& input) {
  if (input.imageManifestMediaType) return *input.imageManifestMediaType;
  const auto* type = manifest.if_contains("mediaType");
  return type && type->is_string() ? std::string(type->as_string())
                                   : "application/vnd.docker.distribution.manifest.v2+json";
}

void put(storage::Batch& batch, const api::ImageDetail& image) {
  batch.put(kImages, image_row(*image.repositoryName, *image.imageDigest), to_json(image));
}

/// Takes the tag from the image that has it, if any other does.
void free_tag(Ecr& ecr, const api::Repository& repository, const std::string& tag,
              const std::string& digest, storage::Batch& batch) {
  auto holder = ecr.find_image(*repository.repositoryName, {.imageDigest = {}, .imageTag = tag});
  if (!holder) return;
  if (holder->imageDigest == digest) throw image_exists(digest, tag, *repository.repositoryName);
  // Deviation: exclusion filters of immutability are kept, not applied.
  if (repository.imageTagMutability != "MUTABLE") {
    throw tag_is_immutable(tag, *repository.repositoryName);
  }
  std::erase(*holder->imageTags, tag);
  put(batch, *holder);
}

bool wanted(const auto& filter, bool tagged) {
  if (!filter || !filter->tagStatus || *filter->tagStatus == "ANY") return true;
  return (*filter->tagStatus == "TAGGED") == tagged;
}

bool is_tagged(const api::ImageDetail& image) { return image.imageTags && !image.imageTags->empty(); }

}  // namespace

api::PutImageOutput put_image(Ecr& ecr, Call&, const api::PutImageInput& input) {
  const auto manifest = parse_manifest(input.imageManifest);
  const std::string digest = "sha256:" + base::to_hex(base::sha256(input.imageManifest));
  if (input.imageDigest && *input.imageDigest != digest) throw wrong_digest();

  const auto alone = ecr.lock();
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  storage::Batch batch;
  auto image = ecr.find_image(input.repositoryName, {.imageDigest = digest, .imageTag = {}});
  if (image && !input.imageTag) throw image_exists(digest, "", input.repositoryName);
  if (input.imageTag) free_tag(ecr, repository, *input.imageTag, digest, batch);
  if (!image) {
    image.emplace();
    image->registryId = repository.registryId;
    image->repositoryName = input.repositoryName;
    image->imageDigest = digest;
    image->imageManifestMediaType = media_type(manifest, input);
    image->imageSizeInBytes = image_size(manifest);
    image->imagePushedAt = std::chrono::floor<std::chrono::seconds>(ecr.context().clock.now());
    batch.put(kManifests, image_row(input.repositoryName, digest), input.imageManifest);
  }
  if (input.imageTag) {
    if (!image->imageTags) image->imageTags.emplace();
    image->imageTags->push_back(*input.imageTag);
  }
  put(batch, *image);
  ecr.context().catalog.commit(std::move(batch));

  api::Image answer;
  answer.registryId = repository.registryId;
  answer.repositoryName = input.repositoryName;
  answer.imageId = {.imageDigest = digest, .imageTag = input.imageTag};
  answer.imageManifest = input.imageManifest;
  answer.imageManifestMediaType = image->imageManifestMediaType;
  return {.image = std::move(answer)};
}

api::BatchGetImageOutput batch_get_image(Ecr& ecr, Call&, const api::BatchGetImageInput& input) {
  const auto repository = ecr.repository(input.repositoryName, input.registryId);
  api::BatchGetImageOutput output;
  output.images.emplace();
  output.failures.emplace();
  for (const auto& id : input.imageIds) {
    const auto found = ecr.find_image(input.repositoryName, id);
    if (!found) {
      output.failures->push_back({.imageId = id, .failureCode = "ImageNotFound",
                                  .failureReason = "Requested image not found"});
      continue;
    }
    api::Image image;
    image.registryId = repository.registryId;
    image.repositoryName = input.repositoryName;
    image.imageId = {.imageDigest = found->imageDigest, .imageTag = id.imageTag};
    image.imageManifest =
        ecr.context().catalog.get(kManifests, image_row(input.repositoryName, *found->imageDigest));
    image.imageManifestMediaType = found->imageManifestMediaType;
    output.images->push_back(std::move(image));
  }
  return output;
}

api::DescribeImagesOutput describe_images(Ecr& ecr, Call&, const api::DescribeImagesInput& input) {
  ecr.repository(input.repositoryName, input.registryId);
  api::DescribeImagesOutput output;
  output.imageDetails.emplace();
  if (input.imageIds) {
    for (const auto& id : *input.imageIds) {
      auto image = ecr.find_image(input.repositoryName, id);
      if (!image) {
        throw no_such_image(id.imageDigest.value_or(""), id.imageTag.value_or(""),
                            input.repositoryName, ecr.context().account);
      }
      output.imageDetails->push_back(std::move(*image));
    }
    return output;
  }
  auto images = ecr.images(input.repositoryName);
  std::erase_if(images, [&](const auto& image) { return !wanted(input.filter, is_tagged(image)); });
  output.imageDetails = page(std::move(images), input, output,
                             [](const api::ImageDetail& image) { return *image.imageDigest; });
  return output;
}

api::ListImagesOutput list_images(Ecr& ecr, Call&, const api::ListImagesInput& input) {
  ecr.repository(input.repositoryName, input.registryId);
  std::vector<api::ImageIdentifier> ids;
  for (const auto& image : ecr.images(input.repositoryName)) {
    if (!wanted(input.filter, is_tagged(image))) continue;
    if (!is_tagged(image)) ids.push_back({.imageDigest = image.imageDigest, .imageTag = {}});
    auto tags = image.imageTags.value_or(std::vector<std::string>());
    std::sort(tags.begin(), tags.end());
    for (const auto& tag : tags) ids.push_back({.imageDigest = image.imageDigest, .imageTag = tag});
  }
  api::ListImagesOutput output;
  output.imageIds = page(std::move(ids), input, output, [](const api::ImageIdentifier& id) {
    return *id.imageDigest + " " + id.imageTag.value_or("");
  });
  return output;
}

}  // namespace engine::ecr
