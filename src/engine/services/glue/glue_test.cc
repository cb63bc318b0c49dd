// The Data Catalog: what is put comes back, names fold, partitions filter.
#include "engine/services/glue/glue.h"

#include "engine/protocol/json.h"
#include "engine/services/glue/api.h"
#include "engine/services/glue/operations.h"
#include "engine/services/glue/partition_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace engine::glue {
namespace {

using ::testing::ElementsAre;

class GlueTest : public ::testing::Test {
 protected:
  GlueTest() { std::filesystem::create_directories(folder); }
  ~GlueTest() override { std::filesystem::remove_all(folder); }

  void make_table() {
    glue.create_database({.Name = "Lake"});
    glue.create_table(
        "lake", {.Name = "Beers",
                 .StorageDescriptor =
                     api::StorageDescriptor{
                         .Columns = std::vector<api::Column>{{.Name = "id", .Type = "int"}},
                         .Location = "s3://lake/beers/"},
                 .PartitionKeys = std::vector<api::Column>{{.Name = "year", .Type = "int"},
                                                           {.Name = "month", .Type = "string"}},
                 .Parameters = std::map<std::string, std::string>{{"classification", "json"}}});
  }
  void make_partition(std::string year, std::string month) {
    glue.create_partition("lake", "beers", {.Values = std::vector<std::string>{year, month}});
  }
  std::vector<std::string> found(std::string_view expression) {
    std::vector<std::string> names;
    for (const auto& partition : glue.partitions("lake", "beers", expression)) {
      names.push_back((*partition.Values)[0] + "/" + (*partition.Values)[1]);
    }
    return names;
  }
  template <class F>
  std::string code_of(F&& run) {
    try {
      run();
    } catch (const AwsError& error) {
      return error.code;
    }
    return "";
  }

  std::string folder =
      std::filesystem::temp_directory_path() / ("glue_test_" + base::Ids().hex(12));
  storage::Catalog catalog{(std::filesystem::create_directories(folder), folder)};
  base::ManualClock clock;
  base::Ids ids{1};
  Context context{catalog, clock, ids};
  Glue glue{context};
  http::Request request;
  Call call{request};
};

TEST_F(GlueTest, GivesATableBackAsItWasSent) {
  make_table();
  const api::Table table = glue.table("LAKE", "BEERS");
  EXPECT_EQ(table.Name, "beers");
  EXPECT_EQ(table.DatabaseName, "lake");
  EXPECT_EQ(table.StorageDescriptor->Location, "s3://lake/beers/");
  EXPECT_EQ((*table.PartitionKeys)[1].Name, "month");
  EXPECT_EQ(table.Parameters->at("classification"), "json");
  EXPECT_EQ(table.VersionId, "0");
  EXPECT_EQ(table.CreateTime, clock.now());
}

TEST_F(GlueTest, UpdatingATableKeepsItsFormerVersion) {
  make_table();
  glue.update_table("lake", {.Name = "beers", .Description = "second"});
  glue.update_table("lake", {.Name = "beers", .Description = "third"}, true);
  const auto versions = glue.table_versions("lake", "beers");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].VersionId, "2");
  EXPECT_EQ(versions[0].Table->Description, "third");
  EXPECT_EQ(versions[1].VersionId, "0");
  EXPECT_EQ(get_table_version(glue, call, {.DatabaseName = "lake", .TableName = "beers"})
                .TableVersion->VersionId,
            "2");
}

TEST_F(GlueTest, NamesWhatIsMissingOrThereAlready) {
  EXPECT_EQ(code_of([&] { glue.database("lake"); }), "EntityNotFoundException");
  EXPECT_EQ(code_of([&] { glue.tables("lake"); }), "EntityNotFoundException");
  make_table();
  make_partition("2026", "01");
  EXPECT_EQ(code_of([&] { glue.create_database({.Name = "lake"}); }), "AlreadyExistsException");
  EXPECT_EQ(code_of([&] { glue.create_table("lake", {.Name = "beers"}); }),
            "AlreadyExistsException");
  EXPECT_EQ(code_of([&] { make_partition("2026", "01"); }), "AlreadyExistsException");
  EXPECT_EQ(code_of([&] { glue.table("lake", "wines"); }), "EntityNotFoundException");
  EXPECT_EQ(code_of([&] {
              glue.delete_partition("lake", "beers", {"2026", "02"});
            }),
            "EntityNotFoundException");
  EXPECT_EQ(code_of([&] {
              glue.create_partition("lake", "beers", {.Values = std::vector<std::string>{"2026"}});
            }),
            "InvalidInputException");
}

