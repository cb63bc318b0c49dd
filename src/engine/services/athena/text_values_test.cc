// Texts as values: what fits, what is NULL, what ends the query.
#include "engine/services/athena/text_values.h"

#include "engine/services/athena/functions.h"
#include "lib/duckdb/database.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace engine::athena {
namespace {

class TextValues : public ::testing::Test {
 protected:
  TextValues() {
    std::set<std::string> known;
    define_functions(session, {"h_fail"}, known, false);
  }

  std::string run(const std::string& value, const std::string& sql, const std::string& declared) {
    try {
      duck::Result row = session.query(fmt::format("SELECT {} FROM (SELECT {} AS x)", sql, value));
      EXPECT_EQ(duck::to_sql(row.columns()[0].type), sql::to_duckdb(declared));
      row.next();
      return row[0].is_null() ? "NULL" : row[0].text();
    } catch (const duck::Error& error) {
      const std::string message = error.what();
      const std::size_t at = message.find("BAD ");
      return at == std::string::npos ? message : message.substr(at, message.find('\n', at) - at);
    }
  }
  std::string lenient(const std::string& text, const std::string& declared) {
    return run(duck::quote_text(text), value_of_text("x", sql::parse_hive_type(declared).value(), {}), declared);
  }
  std::string strict(const std::string& text, const std::string& declared) {
    return run(duck::quote_text(text),
               value_of_text("x", sql::parse_hive_type(declared).value(), {"BAD "}), declared);
  }
  // from_json() wants the type as JSON, too.
  static std::string structure(const sql::HiveType& type) {
    if (type.kind == sql::HiveKind::kArray) return '[' + structure(type.children[0]) + ']';
    if (type.kind != sql::HiveKind::kStruct) return fmt::format("\"{}\"", sql::to_duckdb(type));
    std::string fields;
    for (std::size_t i = 0; i < type.children.size(); ++i) {
      fields += fmt::format("{}\"{}\":{}", i ? "," : "", type.names[i], structure(type.children[i]));
    }
    return '{' + fields + '}';
  }
  std::string json(const std::string& text, const std::string& declared) {
    const auto type = sql::parse_hive_type(declared).value();
    return run(fmt::format("from_json({}, {})", duck::quote_text("{\"x\":" + text + "}"),
                           duck::quote_text(fmt::format("{{\"x\":{}}}", structure(json_read_type(type))))),
               value_of_json("x.x", type, {"BAD "}), declared);
  }

  duck::Database database;
  duck::Connection session{database};
};

TEST_F(TextValues, AreNullWhereTheyAreNoValueOfTheirType) {
  EXPECT_EQ(lenient("12", "int"), "12");
  EXPECT_EQ(lenient("+12", "bigint"), "12");
  for (const char* text : {"4.7", "1_000", "0x10", "1e3", "", "twelve", "300000000000"}) {
    EXPECT_EQ(lenient(text, "int"), "NULL") << text;
  }
  EXPECT_EQ(lenient("TRUE", "boolean"), "true");
  EXPECT_EQ(lenient("yes", "boolean"), "NULL");
  EXPECT_EQ(lenient("1", "boolean"), "NULL");
  EXPECT_EQ(lenient("1e3", "double"), "1000.0");
  EXPECT_EQ(lenient(".5", "float"), "0.5");
  EXPECT_EQ(lenient("1_0", "double"), "NULL");
  EXPECT_EQ(lenient("1.5", "decimal(5,2)"), "1.50");
  EXPECT_EQ(lenient("2026-01-02", "date"), "2026-01-02");
  EXPECT_EQ(lenient("2026-13-02", "date"), "NULL");
  EXPECT_EQ(lenient("2026-01-02 03:04:05.5", "timestamp"), "2026-01-02 03:04:05.500");
  EXPECT_EQ(lenient("", "string"), "");
}

TEST_F(TextValues, EndTheQueryWhereTheSerdeSaysSo) {
  EXPECT_EQ(strict("12", "int"), "12");
  EXPECT_EQ(strict("4.7", "int"), "BAD \"4.7\"");
  EXPECT_EQ(strict("it's", "double"), "BAD \"it's\"");
  EXPECT_EQ(run("CAST(NULL AS VARCHAR)",
                value_of_text("x", sql::parse_hive_type("int").value(), {"BAD "}), "int"),
            "NULL");
}

TEST_F(TextValues, HoldNestedValuesBetweenSeparators) {
  const auto nested = [&](const std::string& text, const std::string& declared) {
    return run(duck::quote_text(text),
               value_of_text("x", sql::parse_hive_type(declared).value(), {}, {"|", ":"}), declared);
  };
  EXPECT_EQ(nested("1|2|x", "array<int>"), "[1, 2, null]");
  EXPECT_EQ(nested("", "array<int>"), "[]");
  EXPECT_EQ(nested("a:1|b:2", "map<string,int>"), "{a=1, b=2}");
  EXPECT_EQ(nested("a|2", "struct<n:string,i:bigint,missing:int>"), "{n=a, i=2, missing=null}");
  EXPECT_EQ(nested("1:2|3", "array<array<int>>"), "[[1, 2], [3]]");
  EXPECT_EQ(lenient("a\x02"
                    "b",
                    "array<string>"),
            "[a, b]");
}

TEST_F(TextValues, OfJsonAreNeverRounded) {
  EXPECT_EQ(json("4", "int"), "4");
  EXPECT_EQ(json("\"4\"", "int"), "4");
  EXPECT_EQ(json("null", "int"), "NULL");
  EXPECT_EQ(json("4.7", "int"), "BAD \"4.7\"");
  EXPECT_EQ(json("true", "int"), "BAD \"true\"");
  EXPECT_EQ(json("true", "double"), "BAD \"true\"");
  EXPECT_EQ(json("1", "boolean"), "BAD \"1\"");
  EXPECT_EQ(json("true", "boolean"), "true");
  EXPECT_EQ(json("9223372036854775807", "bigint"), "9223372036854775807");
  EXPECT_EQ(json("1.25", "double"), "1.25");
  EXPECT_EQ(json("[1, 2.5]", "array<int>"), "BAD \"2.5\"");
  EXPECT_EQ(json("{\"a\": [1], \"b\": \"x\"}", "struct<a:array<int>,b:string>"), "{a=[1], b=x}");
  EXPECT_EQ(json("{\"k\": 1}", "map<string,bigint>"), "{k=1}");
}

}  // namespace
}  // namespace engine::athena
