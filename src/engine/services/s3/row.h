// The catalog's rows of S3 as JSON text: objects, parts and uploads.
#pragma once

#include "engine/services/s3/s3.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::s3 {

/// Without the key: that is the row's.
std::string to_row(const ObjectInfo& object);
ObjectInfo object_of_row(std::string_view key, std::string_view row);

/// An uploaded part that belongs to no object yet.
struct UploadedPart {
  PartInfo info;
  std::string etag;
  Timestamp last_modified;
  std::string location;
};
std::string to_row(const UploadedPart& part);
UploadedPart part_of_row(std::string_view row);

/// A multipart upload on its way: what the object shall be, and how its checksum is made.
struct Upload {
  ObjectInfo draft;                     ///< last_modified is when the upload was begun
  std::string checksum_algorithm;       ///< "" when the client named none
  bool full_object = true;              ///< else the checksum is over the parts' checksums
};
std::string to_row(const Upload& upload);
Upload upload_of_row(std::string_view key, std::string_view row);

}  // namespace engine::s3
