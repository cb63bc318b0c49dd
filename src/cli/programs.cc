// What was built with this program: the executables beside it, and the functions' packages.
#include "cli/programs.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace cli {
namespace {

namespace fs = std::filesystem;

std::string existing(const fs::path& path, const char* what) {
  if (!fs::exists(path)) {
    throw std::runtime_error(
        fmt::format("the {} {} is missing: build it with `make build`", what, path.string()));
  }
  return path;
}

}  // namespace

std::string programs_folder() {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  return failed ? "." : self.parent_path().string();
}

std::string program(const std::string& name) {
  return existing(fs::path(programs_folder()) / name, "program");
}

std::string package(const std::string& name) {
  return existing(fs::path(programs_folder()).parent_path() / "package" / (name + ".zip"),
                  "package");
}

}  // namespace cli
