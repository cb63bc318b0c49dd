// A partition that declares its columns otherwise than its table.
#include "engine/services/athena/partition_schema.h"

#include "engine/services/athena/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::athena {
namespace {

using Columns = std::vector<glue::api::Column>;

glue::api::Table table(Columns columns) {
  glue::api::Table table{.Name = "ale", .DatabaseName = "beers"};
  table.StorageDescriptor = glue::api::StorageDescriptor{.Columns = std::move(columns)};
  table.PartitionKeys = Columns{{.Name = "day", .Type = "int"}};
  return table;
}

std::string check(Columns of_table, Columns of_partition) {
  glue::api::Partition partition{.Values = std::vector<std::string>{"7"}};
  partition.StorageDescriptor = glue::api::StorageDescriptor{.Columns = std::move(of_partition)};
  try {
    check_partition_schema(table(std::move(of_table)), partition);
    return "fits";
  } catch (const QueryError& error) {
    return error.what();
  }
}

std::string check_types(const char* of_table, const char* of_partition) {
  const std::string result =
      check({{.Name = "x", .Type = of_table}}, {{.Name = "X", .Type = of_partition}});
  return result == "fits" ? result : "mismatch";
}

TEST(PartitionSchema, MayBeNarrowerThanTheTables) {
  EXPECT_EQ(check_types("bigint", "int"), "fits");
  EXPECT_EQ(check_types("double", "float"), "fits");
  EXPECT_EQ(check_types("string", "int"), "fits");
  EXPECT_EQ(check_types("array<bigint>", "array<int>"), "fits");
  EXPECT_EQ(check_types("struct<a:bigint,b:int>", "struct<b:int,c:string>"), "fits");
}

TEST(PartitionSchema, MayNotBeAnotherKind) {
  EXPECT_EQ(check_types("int", "bigint"), "mismatch");
  EXPECT_EQ(check_types("boolean", "string"), "mismatch");
  EXPECT_EQ(check_types("bigint", "double"), "mismatch");
  EXPECT_EQ(check_types("array<int>", "int"), "mismatch");
  EXPECT_EQ(check_types("struct<a:int>", "struct<a:bigint>"), "mismatch");
}

TEST(PartitionSchema, MayLackAndHaveColumns) {
  EXPECT_EQ(check({{.Name = "a", .Type = "int"}, {.Name = "b", .Type = "int"}},
                  {{.Name = "b", .Type = "int"}, {.Name = "old", .Type = "string"}}),
            "fits");
}

TEST(PartitionSchema, SaysWhichColumnOfWhichPartition) {
  EXPECT_THAT(check({{.Name = "abv", .Type = "bigint"}}, {{.Name = "abv", .Type = "double"}}),
              ::testing::EndsWith("The column 'abv' in table 'beers.ale' is declared as type "
                                  "'bigint', but partition 'day=7' declared column 'abv' as type "
                                  "'double'."));
}

}  // namespace
}  // namespace engine::athena
