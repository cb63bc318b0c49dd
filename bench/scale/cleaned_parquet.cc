// Beers to rows to Parquet: lines of JSON as the transformation writes them, converted by DuckDB as
// the delivery does.
#include "bench/scale/cleaned_parquet.h"

#include "beer/brewery/brewery.h"
#include "beer/cleaned.h"
#include "lib/duckdb/database.h"
#include "pipelines/files.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr base::Timestamp kArrived{std::chrono::seconds{1'767'225'600}};
constexpr std::uint64_t kRowsPerFile = 50'000;

std::string sql_type(std::string_view glue_type) {
  if (glue_type == "bigint") return "BIGINT";
  if (glue_type == "double") return "DOUBLE";
  if (glue_type == "timestamp") return "TIMESTAMP";
  return "VARCHAR";
}

/// Files of rows below one folder, each written as JSON lines first.
class ParquetFolder {
 public:
  explicit ParquetFolder(const fs::path& folder)
      : folder_(made(folder)),
        database_({.memory_limit = "4GB", .allowed_directories = {folder_}}) {
    for (const beer::Column& column : beer::cleaned_columns()) {
      types_ += fmt::format("{}{}: {}", types_.empty() ? "" : ", ",
                            duck::quote_text(std::string(column.name)),
                            duck::quote_text(sql_type(column.glue_type)));
    }
  }

  void add(std::string_view beer_json) {
    if (!lines_.is_open()) lines_.open(lines_path(), std::ios::binary | std::ios::trunc);
    lines_ << beer::clean(beer_json, kArrived).to_json() << '\n';
    if (++rows_ == kRowsPerFile) finish();
  }

  void finish() {
    if (rows_ == 0) return;
    lines_.close();
    duck::Connection(database_).execute_all(fmt::format(
        "COPY (SELECT * FROM read_json({}, format = 'newline_delimited', columns = {{{}}})) TO {} "
        "(FORMAT parquet)",
        duck::quote_text(lines_path().string()), types_,
        duck::quote_text((folder_ / fmt::format("cleaned-{:04}.parquet", files_++)).string())));
    fs::remove(lines_path());
    rows_ = 0;
  }

 private:
  static fs::path made(const fs::path& folder) {
    fs::create_directories(folder);
    return fs::canonical(folder);
  }
  fs::path lines_path() const { return folder_ / "_lines.json"; }

  fs::path folder_;
  duck::Database database_;
  std::string types_;
  std::ofstream lines_;
  std::uint64_t rows_ = 0;
  int files_ = 0;
};

}  // namespace

void write_simulated(const fs::path& folder, std::uint64_t count, std::uint64_t seed) {
  const beer::Brewery brewery(seed, count);
  ParquetFolder rows(folder);
  for (std::uint64_t id = 1; id <= count; ++id) rows.add(brewery.beer(id));
  rows.finish();
}

std::uint64_t write_catalogue(const fs::path& folder, const fs::path& catalogue) {
  const boost::json::value beers = boost::json::parse(pipelines::read_file(catalogue));
  ParquetFolder rows(folder);
  for (const auto& one : beers.as_array()) rows.add(boost::json::serialize(one));
  rows.finish();
  return beers.as_array().size();
}

}  // namespace bench
