// Unpacks for as long as reading takes.
#include "pipelines/evaluate/load_model.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/ids.h"
#include "pipelines/archive.h"
#include "pipelines/files.h"

#include <system_error>

namespace pipelines {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArchive = "model.tar.gz";

/// A folder that goes with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / ("beer-pipeline-" + base::Ids().hex(16))) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

Model load_model(const fs::path& folder) {
  if (!fs::exists(folder / kArchive)) return Model::load(folder);
  const TemporaryFolder unpacked;
  unpack_archive(folder / kArchive, unpacked.path());
  return Model::load(unpacked.path());
}

bool has_model(const fs::path& folder) {
  return fs::exists(folder / kArchive) || fs::exists(folder / "xgboost-model");
}

std::optional<std::string> digest_of_archive(const fs::path& folder) {
  if (!fs::exists(folder / kArchive)) return std::nullopt;
  return base::to_hex(base::sha256(read_file(folder / kArchive)));
}

}  // namespace pipelines
