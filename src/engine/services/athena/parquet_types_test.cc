// Each pair of a file's type and a declared one: widened, refused, or found by name.
#include "engine/services/athena/parquet_types.h"

#include "lib/duckdb/database.h"

#include <gtest/gtest.h>

namespace engine::athena {
namespace {

// The value, an SQL expression of the file's type, as text of the declared type; "refused".
std::string read(const std::string& value, const std::string& declared) {
  duck::Database database;
  duck::Connection session(database);
  const duck::Type type = session.query("SELECT " + value).columns()[0].type;
  const auto converted =
      parquet_conversion("x", type, sql::parse_hive_type(declared).value());
  if (!converted) return "refused";
  try {
    duck::Result row =
        session.query(fmt::format("SELECT {} FROM (SELECT {} AS x)", *converted, value));
    EXPECT_EQ(duck::to_sql(row.columns()[0].type), sql::to_duckdb(declared));
    row.next();
    return row[0].is_null() ? "NULL" : row[0].text();
  } catch (const duck::Error&) {
    return "fails";
  }
}

TEST(ParquetTypes, WidensNumbers) {
  EXPECT_EQ(read("7::INTEGER", "bigint"), "7");
  EXPECT_EQ(read("7::SMALLINT", "int"), "7");
  EXPECT_EQ(read("1.5::FLOAT", "double"), "1.5");
  EXPECT_EQ(read("1.5::DECIMAL(5,2)", "decimal(10,4)"), "1.5000");
  EXPECT_EQ(read("7::INTEGER", "decimal(10,2)"), "7.00");
}

TEST(ParquetTypes, RefusesToNarrow) {
  EXPECT_EQ(read("7::BIGINT", "int"), "refused");
  EXPECT_EQ(read("1.5::DOUBLE", "float"), "refused");
  EXPECT_EQ(read("1.5::DOUBLE", "bigint"), "refused");
  EXPECT_EQ(read("1.55::DECIMAL(5,2)", "decimal(10,1)"), "refused");
  EXPECT_EQ(read("TIMESTAMP '2026-01-02 03:04:05'", "date"), "refused");
}

TEST(ParquetTypes, RefusesWhatOnlyAGuessCouldRead) {
  EXPECT_EQ(read("'7'", "bigint"), "refused");
  EXPECT_EQ(read("7::INTEGER", "string"), "refused");
  EXPECT_EQ(read("7::BIGINT", "double"), "refused");
  EXPECT_EQ(read("7::BIGINT", "timestamp"), "refused");
  EXPECT_EQ(read("true", "int"), "refused");
  EXPECT_EQ(read("[1]", "int"), "refused");
  EXPECT_EQ(read("1", "array<int>"), "refused");
}

TEST(ParquetTypes, FailsForAValueThatTheWidthCantHold) {
  EXPECT_EQ(read("7::INTEGER", "smallint"), "7");
  EXPECT_EQ(read("70000::INTEGER", "smallint"), "fails");
  EXPECT_EQ(read("123456::DECIMAL(8,0)", "decimal(5,1)"), "fails");
}

TEST(ParquetTypes, ReadsBytesAsTextAndTimesOfAnyUnit) {
  EXPECT_EQ(read("'caf\\xC3\\xA9'::BLOB", "string"), "caf\xC3\xA9");
  EXPECT_EQ(read("'a'", "binary"), "a");
  EXPECT_EQ(read("TIMESTAMP_NS '2026-01-02 03:04:05'", "timestamp"), "2026-01-02 03:04:05.000");
}

TEST(ParquetTypes, FindsFieldsOfStructsByName) {
  EXPECT_EQ(read("{'b': 1::INTEGER, 'A': 'x'}", "struct<a:string,b:bigint,c:double>"),
            "{a=x, b=1, c=null}");
  EXPECT_EQ(read("CAST(NULL AS STRUCT(b INTEGER))", "struct<a:string>"), "NULL");
  EXPECT_EQ(read("{'a': 'x'}", "struct<a:int>"), "refused");
}

TEST(ParquetTypes, ReadsTheInsideOfListsAndMaps) {
  EXPECT_EQ(read("[1::INTEGER, NULL]", "array<bigint>"), "[1, null]");
  EXPECT_EQ(read("[[1::INTEGER], [2]]", "array<array<bigint>>"), "[[1], [2]]");
  EXPECT_EQ(read("[{'a': 1::INTEGER}]", "array<struct<a:bigint,b:string>>"), "[{a=1, b=null}]");
  EXPECT_EQ(read("MAP {'k': 1::INTEGER}", "map<string,bigint>"), "{k=1}");
  EXPECT_EQ(read("['a']", "array<int>"), "refused");
  EXPECT_EQ(read("MAP {'k': 'v'}", "map<string,int>"), "refused");
}

}  // namespace
}  // namespace engine::athena
