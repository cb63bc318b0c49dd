// Columns as the API tells them, and results as text.
#include "engine/services/athena/results.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::athena {
namespace {

using ::testing::ElementsAre;

// "type precision scale nullable", " cs" behind it when letters' case counts.
std::string told(const std::string& sql_type) {
  duck::Database database;
  duck::Connection session(database);
  const auto columns = session.query(fmt::format("SELECT CAST(NULL AS {}) AS x", sql_type)).columns();
  const api::ColumnInfo info = column_info("x", columns[0].type);
  EXPECT_EQ(info.CatalogName, "hive");
  EXPECT_EQ(info.Label, info.Name);
  return fmt::format("{} {} {} {}{}", info.Type, *info.Precision, *info.Scale, *info.Nullable,
                     *info.CaseSensitive ? " cs" : "");
}

TEST(ColumnInfo, TellsPrecisionAndScaleOfEveryType) {
  EXPECT_EQ(told("BOOLEAN"), "boolean 0 0 UNKNOWN");
  EXPECT_EQ(told("TINYINT"), "tinyint 3 0 UNKNOWN");
  EXPECT_EQ(told("SMALLINT"), "smallint 5 0 UNKNOWN");
  EXPECT_EQ(told("INTEGER"), "integer 10 0 UNKNOWN");
  EXPECT_EQ(told("BIGINT"), "bigint 19 0 UNKNOWN");
  EXPECT_EQ(told("HUGEINT"), "bigint 19 0 UNKNOWN");
  EXPECT_EQ(told("FLOAT"), "float 17 0 UNKNOWN");
  EXPECT_EQ(told("DOUBLE"), "double 17 0 UNKNOWN");
  EXPECT_EQ(told("DECIMAL(12,3)"), "decimal 12 3 UNKNOWN");
  EXPECT_EQ(told("VARCHAR"), "varchar 2147483647 0 UNKNOWN cs");
  EXPECT_EQ(told("BLOB"), "varbinary 1073741824 0 UNKNOWN");
  EXPECT_EQ(told("DATE"), "date 0 0 UNKNOWN");
  EXPECT_EQ(told("TIME"), "time 3 0 UNKNOWN");
  EXPECT_EQ(told("TIMESTAMP"), "timestamp 3 0 UNKNOWN");
  EXPECT_EQ(told("TIMESTAMP WITH TIME ZONE"), "timestamp with time zone 3 0 UNKNOWN");
  EXPECT_EQ(told("INTEGER[]"), "array 0 0 UNKNOWN");
  EXPECT_EQ(told("MAP(VARCHAR, INTEGER)"), "map 0 0 UNKNOWN");
  EXPECT_EQ(told("STRUCT(a INTEGER)"), "row 0 0 UNKNOWN");
  EXPECT_EQ(told("JSON"), "json 0 0 UNKNOWN");
}

TEST(ColumnInfo, OfHivesStatementsIsAString) {
  const api::ColumnInfo info = text_column("tab_name");
  EXPECT_EQ(info.Type, "string");
  EXPECT_EQ(info.CaseSensitive, false);
}

TEST(ResultText, TellsNullFromTheEmptyText) {
  const CsvRows rows = read_csv("\"a\",,\"\"\n\"say \"\"hi\"\"\",\"two\nlines\",\"x\"\n", 0, 10);
  EXPECT_THAT(rows.rows[0], ElementsAre("a", std::nullopt, ""));
  EXPECT_THAT(rows.rows[1], ElementsAre("say \"hi\"", "two\nlines", "x"));
}

TEST(ResultText, IsReadInPages) {
  const std::string text = "\"1\"\n\"2\"\n\"3\"\n";
  const CsvRows first = read_csv(text, 0, 2);
  EXPECT_EQ(first.rows.size(), 2u);
  const CsvRows rest = read_csv(text, first.next, 2);
  EXPECT_THAT(rest.rows, ElementsAre(ElementsAre("3")));
  EXPECT_EQ(rest.next, text.size());
}

TEST(ResultText, OfAStatementIsLines) {
  EXPECT_THAT(read_lines("a\n\nb", 10).rows,
              ElementsAre(ElementsAre("a"), ElementsAre(""), ElementsAre("b")));
}

}  // namespace
}  // namespace engine::athena
