// The pipeline's programs, run once.
#include "bench/serving/model.h"

#include "beer/brewery/brewery.h"
#include "bench/load/engine.h"
#include "bench/scale/cleaned_parquet.h"
#include "bench/scale/program.h"
#include "pipelines/files.h"

#include <cstdlib>

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 11;
constexpr std::uint64_t kSimulated = 311;  // as many as the open catalogue has

}  // namespace

TrainedModel::TrainedModel() {
  const pipelines::Folders folders{root()};
  const char* told = std::getenv("BEER_DATA_DIR");
  const fs::path catalogue = fs::path(told ? told : "../shared/data") / "punk_api_beers.json";
  real_ = fs::exists(catalogue);
  in_child([&] {
    if (real_) {
      write_catalogue(folders.processing("input"), catalogue);
    } else {
      write_simulated(folders.processing("input"), kSimulated, kSeed);
    }
  });
  const fs::path program = fs::path(programs_folder()) / "beer-pipeline";
  pipelines::write_file(folders.hyperparameters(), "{}");
  run_program(program, {"preprocess"}, root());
  for (const char* channel : {"train", "rows"}) {
    fs::create_directories(folders.channel(channel).parent_path());
    fs::rename(folders.processing(channel), folders.channel(channel));
  }
  run_program(program, {"train"}, root());
  rows_ = pipelines::Table::read_channel(folders.channel("train"));
}

std::string TrainedModel::csv(std::size_t first, std::size_t count) const {
  std::string text;
  for (std::size_t i = first; i < first + count; ++i) {
    const auto row = rows_.row(i % rows_.rows());
    for (const float& value : row) {
      if (&value != row.data()) text += ',';
      pipelines::append_number(text, value);
    }
    text += '\n';
  }
  return text;
}

std::string raw_beer(int number) {
  return beer::Brewery(kSeed).beer(static_cast<std::uint64_t>(number));
}

}  // namespace bench
