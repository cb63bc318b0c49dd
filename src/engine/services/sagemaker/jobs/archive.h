// model.tar.gz: the same folder gives the same bytes.
#pragma once

#include <string>

namespace engine::sagemaker {

/// Packs the regular files below `folder` into a .tar.gz: sorted by name, with no times and no
/// owners. Links and other special files are left out. Throws std::runtime_error.
void pack_folder(const std::string& folder, const std::string& archive);

/// Unpacks a .tar or .tar.gz below `folder`, which is made. An entry that would land elsewhere, or
/// a file that isn't an archive, throws std::runtime_error; links and devices are left out.
void unpack_into(const std::string& archive, const std::string& folder);

/// Writes what is in the gzip file `from`, of one member or several, to `to`. Throws
/// std::runtime_error when it isn't gzip or is damaged.
void gunzip_file(const std::string& from, const std::string& to);

}  // namespace engine::sagemaker
