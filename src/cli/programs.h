// What was built with this program: the executables beside it, and the functions' packages.
#pragma once

#include <string>

namespace cli {

/// The folder this program stands in.
std::string programs_folder();

/// The path of the program `name` beside this one. Throws std::runtime_error when it isn't there.
std::string program(const std::string& name);

/// The path of the deployment package of the function `name`: a zip with the one file `bootstrap`,
/// made when the function was built, in ../package of this program's folder. Throws
/// std::runtime_error when it isn't there.
std::string package(const std::string& name);

}  // namespace cli
