// Packed files as they come from S3: model.tar.gz, and objects that may be gzipped.
#pragma once

#include <filesystem>
#include <string>

namespace pipelines {

/// Unpacks a .tar or .tar.gz below `folder`, which is made. Entries that would land outside of it,
/// links and devices are refused with std::runtime_error, as is a file that isn't an archive.
void unpack_archive(const std::filesystem::path& archive, const std::filesystem::path& folder);

/// The bytes of a file, unpacked when they are gzip. Throws std::runtime_error with the path.
std::string read_maybe_gzip(const std::filesystem::path& path);

}  // namespace pipelines
