// Whole files, and the folders a SageMaker container finds its work in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// Throws std::runtime_error with a sentence that names the path.
std::string read_file(const std::filesystem::path& path);
/// Replaces the file, making its folder. Throws as read_file does.
void write_file(const std::filesystem::path& path, std::string_view bytes);
/// Every regular file below `folder`, by path in byte order; none when there is no such folder.
/// Names that begin with '.' or '_' are left out, as query engines do.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

/// The folders of SageMaker's container contract below one root: /opt/ml, or SM_ML_ROOT where a
/// process can't have an /opt/ml of its own.
struct Folders {
  std::filesystem::path root = "/opt/ml";

  static Folders from_environment();

  std::filesystem::path processing(std::string_view name) const {
    return root / "processing" / name;
  }
  std::filesystem::path channel(std::string_view name) const {
    return root / "input" / "data" / name;
  }
  std::filesystem::path hyperparameters() const {
    return root / "input" / "config" / "hyperparameters.json";
  }
  std::filesystem::path model() const { return root / "model"; }
  /// Where a training job says why it failed; SageMaker shows the first 1,024 characters.
  std::filesystem::path failure() const { return root / "output" / "failure"; }
  /// The same for a processing job, of at most 1,024 bytes.
  std::filesystem::path message() const { return root / "output" / "message"; }
};

}  // namespace pipelines
