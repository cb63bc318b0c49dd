// GetObjectAttributes.
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"

#include <algorithm>

namespace engine::s3 {
namespace {

api::GetObjectAttributesParts parts_of(const ObjectInfo& object,
                                       const api::GetObjectAttributesInput& input) {
  const auto most = std::clamp<std::int64_t>(input.MaxParts.value_or(1000), 0, 1000);
  const auto marker = input.PartNumberMarker.value_or(0);
  api::GetObjectAttributesParts parts;
  parts.TotalPartsCount = static_cast<std::int64_t>(object.parts.size());
  parts.PartNumberMarker = marker;
  parts.MaxParts = most;
  parts.IsTruncated = false;
  parts.Parts.emplace();
  for (const auto& part : object.parts) {
    if (part.number <= marker) continue;
    if (static_cast<std::int64_t>(parts.Parts->size()) == most) {
      parts.IsTruncated = true;
      break;
    }
    api::ObjectPart shape;
    shape.PartNumber = part.number;
    shape.Size = static_cast<std::int64_t>(part.size);
    set_checksums(shape, part.checksums);
    parts.NextPartNumberMarker = part.number;
    parts.Parts->push_back(std::move(shape));
  }
  return parts;
}

}  // namespace

api::GetObjectAttributesOutput get_object_attributes(S3& s3, Call&,
                                                     const api::GetObjectAttributesInput& input) {
  check_version(input.VersionId);
  const auto object = s3.object(input.Bucket, input.Key);
  const auto asked = [&](std::string_view name) {
    return std::find(input.ObjectAttributes.begin(), input.ObjectAttributes.end(), name) !=
           input.ObjectAttributes.end();
  };
  api::GetObjectAttributesOutput output;
  output.LastModified = object.last_modified;
  if (asked("ETag")) output.ETag = object.etag;
  if (asked("ObjectSize")) output.ObjectSize = static_cast<std::int64_t>(object.size);
  if (asked("StorageClass")) output.StorageClass = storage_class(object);
  if (asked("Checksum") && !object.checksums.empty()) {
    set_checksums(output.Checksum.emplace(), object.checksums);
    output.Checksum->ChecksumType = object.composite_checksum ? "COMPOSITE" : "FULL_OBJECT";
  }
  if (asked("ObjectParts") && !object.parts.empty()) output.ObjectParts = parts_of(object, input);
  return output;
}

}  // namespace engine::s3
