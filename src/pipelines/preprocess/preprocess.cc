// The preprocessing job.
#include "pipelines/preprocess/preprocess.h"

#include "beer/features.h"
#include "beer/quality.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "pipelines/preprocess/cleaned_rows.h"
#include "pipelines/preprocess/quality.h"
#include "pipelines/preprocess/statistics.h"
#include "pipelines/table.h"
#include "pipelines/watch/newcomers.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

bool teaches(const CleanedRow& row) {
  return row.label == beer::to_string(beer::LabelStatus::kOk) && !std::isnan(row.ibu);
}

std::int64_t last_arrival(const CleanedRows& cleaned) {
  std::int64_t last = 0;
  for (const CleanedRow& row : cleaned.rows) last = std::max(last, row.arrived_at);
  return last;
}

/// The beers a model may learn from or be judged on, by id. Row i of the table is rows[i].
struct Beers {
  std::vector<CleanedRow> rows;
  Table table;
  std::vector<std::uint32_t> families;

  std::size_t family_count() const {
    return families.empty() ? 0 : *std::max_element(families.begin(), families.end()) + 1U;
  }
};

/// Moves the rows `kept` to the front of the features, since a copy of a million costs 300 MB.
Table take_table(CleanedRows& cleaned, const std::vector<std::uint32_t>& kept) {
  Table table;
  table.columns = beer::features().size();
  table.labels.reserve(kept.size());
  for (const std::uint32_t row : kept) {
    table.labels.push_back(static_cast<float>(cleaned.rows[row].ibu));
  }
  if (std::is_sorted(kept.begin(), kept.end())) {
    auto to = cleaned.features.begin();
    for (const std::uint32_t row : kept) {
      const auto from = cleaned.features_of(row);
      to = std::copy(from.begin(), from.end(), to);
    }
    cleaned.features.erase(to, cleaned.features.end());
    table.values = std::move(cleaned.features);
    return table;
  }
  table.values.reserve(kept.size() * table.columns);
  for (const std::uint32_t row : kept) {
    const auto from = cleaned.features_of(row);
    table.values.insert(table.values.end(), from.begin(), from.end());
  }
  cleaned.features = {};
  return table;
}

std::vector<std::uint32_t> families_of(std::vector<CleanedRow>& rows) {
  std::vector<beer::FamilyKeys> keys;
  keys.reserve(rows.size());
  for (CleanedRow& row : rows) keys.push_back(std::move(row.keys));
  return beer::families(keys);
}

Beers take_beers(CleanedRows cleaned, const std::vector<std::uint32_t>& kept) {
  Beers beers;
  beers.table = take_table(cleaned, kept);
  beers.rows.reserve(kept.size());
  for (const std::uint32_t row : kept) beers.rows.push_back(std::move(cleaned.rows[row]));
  beers.families = families_of(beers.rows);
  return beers;
}

/// Which beer stands on which side, and in which family: SHA-256 over one line for each.
std::string split_digest(const Beers& beers, const beer::Split& split) {
  base::Digest digest(base::Digest::Kind::kSha256);
  const auto add = [&](std::string_view name, const std::vector<std::uint32_t>& side) {
    for (const std::uint32_t row : side) {
      digest.update(fmt::format("{} {} {}\n", name, beers.rows[row].id, beers.families[row]));
    }
  };
  add("train", split.train);
  add("test", split.test);
  return base::to_hex(digest.finish());
}

std::size_t largest_family(const Beers& beers) {
  std::vector<std::size_t> sizes(beers.family_count());
  for (const std::uint32_t family : beers.families) ++sizes[family];
  return *std::max_element(sizes.begin(), sizes.end());
}

std::string split_json(const Beers& beers, const beer::Split& split,
                       const PreprocessOptions& options) {
  return json::serialize(json::object{{"digest", split_digest(beers, split)},
                                      {"seed", options.seed},
                                      {"test_fraction", options.test_fraction},
                                      {"train_rows", split.train.size()},
                                      {"test_rows", split.test.size()},
                                      {"families", beers.family_count()},
                                      {"largest_family", largest_family(beers)}}) +
         "\n";
}

