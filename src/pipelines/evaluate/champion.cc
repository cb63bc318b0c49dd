// The champion is asked only for beers that neither model has learnt from.
#include "pipelines/evaluate/champion.h"

#include "beer/families.h"
#include "pipelines/evaluate/load_model.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <unordered_set>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;

/// The rows of both models' judges, and what is known of the champion.
struct Shared {
  Table table;
  std::vector<std::uint32_t> families;
  std::vector<double> challenger;
};

Shared pick(const TrainingData& test, std::span<const double> predictions,
            const std::vector<std::uint32_t>& rows) {
  Shared shared{test.table.pick_rows(rows), {}, {}};
  for (const std::uint32_t row : rows) {
    shared.families.push_back(test.families[row]);
    shared.challenger.push_back(predictions[row]);
  }
  return shared;
}

std::optional<double> out_of_fold_mae(const Model& model) {
  if (!model.calibrated()) return std::nullopt;
  const auto training = boost::json::parse(model.training());
  return training.at("cross_validation").at("mae").to_number<double>();
}

void compare(const Folders& folders, const TrainingData& test, std::span<const double> predictions,
             const ChampionOptions& options, ChampionReport& report) {
  const fs::path folder = folders.processing("champion");
  const Model model = load_model(folder);
  report.model_digest = digest_of_archive(folder);
  report.out_of_fold_mae = out_of_fold_mae(model);
  const auto keys = read_row_keys(folders.processing("rows") / "test_rows.csv");
  const auto rows =
      shared_rows(keys, read_row_keys(folders.processing("champion_rows") / "train_rows.csv"));
  const Shared shared = pick(test, predictions, rows);
  report.shared_rows = rows.size();
  report.shared_families = beer::count_families(shared.families);
  if (rows.size() < kFewestShared) {
    report.why_not = fmt::format(
        "only {} of the held-out beers are new to champion version {} too, and {} are the fewest "
        "that tell",
        rows.size(), options.version, kFewestShared);
    return;
  }
  const std::vector<double> champion = model.predict_ibu(shared.table);
  report.errors = errors_of(shared.table.labels, champion);
  report.difference =
      paired_difference(shared.table.labels, shared.challenger, champion, shared.families,
                        options.member, options.resamples, options.seed);
}

bool no_file(const fs::path& file) { return !fs::exists(file); }

}  // namespace

std::vector<std::uint32_t> shared_rows(std::span<const RowKey> keys,
                                       std::span<const RowKey> trained) {
  std::unordered_set<std::int64_t> learnt;
  for (const RowKey& row : trained) learnt.insert(row.id);
  // Numbers of families differ between executions, ids don't: a family is known to the champion
  // when one of its beers is.
  std::unordered_set<std::uint32_t> known;
  for (const RowKey& row : keys) {
    if (learnt.contains(row.id)) known.insert(row.family);
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < keys.size(); ++row) {
    if (!known.contains(keys[row].family)) rows.push_back(row);
  }
  return rows;
}

ChampionReport compare_with_champion(const Folders& folders, const TrainingData& test,
                                     std::span<const double> predictions,
                                     const ChampionOptions& options) {
  ChampionReport report;
  if (options.version.empty() || options.version == "none") {
    report.why_not = "no champion is approved yet";
    return report;
  }
  report.version = options.version;
  const fs::path rows = folders.processing("champion_rows") / "train_rows.csv";
  if (!has_model(folders.processing("champion")) || no_file(rows) ||
      no_file(folders.processing("rows") / "test_rows.csv")) {
    report.why_not = fmt::format(
        "champion version {} was registered without the model that was judged and the beers it "
        "learnt from",
        options.version);
    return report;
  }
  try {
    compare(folders, test, predictions, options, report);
  } catch (const std::exception& error) {
    report.why_not =
        fmt::format("champion version {} can't be asked ({})", options.version, error.what());
  }
  return report;
}

}  // namespace pipelines
