// Finds and opens libduckdb.so. dlopen saves 7 ms and 11 MB in every process that never queries.
#include "lib/duckdb/library.h"

#include "lib/duckdb/database.h"

#include <dlfcn.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace duck {
namespace {

std::vector<std::string> candidates() {
  if (const char* chosen = std::getenv("BEER_DUCKDB_LIBRARY"); chosen && *chosen) return {chosen};
  std::vector<std::string> paths;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const auto folder = self.parent_path();
    paths.push_back(folder / "libduckdb.so");
    paths.push_back(folder.parent_path() / "lib" / "libduckdb.so");
  }
  return paths;
}

void* open_library() {
  const auto paths = candidates();
  for (const std::string& path : paths) {
    if (!std::filesystem::exists(path)) continue;
    if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    throw Error(fmt::format("DuckDB's library could not be opened: {}", ::dlerror()));
  }
  throw Error(fmt::format(
      "DuckDB's library was not found (looked for {}). Run `make setup`, or name the file in "
      "BEER_DUCKDB_LIBRARY.",
      fmt::join(paths, ", ")));
}

template <class Function>
void resolve(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) throw Error(fmt::format("DuckDB's library lacks the function {}", name));
}

Library load() {
  void* handle = open_library();
  Library functions;
#define DUCK_RESOLVE(name) resolve(handle, #name, functions.name);
  DUCK_FUNCTIONS(DUCK_RESOLVE)
#undef DUCK_RESOLVE
  return functions;
}

}  // namespace

const Library& library() {
  // A load that throws is tried again by the next caller.
  static const Library loaded = load();
  return loaded;
}

}  // namespace duck
