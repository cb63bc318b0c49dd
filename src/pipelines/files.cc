// Whole files and SageMaker's folders.
#include "pipelines/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace pipelines {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("Cannot read {}.", path.string()));
  std::string bytes;
  // What a pipe holds isn't known before it ends, so the size of a file is no more than a hint.
  std::error_code unknown;
  if (const auto size = fs::file_size(path, unknown); !unknown) bytes.reserve(size);
  std::array<char, 1 << 16> block;
  do {
    in.read(block.data(), block.size());
    bytes.append(block.data(), static_cast<std::size_t>(in.gcount()));
  } while (in);
  if (in.bad()) throw std::runtime_error(fmt::format("Cannot read {}.", path.string()));
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw std::runtime_error(fmt::format("Cannot write {}.", path.string()));
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const char first = entry.path().filename().string().front();
    if (entry.is_regular_file() && first != '.' && first != '_') found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Folders Folders::from_environment() {
  const char* root = std::getenv("SM_ML_ROOT");
  return root && *root ? Folders{root} : Folders{};
}

}  // namespace pipelines