TEST_F(GlueTest, DeletingADatabaseTakesItsTablesAndPartitions) {
  make_table();
  make_partition("2026", "01");
  glue.delete_database("lake");
  make_table();
  EXPECT_THAT(found(""), ElementsAre());
}

TEST_F(GlueTest, FiltersPartitionsByAnExpression) {
  make_table();
  for (const auto& [year, month] : {std::pair{"2025", "12"}, {"2026", "01"}, {"2026", "02"}}) {
    make_partition(year, month);
  }
  EXPECT_THAT(found("year = 2026"), ElementsAre("2026/01", "2026/02"));
  EXPECT_THAT(found("year > '999' and month = '12'"), ElementsAre("2025/12"));
  EXPECT_THAT(found("(year=2026 AND month='02') OR year<2026"), ElementsAre("2025/12", "2026/02"));
  EXPECT_THAT(found("month IN ('01', '12')"), ElementsAre("2025/12", "2026/01"));
  EXPECT_THAT(found("NOT month LIKE '0%'"), ElementsAre("2025/12"));
  EXPECT_THAT(found("year LIKE '%02_' AND month LIKE '_2%%'"), ElementsAre("2025/12", "2026/02"));
  EXPECT_THAT(found("year LIKE '" + std::string(500, '%') + "9'"), ElementsAre());
  EXPECT_THAT(found("year BETWEEN 2025 AND 2025"), ElementsAre("2025/12"));
  EXPECT_THAT(found("month NOT IN ('01')"), ElementsAre("2025/12", "2026/02"));
  EXPECT_EQ(code_of([&] { found("day = 1"); }), "InvalidInputException");
  EXPECT_EQ(code_of([&] { found("year ="); }), "InvalidInputException");
  EXPECT_EQ(code_of([&] { found("year = 'x"); }), "InvalidInputException");
}

TEST_F(GlueTest, MovesAPartitionWhenItsValuesChange) {
  make_table();
  make_partition("2025", "12");
  glue.update_partition("lake", "beers", {"2025", "12"},
                        {.Values = std::vector<std::string>{"2026", "12"}});
  EXPECT_THAT(found(""), ElementsAre("2026/12"));
}

TEST_F(GlueTest, PagesThroughTables) {
  glue.create_database({.Name = "lake"});
  for (const char* name : {"a", "b", "c"}) glue.create_table("lake", {.Name = name});
  auto first = get_tables(glue, call, {.DatabaseName = "lake", .MaxResults = 2});
  EXPECT_EQ(first.TableList->size(), 2u);
  const auto second = get_tables(
      glue, call, {.DatabaseName = "lake", .NextToken = first.NextToken, .MaxResults = 2});
  ASSERT_EQ(second.TableList->size(), 1u);
  EXPECT_EQ((*second.TableList)[0].Name, "c");
  EXPECT_FALSE(second.NextToken);
  EXPECT_EQ(get_tables(glue, call, {.DatabaseName = "lake", .Expression = "a|b"}).TableList->size(),
            2u);
}

TEST_F(GlueTest, ReportsEachPartitionOfABatchThatFails) {
  make_table();
  make_partition("2026", "01");
  const auto result = batch_create_partition(
      glue, call,
      {.DatabaseName = "lake",
       .TableName = "beers",
       .PartitionInputList = {{.Values = std::vector<std::string>{"2026", "01"}},
                              {.Values = std::vector<std::string>{"2026", "02"}}}});
  ASSERT_EQ(result.Errors->size(), 1u);
  EXPECT_EQ((*result.Errors)[0].ErrorDetail->ErrorCode, "AlreadyExistsException");
  EXPECT_THAT(found(""), ElementsAre("2026/01", "2026/02"));
}

}  // namespace
}  // namespace engine::glue
