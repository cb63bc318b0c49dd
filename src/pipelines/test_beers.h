// Beers and folders for the tests of the jobs.
#pragma once

#include "pipelines/files.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pipelines::testing {

/// An /opt/ml of its own that goes with the test.
class Root {
 public:
  Root();
  ~Root();
  Root(const Root&) = delete;
  const std::filesystem::path& path() const { return path_; }
  Folders folders() const { return {path_}; }

 private:
  std::filesystem::path path_;
};

/// Rows of the table cleaned, one JSON object a line, of simulated beers 1..count.
std::string simulated_rows(int count, std::uint64_t seed = 3);
/// The same of the real catalogue; nothing where the data isn't.
std::optional<std::string> real_rows();
/// The beers themselves, as JSON objects.
std::string simulated_beer(int id, std::uint64_t seed = 3);

/// What the pipeline does between two jobs: copies outputs to where the next job reads them.
void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to);
/// Packs a folder as SageMaker does with /opt/ml/model.
void pack_folder(const std::filesystem::path& folder, const std::filesystem::path& archive);

/// A file of gzipped bytes, as Firehose writes one.
void write_gzip(const std::filesystem::path& file, const std::string& bytes);

/// Runs preprocess and lays out the channels of train.
void preprocess_for_training(const Root& root, const std::string& rows, std::uint64_t seed = 7);
/// Writes hyperparameters.json.
void set_hyperparameters(const Root& root, const std::string& json);

}  // namespace pipelines::testing
