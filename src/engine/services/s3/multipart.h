// What the operations of multipart uploads share: rows of uploads and parts, and their checksums.
#pragma once

#include "engine/services/s3/objects.h"

namespace engine::s3 {

/// Throws NoSuchUpload.
Upload find_upload(const S3::Impl& impl, std::string_view bucket, std::string_view key,
                   std::string_view id);

std::string upload_row(std::string_view bucket, std::string_view key, std::string_view id);
/// "id/00001": parts stand in their order.
std::string part_row(std::string_view upload, std::int64_t number);
/// The parts behind `after`, in order.
std::vector<UploadedPart> uploaded_parts(const S3::Impl& impl, std::string_view upload,
                                         std::int64_t after = 0, std::size_t limit = SIZE_MAX);

/// Adds to the batch what makes an upload and its parts vanish.
void remove_upload(const S3::Impl& impl, std::string_view bucket, std::string_view key,
                   std::string_view id, storage::Batch& batch);

/// The algorithm an upload's checksum is made by.
std::string algorithm_of(const Upload& upload);

}  // namespace engine::s3
