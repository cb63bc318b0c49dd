// Parquet to rows, through DuckDB.
#include "lib/duckdb/database.h"
#include "pipelines/xgboost/error.h"
#include "pipelines/xgboost/rows.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>

namespace pipelines::xgboost {
namespace {

void add_row(const duck::Result& result, const std::string& name, Rows& rows) {
  const auto number = [&](std::size_t column) {
    return result[column].is_null() ? std::numeric_limits<double>::quiet_NaN()
                                    : result[column].real();
  };
  if (std::isnan(number(0))) throw UserError(fmt::format("{}: a label is missing", name));
  rows.labels.push_back(static_cast<float>(number(0)));
  for (std::size_t i = 0; i < rows.features.columns; ++i) {
    const auto value = static_cast<float>(number(i + 1));
    if (std::isnan(value)) continue;
    rows.features.places.push_back(static_cast<unsigned>(i));
    rows.features.values.push_back(value);
  }
  rows.features.starts.push_back(rows.features.values.size());
}

}  // namespace

void add_parquet(Rows& rows, const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  try {
    const std::string path = std::filesystem::canonical(file).string();
    duck::Database database({.allowed_paths = {path}});
    duck::Connection connection(database);
    duck::Statement statement = connection.prepare(
        fmt::format("SELECT CAST(COLUMNS(*) AS DOUBLE) FROM read_parquet({}, "
                    "hive_partitioning = false)",
                    duck::quote_text(path)));
    duck::Result result = statement.stream();
    const std::size_t columns = result.columns().size();
    if (columns < 2) throw UserError(fmt::format("{}: there is no feature", name));
    if (rows.count() == 0) rows.features.columns = columns - 1;
    if (rows.features.columns != columns - 1) {
      throw UserError(fmt::format("{}: {} columns where {} are expected", name, columns,
                                  rows.features.columns + 1));
    }
    while (result.next()) add_row(result, name, rows);
  } catch (const duck::Error& error) {
    throw UserError(
        fmt::format("Failed to load parquet data with exception: {}: {}", name, error.what()));
  }
}

}  // namespace pipelines::xgboost
