// Reading the lake: Parquet through DuckDB, JSON lines by ourselves.
#include "pipelines/preprocess/cleaned_rows.h"

#include "beer/cleaned.h"
#include "beer/features.h"
#include "lib/base/time_text.h"
#include "lib/duckdb/database.h"
#include "pipelines/archive.h"
#include "pipelines/files.h"
#include "pipelines/parallel.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kKeys = 4;
/// Less of Parquet is read sooner than a second thread has prepared its query.
constexpr std::uintmax_t kBytesWorthAThread = 1 << 20;

/// The table's columns that stand before the features and which we need, in the order of a query.
struct Names {
  std::array<std::string, kKeys> keys;
  std::vector<std::string> features;
};

/// The table ends with the four family keys, in the order of FamilyKeys, and the features.
const Names& names() {
  static const Names result = [] {
    Names found;
    const auto columns = beer::cleaned_columns();
    const std::size_t first = columns.size() - beer::features().size();
    for (std::size_t i = 0; i < kKeys; ++i) found.keys[i] = columns[first - kKeys + i].name;
    for (const auto& column : columns.subspan(first)) found.features.emplace_back(column.name);
    return found;
  }();
  return result;
}

void set_keys(CleanedRow& row, std::array<std::string, kKeys> keys) {
  row.keys = {std::move(keys[0]), std::move(keys[1]), std::move(keys[2]), std::move(keys[3])};
}

// Parquet ---------------------------------------------------------------------------------------

std::string parquet_query(std::span<const fs::path> files) {
  std::string sql =
      "SELECT CAST(id AS BIGINT), name, label, CAST(ibu AS DOUBLE), "
      "epoch_ms(CAST(arrived_at AS TIMESTAMP)), findings";
  for (const std::string& key : names().keys) sql += ", " + duck::quote_name(key);
  for (const std::string& feature : names().features) {
    sql += ", CAST(" + duck::quote_name(feature) + " AS DOUBLE)";
  }
  sql += " FROM read_parquet([";
  for (const fs::path& file : files) sql += duck::quote_text(file.string()) + ",";
  sql.back() = ']';
  return sql + ", union_by_name = true, hive_partitioning = false)";
}

void add_row(const duck::Result& result, CleanedRows& to) {
  const auto text = [&](std::size_t column) {
    return result[column].is_null() ? std::string() : std::string(result[column].bytes());
  };
  const auto real = [&](std::size_t column) {
    return result[column].is_null() ? kMissing : result[column].real();
  };
  CleanedRow& row = to.rows.emplace_back();
  row.id = result[0].is_null() ? 0 : result[0].integer();
  row.name = text(1);
  row.label = text(2);
  row.ibu = real(3);
  row.arrived_at = result[4].is_null() ? 0 : result[4].integer();
  row.findings = text(5);
  set_keys(row, {text(6), text(7), text(8), text(9)});
  for (std::size_t i = 0; i < names().features.size(); ++i) {
    to.features.push_back(static_cast<float>(real(6 + kKeys + i)));
  }
}

/// `files` in as many stretches as there are processors, of about as many bytes; one when there is
/// little to read.
std::vector<std::span<const fs::path>> stretches(std::span<const fs::path> files) {
  std::uintmax_t left = 0;
  for (const fs::path& file : files) left += fs::file_size(file);
  std::size_t count = left < kBytesWorthAThread ? 1 : processors();
  std::vector<std::span<const fs::path>> result;
  for (; count > 1; --count) {
    std::uintmax_t taken = 0;
    std::size_t end = 0;
    while (end < files.size() && taken < left / count) taken += fs::file_size(files[end++]);
    if (end > 0) result.push_back(files.first(end));
    files = files.subspan(end);
    left -= taken;
  }
  if (!files.empty()) result.push_back(files);
  return result;
}

void append(CleanedRows& to, CleanedRows&& from) {
  if (to.rows.empty()) {
    to = std::move(from);
    return;
  }
  to.rows.insert(to.rows.end(), std::move_iterator(from.rows.begin()),
                 std::move_iterator(from.rows.end()));
  to.features.insert(to.features.end(), from.features.begin(), from.features.end());
  from = {};
}

void read_parquet(const fs::path& folder, std::span<const fs::path> files, CleanedRows& rows) {
  duck::Database database({.allowed_directories = {fs::canonical(folder).string()}});
  const auto parts = stretches(files);
  std::vector<CleanedRows> read(parts.size());
  in_parallel(parts.size(), [&](std::size_t i) {
    duck::Connection connection(database);
    duck::Statement statement = connection.prepare(parquet_query(parts[i]));
    duck::Result result = statement.stream();
    while (result.next()) add_row(result, read[i]);
  });
  for (CleanedRows& part : read) append(rows, std::move(part));
}

// JSON lines ------------------------------------------------------------------------------------

