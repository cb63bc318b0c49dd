// A lake in a temporary folder and an Athena over it, for tests.
#pragma once

#include "engine/services/athena/athena.h"
#include "lib/base/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace engine::athena {

class AthenaTest : public ::testing::Test {
 protected:
  AthenaTest() {
    s3.create_bucket("lake");
    s3.create_bucket("results");
    glue.create_database({.Name = "beers"});
  }
  ~AthenaTest() override { std::filesystem::remove_all(folder); }

  void put(std::string_view key, std::string text) {
    s3.put_object("lake", key, http::Body(std::move(text)));
  }

  api::QueryExecution run(std::string sql, std::vector<std::string> parameters = {}) {
    api::StartQueryExecutionInput input{.QueryString = std::move(sql)};
    input.QueryExecutionContext = api::QueryExecutionContext{.Database = "beers"};
    input.ResultConfiguration = api::ResultConfiguration{.OutputLocation = "s3://results/out"};
    if (!parameters.empty()) input.ExecutionParameters = std::move(parameters);
    return athena.wait(athena.start(input));
  }
  std::string reason(std::string sql) {
    const auto execution = run(std::move(sql));
    return *execution.Status->State + " " + execution.Status->StateChangeReason.value_or("");
  }
  static std::string joined(const api::Row& row) {
    std::string text;
    for (const api::Datum& datum : *row.Data) {
      text += (text.empty() ? "" : "|") + datum.VarCharValue.value_or("NULL");
    }
    return text;
  }
  // The rows of a query, its header first; a failure's reason when it fails.
  std::vector<std::string> rows(std::string sql) {
    const auto execution = run(std::move(sql));
    if (execution.Status->State != "SUCCEEDED")
      return {execution.Status->StateChangeReason.value_or("?")};
    page = athena.results(*execution.QueryExecutionId, {}, 1000);
    std::vector<std::string> lines;
    for (const api::Row& row : page.rows) lines.push_back(joined(row));
    return lines;
  }
  std::vector<std::string> types() const {
    std::vector<std::string> names;
    for (const auto& column : page.columns) names.push_back(column.Type);
    return names;
  }
  std::string text_of(const std::string& uri) {
    const auto place = s3::parse_s3_uri(uri).value();
    return s3.body(s3.object(place.bucket, place.key)).string();
  }
  // Keys of the bucket "lake" under a prefix.
  std::vector<std::string> keys(std::string_view prefix) {
    std::vector<std::string> keys;
    for (const auto& object : s3.all_objects("lake", prefix)) keys.push_back(object.key);
    return keys;
  }
  void make_json_table() {
    put("json/a.json",
        R"({"id":1,"Name":"Buzz","abv":4.5,"malts":["Pale"],"at":"2026-01-02T03:04:05Z"})"
        "\n"
        R"({"id":2,"Name":"","abv":null,"malts":[]})"
        "\n");
    put("json/_SUCCESS", "not data");
    put("json/b", R"({"id":3,"Name":"He said \"hi\""})");
    EXPECT_THAT(
        reason("CREATE EXTERNAL TABLE ale (id int, name string, abv double, malts array<string>, "
               "`at` timestamp) "
               "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/json/'"),
        ::testing::StartsWith("SUCCEEDED"));
  }

  std::string folder =
      std::filesystem::temp_directory_path() / ("athena_test_" + base::Ids().hex(12));
  storage::Catalog catalog{(std::filesystem::create_directories(folder), folder)};
  storage::ObjectStore objects{catalog, folder + "/buckets", folder + "/scratch"};
  base::ManualClock clock;
  base::Ids ids{7};
  Context context{catalog, clock, ids, "123456789012", "us-east-1", folder};
  s3::S3 s3{context, objects};
  glue::Glue glue{context};
  Athena athena{context, glue, s3, {.spare_sessions = 0}};
  ResultPage page;
};

}  // namespace engine::athena
