// Parquet by the table's word: types kept whole, misfits told one by one.
#include "engine/sql/parquet.h"

#include "lib/base/ids.h"
#include "lib/duckdb/database.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace engine::sql {
namespace {

using ::testing::HasSubstr;

class Parquet : public ::testing::Test {
 protected:
  Parquet() { std::filesystem::create_directories(folder); }
  ~Parquet() override { std::filesystem::remove_all(folder); }

  parquet::Converted convert(const std::vector<std::string_view>& records,
                             const std::vector<Column>& columns, JsonKeys keys = {}) {
    return parquet::from_json_lines(records, columns, {.scratch = folder, .keys = std::move(keys)});
  }

  // The file's rows as text, cells joined by '|'.
  std::vector<std::string> rows(const parquet::Converted& converted) {
    duck::Database database({.allowed_directories = {folder}});
    duck::Connection connection(database);
    duck::Result result =
        connection.query("SELECT * FROM read_parquet($1)", {converted.file.path()});
    types.clear();
    for (const auto& column : result.columns()) types.push_back(duck::to_sql(column.type));
    std::vector<std::string> lines;
    while (result.next()) {
      std::string line;
      for (std::size_t i = 0; i < result.columns().size(); ++i) {
        line += (i ? "|" : "") + (result[i].is_null() ? "NULL" : result[i].text());
      }
      lines.push_back(line);
    }
    return lines;
  }

