// Records are read in C++ (so that each misfit is known by name), DuckDB writes the columns.
#include "engine/sql/parquet.h"

#include "lib/base/ids.h"
#include "lib/duckdb/database.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace engine::sql::parquet {
namespace {

std::string scratch_path(const std::string& folder, std::string_view extension) {
  static base::Ids ids;
  return fmt::format("{}/convert-{}.{}", folder, ids.hex(16), extension);
}

// A file that goes with its scope.
struct TemporaryFile {
  std::string path;
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
};

/// The records that fit, one after another, as DuckDB asks for them.
class Rows final : public duck::RowSource {
 public:
  Rows(const std::vector<std::string_view>& records, JsonRow& row, Converted& converted)
      : records_(records), row_(row), converted_(converted) {}

  bool next(std::vector<duck::Vector>& columns, std::uint64_t row) override {
    for (; next_ < records_.size(); ++next_) {
      auto reason = row_.write(records_[next_], columns, row);
      if (!reason) {
        ++next_;
        ++converted_.rows;
        return true;
      }
      converted_.misfits.push_back({next_, std::move(*reason)});
    }
    return false;
  }

 private:
  const std::vector<std::string_view>& records_;
  JsonRow& row_;
  Converted& converted_;
  std::size_t next_ = 0;
};

}  // namespace

Converted from_json_lines(const std::vector<std::string_view>& records,
                          const std::vector<Column>& columns, const Options& options) {
  JsonRow row(columns, options.keys);
  Converted converted;
  Rows rows(records, row, converted);
  TemporaryFile target{scratch_path(options.scratch, "parquet")};
  duck::Database database({.temp_directory = options.scratch,
                           .memory_limit = "512MB",
                           .allowed_directories = {options.scratch}});
  duck::Connection connection(database);
  connection.add_table("records", row.columns(), rows);
  connection.query(fmt::format("COPY (SELECT * FROM records()) TO {} (FORMAT parquet, COMPRESSION {})",
                               duck::quote_text(target.path), options.compression));
  if (converted.rows == 0) return converted;
  const std::string path = std::exchange(target.path, {});
  converted.file = http::Body::spooled(path, std::filesystem::file_size(path));
  return converted;
}

std::uint64_t count_rows(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  duck::Database database({.allowed_directories = {folder.empty() ? "." : folder}});
  duck::Connection connection(database);
  return std::stoull(
      connection.value("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata($1)", {path})
          .value());
}

}  // namespace engine::sql::parquet
