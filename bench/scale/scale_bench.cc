// How the pipeline's three programs grow: seconds and memory of preprocess, train and evaluate,
// each a process of its own as on AWS, from the real catalogue to a million simulated beers.
//
//   scale_bench [beers...]            default: 10000 100000 1000000
//   scale_bench --write FOLDER beers  only writes the table `cleaned`, to look at one program
//   closer
//
// The real catalogue is measured first when its file is there (BEER_DATA_DIR, or ../shared/data).
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "bench/scale/cleaned_parquet.h"
#include "bench/scale/program.h"
#include "lib/io/temporary_folder.h"
#include "pipelines/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using bench::Run;

constexpr std::uint64_t kSeed = 11;
constexpr double kSecondsOfACatalogue = 1;
constexpr double kSecondsOfAMillion = 120;
constexpr double kMebibytesOfAMillion = 3 * 1024;
constexpr std::uint64_t kMillion = 1'000'000;

struct Runs {
  std::array<Run, 3> each;  ///< preprocess, train, evaluate
  double seconds() const { return each[0].seconds + each[1].seconds + each[2].seconds; }
  double mebibytes() const {
    return std::max({each[0].mebibytes, each[1].mebibytes, each[2].mebibytes});
  }
};

fs::path pipeline_program() { return fs::path(bench::programs_folder()) / "beer-pipeline"; }

/// What SageMaker does between two jobs. Links, since copies would measure the disk.
void hand_over(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::create_directories(to.parent_path());
  fs::create_directory_symlink(fs::absolute(from), to);
}

/// The three programs, one after the other, on the cleaned rows below `root`.
Runs run_pipeline(const fs::path& root) {
  const pipelines::Folders folders{root};
  pipelines::write_file(folders.hyperparameters(), "{}");
  Runs runs;
  runs.each[0] = bench::run_program(pipeline_program(), {"preprocess"}, root);
  hand_over(folders.processing("train"), folders.channel("train"));
  hand_over(folders.processing("rows"), folders.channel("rows"));
  runs.each[1] = bench::run_program(pipeline_program(), {"train"}, root);
  hand_over(folders.model(), folders.processing("model"));
  runs.each[2] = bench::run_program(pipeline_program(), {"evaluate"}, root);
  return runs;
}

/// The runs of the middle total of several.
Runs median_runs(const fs::path& root, int count) {
  std::vector<Runs> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all.push_back(run_pipeline(root));
  std::sort(all.begin(), all.end(),
            [](const Runs& a, const Runs& b) { return a.seconds() < b.seconds(); });
  return all[(all.size() - 1) / 2];
}

void print(const std::string& what, const Runs& runs) {
  constexpr std::array kNames{"preprocess", "train", "evaluate"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    bench::row(fmt::format("{}: {}, {:.0f} MiB at most", what, kNames[i], runs.each[i].mebibytes),
               runs.each[i].seconds, "s");
  }
}

void measure_catalogue() {
  const char* told = std::getenv("BEER_DATA_DIR");
  const fs::path file = fs::path(told ? told : "../shared/data") / "punk_api_beers.json";
  if (!fs::exists(file)) return bench::note(fmt::format("{} isn't there: left out", file.string()));
  const io::TemporaryFolder root(fs::current_path().string());
  bench::in_child(
      [&] { bench::write_catalogue(pipelines::Folders{root.path()}.processing("input"), file); });
  const Runs runs = median_runs(root.path(), std::max(bench::runs(), 3));
  print("real catalogue", runs);
  bench::row_below("real catalogue: all three", runs.seconds(), "s", kSecondsOfACatalogue);
}

/// Seconds that one beer takes, all three programs together.
double measure_simulated(std::uint64_t beers) {
  const io::TemporaryFolder root(fs::current_path().string());
  bench::in_child([&] {
    bench::write_simulated(pipelines::Folders{root.path()}.processing("input"), beers, kSeed);
  });
  const Runs runs = median_runs(root.path(), beers < kMillion ? bench::runs() : 1);
  const std::string what = fmt::format("{} simulated beers", beers);
  print(what, runs);
  if (beers == kMillion) {
    bench::row_below(what + ": all three", runs.seconds(), "s", kSecondsOfAMillion);
    bench::row_below(what + ": the most memory", runs.mebibytes(), "MiB", kMebibytesOfAMillion);
  } else {
    bench::row(what + ": all three", runs.seconds(), "s");
  }
  return runs.seconds() / static_cast<double>(beers);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--write") {
    if (const auto beers = std::strtoull(argv[3], nullptr, 10); beers > 0) {
      bench::write_simulated(argv[2], beers, kSeed);
    } else {
      bench::write_catalogue(argv[2], argv[3]);
    }
    return 0;
  }
  std::vector<std::uint64_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  if (sizes.empty()) sizes = {10'000, 100'000, kMillion};
  bench::title("the pipeline's three programs, default settings");
  if (argc == 1) measure_catalogue();
  std::optional<double> first;
  for (const std::uint64_t beers : sizes) {
    const double each = measure_simulated(beers);
    if (first) {
      bench::row_below(fmt::format("a beer of {} costs, beside one of {}", beers, sizes.front()),
                       each / *first, "times", 1);
    } else {
      first = each;
    }
  }
  return 0;
}
