// The executables beside this one: the functions and the pipeline's program.
#pragma once

#include <string>

namespace cli {

/// The folder this program stands in.
std::string programs_folder();

/// The path of the program `name` beside this one. Throws std::runtime_error when it isn't there.
std::string program(const std::string& name);

/// A deployment package for the runtime provided.al2023: a zip whose one file, `bootstrap`, is the
/// program at `path` with mode 0755. The same program gives the same bytes. Throws
/// std::runtime_error.
std::string package(const std::string& path);

}  // namespace cli