  std::string folder =
      std::filesystem::temp_directory_path() / ("parquet_test_" + base::Ids().hex(12));
  std::vector<std::string> types;
};

TEST_F(Parquet, KeepsEveryDeclaredType) {
  const auto converted = convert(
      {R"({"a":true,"b":7,"c":9007199254740993,"d":1.5,"e":"12.345","f":"x","g":"2026-01-02","h":"2026-01-02T03:04:05.678Z","i":"AAH/"})"},
      {{"a", "boolean"},
       {"b", "smallint"},
       {"c", "bigint"},
       {"d", "float"},
       {"e", "decimal(10,3)"},
       {"f", "string"},
       {"g", "date"},
       {"h", "timestamp"},
       {"i", "binary"}});
  EXPECT_EQ(rows(converted),
            (std::vector<std::string>{std::string("true|7|9007199254740993|1.5|12.345|x|2026-01-02|"
                                                  "2026-01-02 03:04:05.678|") +
                                      std::string("\x00\x01\xff", 3)}));
  EXPECT_EQ(types,
            (std::vector<std::string>{"BOOLEAN", "SMALLINT", "BIGINT", "FLOAT", "DECIMAL(10,3)",
                                      "VARCHAR", "DATE", "TIMESTAMP", "BLOB"}));
}

TEST_F(Parquet, KeepsNestedTypes) {
  const auto converted = convert(
      {R"({"malt":[{"name":"Pale","kg":5},{"name":"Caramel"}],"method":{"temp":{"value":64}},"by":{"x":1}})",
       R"({"malt":[],"method":null})"},
      {{"malt", "array<struct<name:string,kg:double>>"},
       {"method", "struct<temp:struct<value:int>>"},
       {"by", "map<string,int>"}});
  EXPECT_EQ(rows(converted),
            (std::vector<std::string>{
                "[{name=Pale, kg=5.0}, {name=Caramel, kg=null}]|{temp={value=64}}|{x=1}",
                "[]|NULL|NULL"}));
  EXPECT_EQ(types[0], "STRUCT(\"name\" VARCHAR, \"kg\" DOUBLE)[]");
}

TEST_F(Parquet, TellsEachRecordThatDoesNotFitAndKeepsTheOthers) {
  const auto converted = convert(
      {R"({"id":1,"abv":4.5})", R"({"id":"x"})", "not json", "[1]", R"({"id":2,"abv":"strong"})",
       R"({"id":3000000000})", R"({"id":4.5})", "{\"id\":9}\n"},
      {{"id", "int"}, {"abv", "double"}});
  EXPECT_EQ(converted.rows, 2u);
  EXPECT_EQ(rows(converted), (std::vector<std::string>{"1|4.5", "9|NULL"}));
  ASSERT_EQ(converted.misfits.size(), 6u);
  EXPECT_EQ(converted.misfits[0].record, 1u);
  EXPECT_EQ(converted.misfits[0].reason, "column id: \"x\" is not an int");
  EXPECT_THAT(converted.misfits[1].reason, HasSubstr("not valid JSON"));
  EXPECT_THAT(converted.misfits[2].reason, HasSubstr("not a JSON object"));
  EXPECT_EQ(converted.misfits[3].reason, "column abv: \"strong\" is not a double");
  EXPECT_EQ(converted.misfits[4].reason, "column id: 3000000000 is not an int");
  EXPECT_EQ(converted.misfits[5].record, 6u);
}

TEST_F(Parquet, FindsColumnsInAnyCaseAndByMapping) {
  const auto converted =
      convert({R"({"Beer.Id":5,"NAME":"Buzz","ts":1})"},
              {{"beer_id", "int"}, {"name", "string"}, {"arrived", "bigint"}},
              {.dots_to_underscores = true, .column_to_key = {{"arrived", "ts"}}});
  EXPECT_EQ(rows(converted), (std::vector<std::string>{"5|Buzz|1"}));
}

TEST_F(Parquet, AcceptsWhatTheSerDesAccept) {
  const auto converted = convert(
      {R"({"n":"12","t":"2026-01-02 03:04:05","s":{"a":[1]},"b":"TRUE","d":2})",
       R"({"n":3.0,"t":1767323045,"s":4.5,"b":false,"d":"1e3"})", R"({"t":1767323045678})"},
      {{"n", "int"}, {"t", "timestamp"}, {"s", "string"}, {"b", "boolean"}, {"d", "double"}});
  EXPECT_TRUE(converted.misfits.empty());
  EXPECT_EQ(rows(converted),
            (std::vector<std::string>{"12|2026-01-02 03:04:05.000|{\"a\":[1]}|true|2.0",
                                      "3|2026-01-02 03:04:05.000|4.5|false|1000.0",
                                      "NULL|2026-01-02 03:04:05.678|NULL|NULL|NULL"}));
}

TEST_F(Parquet, RoundsDecimalsOfEveryWidth) {
  const auto converted = convert(
      {R"({"a":"-1.005","b":12345.678,"c":"1e3","d":"12345678901234567890.5","e":"-0.00049"})",
       R"({"a":99.995,"b":0,"c":0,"d":0,"e":0})", R"({"a":"9.5.1","b":0})", R"({"c":"0.5e1"})"},
      {{"a", "decimal(4,2)"},
       {"b", "decimal(9,1)"},
       {"c", "decimal(18,3)"},
       {"d", "decimal(38,4)"},
       {"e", "decimal(6,3)"}});
  EXPECT_EQ(rows(converted), (std::vector<std::string>{
                                 "-1.01|12345.7|1000.000|12345678901234567890.5000|0.000",
                                 "NULL|NULL|5.000|NULL|NULL"}));
  EXPECT_EQ(converted.misfits.size(), 2u);
}

TEST_F(Parquet, KeepsNumbersOver64BitsAsReals) {
  const auto converted = convert({R"({"a":123456789012345678901234567890,"b":1})", R"({"b":1e20})"},
                                 {{"a", "double"}, {"b", "bigint"}});
  EXPECT_EQ(rows(converted), (std::vector<std::string>{"1.2345678901234568E29|1"}));
  EXPECT_EQ(converted.misfits.at(0).record, 1u);
}

TEST_F(Parquet, ReadsTheKeysOfMapsAsTheirType) {
  const auto converted =
      convert({R"({"m":{"7":"seven","-1":null,"7":"again"}})", R"({"m":{"x":"y"}})"},
              {{"m", "map<int,string>"}});
  EXPECT_EQ(rows(converted), (std::vector<std::string>{"{7=again, -1=null}"}));
  EXPECT_EQ(converted.misfits.at(0).reason, "column m (key): \"x\" is not an int");
}

TEST_F(Parquet, TellsWhereInANestedValueTheMisfitIs) {
  const auto converted = convert({R"({"a":[{"b":{"x":[1,"two"]}}]})", R"({"a":[{"b":{"y":[3]}},null]})"},
                                 {{"a", "array<struct<b:map<string,array<int>>>>"}});
  EXPECT_EQ(rows(converted), (std::vector<std::string>{"[{b={y=[3]}}, null]"}));
  EXPECT_EQ(converted.misfits.at(0).reason, "column a[0].b.x[1]: \"two\" is not an int");
}

TEST_F(Parquet, KeepsTheOrderOfManyRowsAndOfTheirLists) {
  // More rows than a vector of DuckDB's holds, more elements than its lists begin with.
  std::vector<std::string> records;
  for (int i = 0; i < 10'000; ++i) {
    records.push_back(i % 100 == 7 ? fmt::format(R"({{"id":{},"list":[1,"no"]}})", i)
                                   : fmt::format(R"({{"id":{0},"list":[{0},{0},{0}],"s":null}})", i));
  }
  const auto converted = convert({records.begin(), records.end()},
                                 {{"id", "int"}, {"list", "array<bigint>"}, {"s", "struct<a:int>"}});
  const auto found = rows(converted);
  ASSERT_EQ(found.size(), 9'900u);
  for (std::size_t i = 0, row = 0; i < records.size(); ++i) {
    if (i % 100 == 7) continue;
    EXPECT_EQ(found[row++], fmt::format("{0}|[{0}, {0}, {0}]|NULL", i));
  }
  EXPECT_EQ(converted.misfits.size(), 100u);
  EXPECT_EQ(converted.misfits[1].record, 107u);
}

TEST_F(Parquet, CountsRowsByTheFooter) {
  const auto converted = convert({R"({"a":1})", R"({"a":2})", R"({"a":null})"}, {{"a", "int"}});
  EXPECT_EQ(parquet::count_rows(converted.file.path()), 3u);
}

TEST_F(Parquet, GivesNoFileWhenNothingFits) {
  const auto converted = convert({"x"}, {{"a", "int"}});
  EXPECT_EQ(converted.rows, 0u);
  EXPECT_TRUE(converted.file.empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(Parquet, RefusesAnUnknownType) {
  EXPECT_THROW(convert({"{}"}, {{"a", "strin"}}), std::invalid_argument);
}

TEST(HiveType, UnderstandsNestedAndSpacedNames) {
  EXPECT_EQ(to_duckdb("array<struct<a:int, b:map<string,decimal(10,2)>>>"),
            "STRUCT(\"a\" INTEGER, \"b\" MAP(VARCHAR, DECIMAL(10,2)))[]");
  EXPECT_EQ(to_duckdb("VARCHAR(20)"), "VARCHAR");
  EXPECT_FALSE(parse_hive_type("array<int"));
  EXPECT_FALSE(parse_hive_type("int int"));
  EXPECT_FALSE(parse_hive_type("decimal(40,2)"));
  EXPECT_FALSE(parse_hive_type(std::string(200, 'a')));
}

}  // namespace
}  // namespace engine::sql
