// The beers that came after a model was trained.
#include "pipelines/watch/newcomers.h"

#include "beer/features.h"
#include "beer/quality.h"
#include "pipelines/files.h"
#include "pipelines/preprocess/cleaned_rows.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::unordered_set<std::int64_t> known_beers(const fs::path& rows) {
  std::unordered_set<std::int64_t> known;
  for (const char* name : {"train_rows.csv", "test_rows.csv"}) {
    if (!fs::exists(rows / name)) continue;
    for (const RowKey& key : read_row_keys(rows / name)) known.insert(key.id);
  }
  return known;
}

/// A model of an earlier version of this program doesn't tell; then only the names count.
std::int64_t last_arrival(const fs::path& rows) {
  const fs::path file = rows / "arrivals.json";
  if (!fs::exists(file)) return std::numeric_limits<std::int64_t>::min();
  return json::parse(read_file(file)).at("last").to_number<std::int64_t>();
}

}  // namespace

std::string arrivals_json(std::int64_t last) {
  return json::serialize(json::object{{"last", last}}) + "\n";
}

Newcomers find_newcomers(const fs::path& input, const fs::path& rows, std::size_t window) {
  const CleanedRows cleaned = read_cleaned(input);
  const auto known = known_beers(rows);
  const std::int64_t last = last_arrival(rows);
  std::vector<std::uint32_t> fresh = latest_by_id(cleaned);
  std::erase_if(fresh, [&](std::uint32_t index) {
    const CleanedRow& row = cleaned.rows[index];
    return row.label != beer::to_string(beer::LabelStatus::kOk) || std::isnan(row.ibu) ||
           row.arrived_at <= last || known.contains(row.id);
  });
  std::sort(fresh.begin(), fresh.end(), [&](std::uint32_t a, std::uint32_t b) {
    const CleanedRow &left = cleaned.rows[a], &right = cleaned.rows[b];
    return left.arrived_at != right.arrived_at ? left.arrived_at < right.arrived_at
                                               : left.id < right.id;
  });
  Newcomers result;
  result.beers = fresh.size();
  if (fresh.size() > window) {
    fresh.erase(fresh.begin(), fresh.end() - static_cast<std::ptrdiff_t>(window));
  }
  result.table.columns = beer::features().size();
  for (const std::uint32_t index : fresh) {
    const auto values = cleaned.features_of(index);
    result.table.labels.push_back(static_cast<float>(cleaned.rows[index].ibu));
    result.table.values.insert(result.table.values.end(), values.begin(), values.end());
  }
  if (fresh.empty()) return result;
  result.since = cleaned.rows[fresh.front()].arrived_at;
  result.until = cleaned.rows[fresh.back()].arrived_at;
  return result;
}

}  // namespace pipelines