std::string keys_csv(const Beers& beers, const std::vector<std::uint32_t>& side) {
  std::vector<RowKey> keys;
  keys.reserve(side.size());
  for (const std::uint32_t row : side) {
    keys.push_back({beers.rows[row].id, beers.families[row], beers.rows[row].name});
  }
  return to_csv(keys);
}

std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (const beer::Feature& feature : beer::features()) names.emplace_back(feature.name);
  return names;
}

/// The rows in their order, in `parts` files of nearly equal length.
void write_parts(const std::filesystem::path& folder, const Table& table,
                 std::span<const std::uint32_t> rows, std::size_t parts) {
  if (parts == 1) return table.write_csv(folder / "train.csv", rows);
  if (parts > rows.size()) {
    throw std::runtime_error(
        fmt::format("{} rows can't be dealt to {} instances.", rows.size(), parts));
  }
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = rows.size() * part / parts;
    const std::size_t end = rows.size() * (part + 1) / parts;
    table.write_csv(folder / fmt::format("train-{:04}.csv", part),
                    rows.subspan(begin, end - begin));
  }
}

void write_outputs(const Folders& folders, const Beers& beers, const Findings& findings,
                   const beer::Split& split, const PreprocessOptions& options) {
  const std::filesystem::path rows = folders.processing("rows");
  const std::filesystem::path baseline = folders.processing("baseline");
  write_parts(folders.processing("train"), beers.table, split.train, options.parts);
  beers.table.write_csv(folders.processing("test") / "test.csv", split.test);
  write_file(rows / "train_rows.csv", keys_csv(beers, split.train));
  write_file(rows / "test_rows.csv", keys_csv(beers, split.test));
  write_file(rows / "split.json", split_json(beers, split, options));
  write_file(rows / "quality.json", quality_json(findings, beers.table, split.train));
  write_file(folders.processing("no_champion") / "none.txt", "No model is approved.\n");
  const auto names = feature_names();
  write_file(baseline / "statistics.json", baseline_statistics(beers.table, split.train, names));
  write_file(baseline / "constraints.json", baseline_constraints(beers.table, split.train, names));
}

}  // namespace

void preprocess(const Folders& folders, const PreprocessOptions& options, std::ostream& log) {
  CleanedRows cleaned = read_cleaned(folders.processing("input"));
  const std::size_t records = cleaned.rows.size();
  std::vector<std::uint32_t> kept = latest_by_id(cleaned);
  const std::size_t different = kept.size();
  const Findings findings = count_findings(cleaned, kept);
  const std::int64_t last = last_arrival(cleaned);
  std::erase_if(kept, [&](std::uint32_t row) { return !teaches(cleaned.rows[row]); });
  log << fmt::format("{} records, {} different beers, {} with a label to learn from\n", records,
                     different, kept.size());
  if (kept.size() < options.minimum_beers) {
    throw std::runtime_error(
        fmt::format("Only {} different beers with a usable IBU are there ({} records of {} beers), "
                    "at least {} are "
                    "needed to train: ingest more.",
                    kept.size(), records, different, options.minimum_beers));
  }
  const Beers beers = take_beers(std::move(cleaned), kept);
  std::vector<std::int64_t> ids;
  ids.reserve(beers.rows.size());
  for (const CleanedRow& row : beers.rows) ids.push_back(row.id);
  const beer::Split split =
      beer::grouped_split(beers.families, ids, options.test_fraction, options.seed);
  write_outputs(folders, beers, findings, split, options);
  write_file(folders.processing("rows") / "arrivals.json", arrivals_json(last));
  log << fmt::format("{} beers to train on, {} to judge on, no family on both sides\n",
                     split.train.size(), split.test.size());
}

}  // namespace pipelines
