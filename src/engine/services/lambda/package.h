// Deployment packages: a zip of strangers, unpacked where it can do no harm.
#pragma once

#include "lib/io/file_system.h"

#include <string>
#include <string_view>

namespace engine::lambda {

/// Base64 of the zip's SHA-256: what AWS calls CodeSha256.
std::string code_sha256(std::string_view zip);

/// Unpacks the zip into a new folder; it is there whole or not at all, also after a power loss, and is on the disk when
/// this returns: nothing else keeps a function's code. Throws AwsError for what isn't a
/// zip, is too large unpacked (250 MiB), or names places outside the folder.
void unpack(std::string_view zip, const std::string& directory, io::FileSystem& files = io::real_file_system());

}  // namespace engine::lambda
