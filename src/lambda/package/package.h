// A Lambda deployment package: what AWS and the engine are given of a function.
#pragma once

#include <string>

namespace lambda_package {

/// A zip for the runtime provided.al2023: its one file, `bootstrap`, is the program at `path` with
/// mode 0755, deflated. Neither the program's time nor its owner is kept, so the same program gives
/// the same bytes on every machine with the same zlib. Throws std::runtime_error that names `path`.
std::string package(const std::string& path);

}  // namespace lambda_package
