// Beers multiplied by DuckDB, tables described to Glue.
#include "bench/query/lake.h"

#include "bench/scale/cleaned_parquet.h"
#include "lib/duckdb/database.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kBrewed = 50'000;

json::array columns() {
  json::array all;
  const auto add = [&](std::string_view name, std::string_view type) {
    all.push_back({{"Name", name}, {"Type", type}});
  };
  add("id", "bigint");
  add("name", "string");
  for (const auto name : {"abv", "ibu", "ebc", "ph"}) add(name, "double");
  return all;
}

json::object storage(std::string_view location) {
  return {
      {"Columns", columns()},
      {"Location", location},
      {"InputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"},
      {"OutputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"},
      {"SerdeInfo",
       {{"SerializationLibrary", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}}};
}

void create_table(aws::Client& client, std::string_view table, std::string_view location,
                  json::object parameters) {
  client.json("glue", "AWSGlue.CreateTable",
              {{"DatabaseName", kDatabase},
               {"TableInput",
                {{"Name", table},
                 {"TableType", "EXTERNAL_TABLE"},
                 {"Parameters", std::move(parameters)},
                 {"PartitionKeys", json::array{{{"Name", "day"}, {"Type", "int"}}}},
                 {"StorageDescriptor", storage(location)}}}});
}

// Registers partitions day=first and on, a hundred with a call.
template <class Location>
void register_days(aws::Client& client, std::string_view table, int count, Location&& location) {
  for (int day = 0; day < count;) {
    json::array inputs;
    for (; day < count && inputs.size() < 100; ++day) {
      inputs.push_back({{"Values", json::array{std::to_string(day)}},
                        {"StorageDescriptor", storage(location(day))}});
    }
    client.json("glue", "AWSGlue.BatchCreatePartition",
                {{"DatabaseName", kDatabase},
                 {"TableName", table},
                 {"PartitionInputList", std::move(inputs)}});
  }
}

std::string day_folder(std::string_view table, int day) { return fmt::format("{}/day={}/", table, day); }
std::string uri(const std::string& key) { return "s3://lake/" + key; }

}  // namespace

void write_days(const fs::path& folder, int days, std::uint64_t rows) {
  const fs::path seeds = folder / "_seeds";
  write_simulated(seeds, kBrewed, 7);
  duck::Database database({.memory_limit = "4GB", .threads = 2, .allowed_directories = {folder}});
  duck::Connection session(database);
  session.execute_all(fmt::format(
      "CREATE TABLE seeds AS SELECT row_number() OVER () AS n, name, abv, ibu, ebc, ph FROM "
      "read_parquet('{}/*.parquet')",
      seeds.string()));
  const std::uint64_t each = rows / static_cast<std::uint64_t>(days);
  for (int day = 0; day < days; ++day) {
    const fs::path place = folder / fmt::format("day={}", day);
    fs::create_directories(place);
    session.execute_all(fmt::format(
        "COPY (SELECT {0} + i AS id, name, round(abv + (i % 7) / 100, 2) AS abv, "
        "round(ibu + (({0} + i) % 11) / 10, 1) AS ibu, ebc, ph "
        "FROM (SELECT range AS i FROM range({1})) JOIN seeds ON n = 1 + (i * 31 + {2}) % {3} "
        "ORDER BY i) TO '{4}' (FORMAT parquet)",
        static_cast<std::uint64_t>(day) * each, each, day, kBrewed,
        (place / "beers.parquet").string()));
  }
  fs::remove_all(seeds);
}

void upload_days(aws::Client& client, const fs::path& folder, int days) {
  aws::S3 s3(client);
  s3.create_bucket("lake");
  client.json("glue", "AWSGlue.CreateDatabase", {{"DatabaseInput", {{"Name", kDatabase}}}});
  create_table(client, "beers", uri("beers/"), {});
  for (int day = 0; day < days; ++day) {
    s3.put_object("lake", day_folder("beers", day) + "beers.parquet",
                  http::Body(io::read_file(
                      (folder / fmt::format("day={}", day) / "beers.parquet").string())));
  }
  register_days(client, "beers", days, [](int day) { return uri(day_folder("beers", day)); });
}

void repeat_days(aws::Client& client, std::string_view table, int days, int times) {
  create_table(client, table, uri("beers/"), {});
  register_days(client, table, days * times,
                [&](int day) { return uri(day_folder("beers", day % days)); });
}

void make_many(aws::Client& client, std::string_view table, const fs::path& file, int count,
               bool projected) {
  const std::string bytes = io::read_file(file.string());
  for (int day = 0; day < count; ++day) {
    aws::S3(client).put_object("lake", day_folder(table, day) + "beers.parquet", http::Body(bytes));
  }
  json::object parameters;
  if (projected) {
    parameters = {{"projection.enabled", "true"},
                  {"projection.day.type", "integer"},
                  {"projection.day.range", fmt::format("0,{}", count - 1)}};
  }
  create_table(client, table, uri(fmt::format("{}/", table)), std::move(parameters));
  if (!projected) {
    register_days(client, table, count, [&](int day) { return uri(day_folder(table, day)); });
  }
}

}  // namespace bench
