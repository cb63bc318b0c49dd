// Types, globs, and what makes text delimited.
#include "engine/services/glue/crawlers/file_schema.h"

#include "engine/services/glue/crawlers/glob.h"

#include <gtest/gtest.h>

namespace engine::glue {
namespace {

std::string columns(const std::optional<FileSchema>& schema) {
  if (!schema) return "none";
  std::string text;
  for (const Field& field : schema->fields) {
    text += (text.empty() ? "" : " ") + field.name + ":" + to_hive(field.type);
  }
  return text;
}

std::string csv(std::string text) {
  const std::size_t size = text.size();
  return columns(csv_schema(Sample{.bytes = std::move(text), .whole = true}, size));
}
std::string json(std::string text) {
  const std::size_t size = text.size();
  return columns(json_schema(Sample{.bytes = std::move(text), .whole = true}, size));
}

TEST(FieldType, WidensNumbersAndFallsBackToText) {
  EXPECT_EQ(to_hive(widen({"int"}, {"bigint"})), "bigint");
  EXPECT_EQ(to_hive(widen({"bigint"}, {"double"})), "double");
  EXPECT_EQ(to_hive(widen({"int"}, {"boolean"})), "string");
  EXPECT_EQ(to_hive(widen({}, {"int"})), "int");
  EXPECT_EQ(to_hive(widen({"array", {FieldType{}}}, {"array", {{"int"}}})), "array<int>");
  EXPECT_EQ(to_hive(widen({"date"}, {"timestamp"})), "timestamp");
  EXPECT_EQ(to_hive({"struct", {{"int"}}, {"a:b"}}), "string");
}

TEST(FieldType, ReadsValuesOfText) {
  for (const char* text : {"0", "-12", "+7", "9223372036854775807"}) {
    EXPECT_EQ(type_of_text(text).name, "bigint") << text;
  }
  for (const char* text : {"1.5", "-.5", "1e9"}) EXPECT_EQ(type_of_text(text).name, "double") << text;
  for (const char* text : {"nan", "inf", "1,5", "2026-01-01", "99999999999999999999", "x", "+"}) {
    EXPECT_EQ(type_of_text(text).name, "string") << text;
  }
  EXPECT_EQ(type_of_text("TRUE").name, "boolean");
}

TEST(Csv, NeedsTwoColumnsAndTwoRows) {
  EXPECT_EQ(csv("a\nb\nc\n"), "none");
  EXPECT_EQ(csv("a,b\n"), "none");
  EXPECT_EQ(csv("some text, with a comma\nand then none\nand none\n"), "none");
}

TEST(Csv, FindsTheDelimiter) {
  for (const char* delimiter : {",", "|", "\t", ";", "\x01"}) {
    const std::string d = delimiter;
    EXPECT_EQ(csv("a" + d + "b\n1" + d + "x\n"), "a:bigint b:string") << d;
  }
}

TEST(Csv, TakesAHeaderOnlyWhenItDiffersFromTheRows) {
  EXPECT_EQ(csv("a,b\n1,x\n"), "a:bigint b:string");
  EXPECT_EQ(csv("a,b\nc,d\n"), "col0:string col1:string");
  EXPECT_EQ(csv("1,b\n2,d\n"), "col0:bigint col1:string");
  EXPECT_EQ(csv("a,,c\n1,2,3\n"), "col0:string col1:bigint col2:string");
  EXPECT_EQ(csv("a,b,\n1,2,\n"), "a:bigint b:bigint col2:string");
  EXPECT_EQ(csv(std::string(150, 'n') + ",b\n1,2\n").substr(0, 4), "col0");
}

TEST(Csv, GivesEachColumnAName) {
  EXPECT_EQ(csv("A,a,b\n1,2,3\n"), "a:bigint a_1:bigint b:bigint");
  EXPECT_EQ(csv("\xEF\xBB\xBFid,x\r\n1,2\r\n"), "id:bigint x:bigint");
}

TEST(Csv, QuotesMayHoldLineEnds) {
  EXPECT_EQ(csv("id,text\n1,\"a\nb, c\"\n2,\"d\"\n"), "id:bigint text:string");
}

TEST(Json, TakesObjectsOneBehindTheOther) {
  EXPECT_EQ(json(R"({"A":1}{"a":2}  {"b":true})"), "a:int b:boolean");
  EXPECT_EQ(json("{\n \"a\": {\n \"b\": [1, 2.5] }\n}\n"), "a:struct<b:array<double>>");
  EXPECT_EQ(json(R"([{"a":1}])"), "array:array<struct<a:int>>");
  EXPECT_EQ(json("[INFO] started\n"), "none");
  EXPECT_EQ(json("{}"), "");
  EXPECT_THROW(json(R"({"a":1} oops)"), Unclassified);
}

TEST(Globs, KnowFoldersAlternativesAndClasses) {
  const Globs globs({"*.csv", "tmp/**", "**/x?.{a,b}", "[!a-c]/y", "\\*"});
  for (const char* path : {"a.csv", "tmp/1/2", "p/q/x1.b", "d/y", "*"}) {
    EXPECT_TRUE(globs.match(path)) << path;
  }
  for (const char* path : {"d/a.csv", "tmp", "p/x.a", "p/x1.c", "b/y", "z"}) {
    EXPECT_FALSE(globs.match(path)) << path;
  }
  EXPECT_THROW(Globs({"{a"}), std::invalid_argument);
  EXPECT_THROW(Globs({"[a"}), std::invalid_argument);
}

}  // namespace
}  // namespace engine::glue
