// The data folder.
//
//   version      the number below, and a line end
//   lock         held with flock by the engine that runs on the folder
//   endpoint     the URL it listens on
//   runs/        not the engine's: other data folders
//   credentials, catalog.sqlite, buckets/, streams/, functions/, …  see docs/formats/
#include "engine/data_folder.h"

#include "engine/engine.h"
#include "lib/base/encoding.h"
#include "lib/io/file_system.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersion = "1";

std::string read_line(const std::string& path) {
  return fs::exists(path) ? std::string(base::trim(io::read_file(path))) : std::string();
}

/// A folder with files in it but no version of ours is somebody's own, and stays as it is. The lock, and a version that
/// was being written when the machine stopped, are no more than a first start that did not end.
bool is_as_good_as_empty(const std::string& path) {
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name != "lock" && name != kRunsFolder && !name.starts_with("version.")) return false;
  }
  return true;
}

}  // namespace

DataFolder::DataFolder(const std::string& path) : path_(fs::absolute(path).lexically_normal().string()) {
  if (path_.ends_with('/')) path_.pop_back();
  try {
    const bool made = !fs::exists(path_);
    io::make_folders_durably(io::real_file_system(), path_);
    // Keys and everybody's data are in it. One that was there already stays as open as its owner has it.
    if (made) fs::permissions(path_, fs::perms::owner_all);
  } catch (const std::system_error& error) {
    throw std::runtime_error(fmt::format("cannot make the data folder {}: {}", path_, error.code().message()));
  }
  const std::string version_file = path_ + "/version";
  const std::string version = read_line(version_file);
  if (version.empty() && !is_as_good_as_empty(path_)) {
    throw std::runtime_error(fmt::format("{} has files in it and is not an engine's data folder: choose another with "
                                         "--data", path_));
  }
  if (!version.empty() && version != kVersion) {
    throw std::runtime_error(fmt::format("the data folder {} has version {}, this engine reads version {}: use the "
                                         "engine that wrote it, or another folder", path_, version, kVersion));
  }
  auto lock = io::lock_file(path_ + "/lock");
  if (!lock) throw std::runtime_error(fmt::format("another engine runs on the data folder {}", path_));
  lock_ = std::move(*lock);
  if (version.empty()) io::write_file_atomically(version_file, fmt::format("{}\n", kVersion));
  fs::remove_all(path_ + "/scratch/spool");
  fs::create_directories(path_ + "/scratch/spool");
}

void DataFolder::write_endpoint(const std::string& url) const {
  io::write_file_atomically(path_ + "/endpoint", url + "\n");
}

void DataFolder::clear() const {
  for (const auto& entry : fs::directory_iterator(path_)) {
    const auto name = entry.path().filename();
    const bool stays = name == "credentials" || name == "lock" || name == "version" || name == "endpoint" ||
                       name == kRunsFolder;
    if (!stays) fs::remove_all(entry.path());
  }
  fs::create_directories(path_ + "/scratch/spool");
}

std::string engine_url(const std::string& data) { return read_line(data + "/endpoint"); }

}  // namespace engine
