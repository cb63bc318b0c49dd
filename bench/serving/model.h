// A trained model to serve, and what it is asked.
#pragma once

#include "lib/io/temporary_folder.h"
#include "pipelines/table.h"

#include <filesystem>
#include <string>

namespace bench {

/// The folders of a training job whose model is trained with the default settings: on the real
/// catalogue where it is there (BEER_DATA_DIR, or ../shared/data), else on as many simulated beers.
class TrainedModel {
 public:
  TrainedModel();
  std::filesystem::path root() const { return folder_.path(); }
  std::filesystem::path model() const { return root() / "model"; }
  bool is_real() const { return real_; }

  /// Rows of the whole feature list.
  const pipelines::Table& rows() const { return rows_; }
  /// Some of those rows as CSV without labels, `count` from `first` on, beginning again at the end.
  std::string csv(std::size_t first, std::size_t count) const;

 private:
  io::TemporaryFolder folder_{std::filesystem::current_path().string()};
  bool real_ = false;
  pipelines::Table rows_;
};

/// A simulated beer as the Punk API gives it.
std::string raw_beer(int number);

}  // namespace bench
