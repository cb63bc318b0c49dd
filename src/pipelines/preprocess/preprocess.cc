// The preprocessing job.
#include "pipelines/preprocess/preprocess.h"

#include "beer/features.h"
#include "beer/quality.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "pipelines/preprocess/cleaned_rows.h"
#include "pipelines/preprocess/statistics.h"
#include "pipelines/table.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

/// The latest record of each beer, by id. Of records that arrived together the last one read
/// counts.
std::vector<CleanedRow> latest_by_id(std::vector<CleanedRow> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const CleanedRow& a, const CleanedRow& b) {
    return std::pair(a.id, a.arrived_at) < std::pair(b.id, b.arrived_at);
  });
  std::vector<CleanedRow> latest;
  for (CleanedRow& row : rows) {
    if (!latest.empty() && latest.back().id == row.id) latest.pop_back();
    latest.push_back(std::move(row));
  }
  return latest;
}

std::vector<std::uint32_t> families_of(const std::vector<CleanedRow>& rows) {
  std::vector<beer::FamilyKeys> keys;
  keys.reserve(rows.size());
  for (const CleanedRow& row : rows) keys.push_back(row.keys);
  return beer::families(keys);
}

/// One side of the split, as a table and the keys of its rows.
struct Side {
  Table table;
  std::vector<RowKey> keys;
};

Side take(const std::vector<CleanedRow>& rows, const std::vector<std::uint32_t>& families,
          const std::vector<std::uint32_t>& indexes) {
  Side side;
  side.table.columns = beer::features().size();
  for (const std::uint32_t index : indexes) {
    const CleanedRow& row = rows[index];
    side.table.labels.push_back(static_cast<float>(row.ibu));
    side.table.values.insert(side.table.values.end(), row.features.begin(), row.features.end());
    side.keys.push_back({row.id, families[index], row.name});
  }
  return side;
}

void digest_side(base::Digest& digest, std::string_view name, const Side& side) {
  for (const RowKey& key : side.keys) {
    digest.update(fmt::format("{} {} {}\n", name, key.id, key.family));
  }
}

/// Which beer stands on which side, and in which family: SHA-256 over one line for each.
std::string split_digest(const Side& train, const Side& test) {
  base::Digest digest(base::Digest::Kind::kSha256);
  digest_side(digest, "train", train);
  digest_side(digest, "test", test);
  return base::to_hex(digest.finish());
}

std::string split_json(const Side& train, const Side& test,
                       const std::vector<std::uint32_t>& families,
                       const PreprocessOptions& options) {
  return json::serialize(json::object{
             {"digest", split_digest(train, test)},
             {"seed", options.seed},
             {"test_fraction", options.test_fraction},
             {"train_rows", train.table.rows()},
             {"test_rows", test.table.rows()},
             {"families", std::set<std::uint32_t>(families.begin(), families.end()).size()}}) +
         "\n";
}

std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (const beer::Feature& feature : beer::features()) names.emplace_back(feature.name);
  return names;
}

/// The rows in their order, in `parts` files of nearly equal length.
void write_parts(const std::filesystem::path& folder, const Table& table, std::size_t parts) {
  if (parts == 1) return write_file(folder / "train.csv", table.to_csv());
  if (parts > table.rows()) {
    throw std::runtime_error(
        fmt::format("{} rows can't be dealt to {} instances.", table.rows(), parts));
  }
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<std::uint32_t> rows(table.rows() * (part + 1) / parts -
                                    table.rows() * part / parts);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(table.rows() * part / parts));
    write_file(folder / fmt::format("train-{:04}.csv", part), table.pick_rows(rows).to_csv());
  }
}

}  // namespace

void preprocess(const Folders& folders, const PreprocessOptions& options, std::ostream& log) {
  auto rows = read_cleaned(folders.processing("input"));
  const std::size_t records = rows.size();
  rows = latest_by_id(std::move(rows));
  const std::size_t beers = rows.size();
  std::erase_if(rows, [](const CleanedRow& row) {
    return row.label != beer::to_string(beer::LabelStatus::kOk) || std::isnan(row.ibu);
  });
  log << fmt::format("{} records, {} different beers, {} with a label to learn from\n", records,
                     beers, rows.size());
  if (rows.size() < kMinimumBeers) {
    throw std::runtime_error(
        fmt::format("Only {} different beers with a usable IBU are there ({} records of {} beers), "
                    "at least {} are "
                    "needed to train: ingest more.",
                    rows.size(), records, beers, kMinimumBeers));
  }

  const auto families = families_of(rows);
  const beer::Split split = beer::grouped_split(families, options.test_fraction, options.seed);
  const Side train = take(rows, families, split.train);
  const Side test = take(rows, families, split.test);
  write_parts(folders.processing("train"), train.table, options.parts);
  write_file(folders.processing("test") / "test.csv", test.table.to_csv());
  write_file(folders.processing("rows") / "train_rows.csv", to_csv(train.keys));
  write_file(folders.processing("rows") / "test_rows.csv", to_csv(test.keys));
  write_file(folders.processing("rows") / "split.json", split_json(train, test, families, options));
  write_file(folders.processing("baseline") / "statistics.json",
             baseline_statistics(train.table, feature_names()));
  log << fmt::format("{} beers to train on, {} to judge on, no family on both sides\n",
                     train.table.rows(), test.table.rows());
}

}  // namespace pipelines
