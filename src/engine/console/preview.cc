// Rows of a Parquet file as JSON, read by DuckDB.
#include "engine/console/preview.h"

#include "engine/protocol/error.h"
#include "lib/duckdb/database.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace engine::console {

namespace json = boost::json;

std::string preview_parquet(const s3::S3& s3, std::string_view bucket, std::string_view key, std::uint64_t limit) {
  const std::string path = s3.path(s3.object(bucket, key));
  try {
    duck::Database database({.memory_limit = "256MB", .allowed_paths = {path}});
    duck::Connection connection(database);
    json::object answer;
    answer["rows"] =
        std::stoll(connection.value("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata($1)", {path}).value());
    json::array columns;
    for (auto described = connection.query("DESCRIBE SELECT * FROM read_parquet($1)", {path}); described.next();) {
      columns.push_back(json::object{{"name", described[0].text()}, {"type", described[1].text()}});
    }
    json::array values;
    // As text by DuckDB itself, whatever the types are.
    auto rows = connection.query(
        fmt::format("SELECT COLUMNS(*)::VARCHAR FROM (SELECT * FROM read_parquet($1) LIMIT {})",
                    std::min(limit, kMostRows)),
        {path});
    while (rows.next()) {
      json::array row;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        row.push_back(rows[i].is_null() ? json::value(nullptr) : json::value(rows[i].text()));
      }
      values.push_back(std::move(row));
    }
    answer["columns"] = std::move(columns);
    answer["values"] = std::move(values);
    return json::serialize(answer);
  } catch (const duck::Error& error) {
    throw AwsError("InvalidRequest", fmt::format("s3://{}/{}: {}", bucket, key, error.what()), 400);
  }
}

}  // namespace engine::console
