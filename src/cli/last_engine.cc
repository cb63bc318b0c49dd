// Looks for the folder that was used last.
#include "cli/last_engine.h"

#include "cli/local_engine.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace cli {
namespace {

namespace fs = std::filesystem;

/// When an engine started there: it leaves where it listens, in a file of its own.
fs::file_time_type started(const fs::path& data) {
  std::error_code failed;
  const auto time = fs::last_write_time(data / "endpoint", failed);
  return failed ? fs::file_time_type::min() : time;
}

std::vector<fs::path> data_folders(const fs::path& data) {
  std::vector<fs::path> folders{data};
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(data / "runs", failed)) {
    folders.push_back(entry.path());
  }
  return folders;
}

/// The session of an engine that runs, or nothing: then its folder is free to be opened.
std::unique_ptr<Session> find_running(const Common& common) {
  if (engine::engine_url(common.data).empty()) return nullptr;
  try {
    return std::make_unique<Session>(common);
  } catch (const std::runtime_error&) {
    return nullptr;  // where it listened nobody does, or somebody else
  }
}

}  // namespace

std::string last_data_folder(const std::string& data) {
  fs::path last;
  auto when = fs::file_time_type::min();
  for (const fs::path& folder : data_folders(data)) {
    if (const auto time = started(folder); time > when) {
      when = time;
      last = folder;
    }
  }
  return last.string();
}

Reached reach_system(const Common& common) {
  if (std::getenv("AWS_ENDPOINT_URL") != nullptr) {
    return {nullptr, std::make_unique<Session>(common)};
  }
  if (auto running = find_running(common)) return {nullptr, std::move(running)};
  const std::string folder = last_data_folder(common.data);
  if (folder.empty()) return {nullptr, std::make_unique<Session>(common)};
  if (auto running = find_running({folder, common.spec})) return {nullptr, std::move(running)};
  Spec spec = read_spec(common.spec);
  const engine::EngineOptions options = engine_options(spec, folder, 1);
  Reached reached;
  reached.engine = std::make_unique<engine::Engine>(options);
  reached.session =
      std::make_unique<Session>(config_for(*reached.engine, options), std::move(spec));
  return reached;
}

}  // namespace cli
