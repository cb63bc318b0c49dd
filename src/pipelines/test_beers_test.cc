// Beers and folders for the tests of the jobs. Named as a test so that only tests link it.
#include "pipelines/test_beers.h"

#include "beer/brewery/brewery.h"
#include "beer/cleaned.h"
#include "lib/base/ids.h"
#include "pipelines/preprocess/preprocess.h"
#include "test_places.h"

#include <archive.h>
#include <archive_entry.h>
#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

namespace pipelines::testing {
namespace {

namespace fs = std::filesystem;
constexpr base::Timestamp kArrived{std::chrono::seconds{1'767'225'600}};

}  // namespace

Root::Root() : path_(fs::temp_directory_path() / ("pipelines_test_" + base::Ids().hex(12))) {
  fs::create_directories(path_);
}

Root::~Root() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string simulated_beer(int id, std::uint64_t seed) {
  return beer::Brewery(seed).beer(static_cast<std::uint64_t>(id));
}

std::string simulated_rows(int count, std::uint64_t seed) {
  const beer::Brewery brewery(seed);
  std::string text;
  for (int id = 1; id <= count; ++id) {
    text += beer::clean(brewery.beer(static_cast<std::uint64_t>(id)), kArrived).to_json() + "\n";
  }
  return text;
}

std::optional<std::string> real_rows() {
  const char* set = std::getenv("BEER_DATA_DIR");
  const fs::path folder =
      set ? fs::path(set) : fs::path(BEER_SOURCE_DIR) / ".." / "shared" / "data";
  const fs::path file = folder / "punk_api_beers.json";
  if (!fs::exists(file)) return std::nullopt;
  std::string text;
  const boost::json::value beers = boost::json::parse(read_file(file));
  for (const auto& one : beers.as_array()) {
    text += beer::clean(boost::json::serialize(one), kArrived).to_json() + "\n";
  }
  return text;
}

void copy_folder(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void pack_folder(const fs::path& folder, const fs::path& path) {
  fs::create_directories(path.parent_path());
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr);  // or the time is packed
  archive_write_set_format_ustar(writer);
  archive_write_open_filename(writer, path.c_str());
  for (const fs::path& file : files_below(folder)) {
    const std::string bytes = read_file(file);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, fs::relative(file, folder).c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
}

void write_gzip(const fs::path& path, const std::string& bytes) {
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_raw(writer);
  archive_write_open_filename(writer, path.c_str());
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, bytes.data(), bytes.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
}

void preprocess_for_training(const Root& root, const std::string& rows, std::uint64_t seed) {
  const Folders folders = root.folders();
  write_file(folders.processing("input") / "rows.json", rows);
  std::ostringstream log;
  preprocess(folders, {.seed = seed}, log);
  copy_folder(folders.processing("train"), folders.channel("train"));
  copy_folder(folders.processing("rows"), folders.channel("rows"));
}

void set_hyperparameters(const Root& root, const std::string& json) {
  write_file(root.folders().hyperparameters(), json);
}

}  // namespace pipelines::testing