const json::value& member(const json::object& object, const std::string& name) {
  const json::value* found = object.if_contains(name);
  if (!found) throw std::runtime_error(fmt::format("the column '{}' is missing", name));
  return *found;
}

std::string text_member(const json::object& object, const std::string& name) {
  const json::value& value = member(object, name);
  return value.is_string() ? std::string(value.as_string().c_str(), value.as_string().size())
                           : std::string();
}

double real_member(const json::object& object, const std::string& name) {
  const json::value& value = member(object, name);
  return value.is_number() ? value.to_number<double>() : kMissing;
}

/// "2026-01-02 03:04:05.678", in UTC.
std::int64_t time_of(std::string text) {
  const auto space = text.find(' ');
  if (space != std::string::npos) text[space] = 'T';
  const auto time = base::from_iso8601(text + "Z");
  if (!time) throw std::runtime_error(fmt::format("arrived_at is '{}', which is no time", text));
  return time->time_since_epoch().count();
}

void add_row(const json::object& object, CleanedRows& to) {
  CleanedRow row{.id = member(object, "id").to_number<std::int64_t>(),
                 .name = text_member(object, "name"),
                 .label = text_member(object, "label"),
                 .findings = text_member(object, "findings"),
                 .ibu = real_member(object, "ibu"),
                 .arrived_at = time_of(text_member(object, "arrived_at"))};
  const auto& keys = names().keys;
  set_keys(row, {text_member(object, keys[0]), text_member(object, keys[1]),
                 text_member(object, keys[2]), text_member(object, keys[3])});
  for (const std::string& feature : names().features) {
    to.features.push_back(static_cast<float>(real_member(object, feature)));
  }
  to.rows.push_back(std::move(row));
}

void read_json_lines(const fs::path& file, CleanedRows& rows) {
  const std::string text = read_maybe_gzip(file);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const json::string_view line(text.data() + begin, end - begin);
    ++number;
    begin = end + 1;
    if (line.find_first_not_of(" \t\r") == json::string_view::npos) continue;
    try {
      json::monotonic_resource memory;
      add_row(json::parse(line, &memory).as_object(), rows);
    } catch (const std::exception& error) {
      throw std::runtime_error(
          fmt::format("{}, line {}: {}.", file.string(), number, error.what()));
    }
  }
}

bool is_parquet(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, 4> magic{};
  in.read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "PAR1";
}

// The latest ------------------------------------------------------------------------------------

/// An order of what two records of one beer say; no more is asked of it than to be one.
int compare_contents(const CleanedRows& cleaned, std::uint32_t a, std::uint32_t b) {
  const CleanedRow& left = cleaned.rows[a];
  const CleanedRow& right = cleaned.rows[b];
  const auto said = [](const CleanedRow& row) {
    return std::tie(row.label, row.name, row.findings, row.keys.name_stem, row.keys.hop_bill, row.keys.malt_bill,
                    row.keys.six_values);
  };
  if (said(left) != said(right)) return said(left) < said(right) ? -1 : 1;
  const auto left_ibu = std::bit_cast<std::uint64_t>(left.ibu);
  const auto right_ibu = std::bit_cast<std::uint64_t>(right.ibu);
  if (left_ibu != right_ibu) return left_ibu < right_ibu ? -1 : 1;
  const auto numbers = cleaned.features_of(a);
  return std::memcmp(numbers.data(), cleaned.features_of(b).data(), numbers.size_bytes());
}

}  // namespace

std::span<const float> CleanedRows::features_of(std::size_t row) const {
  const std::size_t columns = names().features.size();
  return std::span(features).subspan(row * columns, columns);
}

std::vector<std::uint32_t> latest_by_id(const CleanedRows& cleaned) {
  std::vector<std::uint32_t> order(cleaned.rows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const CleanedRow& left = cleaned.rows[a];
    const CleanedRow& right = cleaned.rows[b];
    if (left.id != right.id) return left.id < right.id;
    if (left.arrived_at != right.arrived_at) return left.arrived_at > right.arrived_at;
    return compare_contents(cleaned, a, b) > 0;
  });
  const auto same_beer = [&](std::uint32_t a, std::uint32_t b) {
    return cleaned.rows[a].id == cleaned.rows[b].id;
  };
  order.erase(std::unique(order.begin(), order.end(), same_beer), order.end());
  return order;
}

CleanedRows read_cleaned(const fs::path& folder) {
  std::vector<fs::path> files = files_below(folder);
  const auto json_files = std::stable_partition(files.begin(), files.end(), is_parquet);
  CleanedRows rows;
  try {
    const std::span parquet(files.begin(), json_files);
    if (!parquet.empty()) read_parquet(folder, parquet, rows);
  } catch (const duck::Error& error) {
    throw std::runtime_error(
        fmt::format("The Parquet files in {} can't be read as the table cleaned: {}",
                    folder.string(), error.what()));
  }
  for (auto file = json_files; file != files.end(); ++file) read_json_lines(*file, rows);
  return rows;
}

}  // namespace pipelines
