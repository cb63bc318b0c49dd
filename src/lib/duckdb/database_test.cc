// DuckDB's wrapper: values come out typed, mistakes as Errors, and a locked database stays locked.
#include "lib/duckdb/database.h"

#include "lib/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <limits>

namespace duck {
namespace {

using ::testing::HasSubstr;

struct TempFolder {
  TempFolder() { std::filesystem::create_directories(path); }
  ~TempFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("duckdb_test_" + base::Ids().hex(12));
};

template <class F>
std::string error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class DuckDb : public ::testing::Test {
 protected:
  std::string text(std::string_view sql) { return connection.value(sql).value_or("<null>"); }

  Database database;
  Connection connection{database};
};

TEST_F(DuckDb, WritesScalarsAsTheLakesEnginesDo) {
  EXPECT_EQ(text("SELECT true"), "true");
  EXPECT_EQ(text("SELECT -5::TINYINT"), "-5");
  EXPECT_EQ(text("SELECT 170141183460469231731687303715884105727::HUGEINT"),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(text("SELECT 18446744073709551615::UBIGINT"), "18446744073709551615");
  EXPECT_EQ(text("SELECT -0.05::DECIMAL(10,2)"), "-0.05");
  EXPECT_EQ(text("SELECT 12345678901234567890.123::DECIMAL(30,3)"), "12345678901234567890.123");
  EXPECT_EQ(text("SELECT DATE '1969-12-31'"), "1969-12-31");
  EXPECT_EQ(text("SELECT TIMESTAMP '2026-01-02 03:04:05.678'"), "2026-01-02 03:04:05.678");
  EXPECT_EQ(text("SELECT TIMESTAMP '1969-12-31 23:59:59.999'"), "1969-12-31 23:59:59.999");
  EXPECT_EQ(text("SELECT TIME '01:02:03'"), "01:02:03.000");
  EXPECT_EQ(text("SELECT UUID 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'"),
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(text("SELECT 'b'::ENUM('a', 'b')"), "b");
  EXPECT_EQ(text("SELECT 'a text longer than twelve bytes'"), "a text longer than twelve bytes");
  EXPECT_EQ(text("SELECT NULL"), "<null>");
}

TEST_F(DuckDb, WritesNestedValues) {
  EXPECT_EQ(text("SELECT [1, NULL, 3]"), "[1, null, 3]");
  EXPECT_EQ(text("SELECT {'a': 1, 'b': ['x', 'y']}"), "{a=1, b=[x, y]}");
  EXPECT_EQ(text("SELECT MAP {'k': 1.5::DOUBLE, 'l': NULL}"), "{k=1.5, l=null}");
  EXPECT_EQ(text("SELECT array_value(1, 2)"), "[1, 2]");
  Result rows = connection.query("SELECT * FROM (VALUES ([1]), ([2, 3]), (NULL)) t(a)");
  std::vector<std::string> seen;
  while (rows.next()) seen.push_back(rows[0].is_null() ? "<null>" : rows[0].text());
  EXPECT_EQ(seen, (std::vector<std::string>{"[1]", "[2, 3]", "<null>"}));
}

TEST(RealText, IsJavas) {
  EXPECT_EQ(real_text(3.0), "3.0");
  EXPECT_EQ(real_text(0.1), "0.1");
  EXPECT_EQ(real_text(1e7), "1.0E7");
  EXPECT_EQ(real_text(1.25e-5), "1.25E-5");
  EXPECT_EQ(real_text(0.1f), "0.1");
  EXPECT_EQ(real_text(-0.0), "-0.0");
  EXPECT_EQ(real_text(std::nan("")), "NaN");
  EXPECT_EQ(real_text(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST_F(DuckDb, TellsColumnsWithTheirTypes) {
  const Result result = connection.query(
      "SELECT 1 AS a, 2.5::DECIMAL(10,2) AS b, {'x': [1]} AS c, MAP {'k': DATE '2026-01-01'} AS d");
  ASSERT_EQ(result.columns().size(), 4u);
  EXPECT_EQ(result.columns()[0].name, "a");
  EXPECT_EQ(to_sql(result.columns()[0].type), "INTEGER");
  EXPECT_EQ(to_sql(result.columns()[1].type), "DECIMAL(10,2)");
  EXPECT_EQ(to_sql(result.columns()[2].type), "STRUCT(\"x\" INTEGER[])");
  EXPECT_EQ(to_sql(result.columns()[3].type), "MAP(VARCHAR, DATE)");
}

TEST_F(DuckDb, BindsParametersOfEveryType) {
  Statement statement =
      connection.prepare("SELECT $1::BIGINT + 1, $2::DOUBLE, $3 || '!', $4, $5::BOOL");
  EXPECT_EQ(statement.kind(), StatementKind::kSelect);
  EXPECT_EQ(statement.parameter_count(), 5u);
  Result row = statement.execute({std::int64_t{41}, 0.5, std::string("a'b"), nullptr, true});
  ASSERT_TRUE(row.next());
  EXPECT_EQ(row[0].integer(), 42);
  EXPECT_EQ(row[1].real(), 0.5);
  EXPECT_EQ(row[2].text(), "a'b!");
  EXPECT_TRUE(row[3].is_null());
  EXPECT_EQ(row[4].text(), "true");
  EXPECT_FALSE(row.next());
}

TEST_F(DuckDb, TakesOneStatementAtATimeAndTellsItsKind) {
  EXPECT_THAT(error_of([&] { connection.prepare("SELECT 1; SELECT 2"); }),
              HasSubstr("only one statement"));
  EXPECT_THAT(error_of([&] { connection.prepare(""); }), HasSubstr("no statement"));
  EXPECT_THAT(error_of([&] { connection.prepare("SELEC 1"); }), HasSubstr("Parser Error"));
  EXPECT_THAT(error_of([&] { connection.prepare("SELECT x"); }), HasSubstr("Binder Error"));
  EXPECT_EQ(connection.prepare("CREATE TABLE t (a INT)").kind(), StatementKind::kCreate);
}

TEST_F(DuckDb, StreamsManyRows) {
  Result rows = connection.prepare("SELECT range AS n FROM range(100000)").stream();
  std::int64_t count = 0, sum = 0;
  while (rows.next()) {
    ++count;
    sum += rows[0].integer();
  }
  EXPECT_EQ(count, 100'000);
  EXPECT_EQ(sum, 4'999'950'000);
}

TEST_F(DuckDb, ThrowsAnErrorThatComesLateInAStream) {
  Statement statement = connection.prepare(
      "SELECT CASE WHEN range = 90000 THEN error('too far') ELSE range END FROM range(100000)");
  EXPECT_THAT(error_of([&] {
                Result rows = statement.stream();
                while (rows.next()) {
                }
              }),
              HasSubstr("too far"));
}

TEST_F(DuckDb, InterruptEndsAQueryAndTheConnectionLivesOn) {
  auto running = std::async(std::launch::async, [&] {
    try {
      connection.value(
          "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range = b.range + 0.5");
      return false;
    } catch (const Error& error) {
      return error.interrupted();
    }
  });
  // An interrupt before the query has begun is lost, so it is repeated until one has worked.
  while (running.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
    connection.interrupt();
  }
  EXPECT_TRUE(running.get());
  EXPECT_EQ(text("SELECT 1"), "1");
}

TEST(LockedDatabase, ReadsTheAllowedFolderAndNothingElse) {
  TempFolder allowed, other;
  std::ofstream(allowed.path / "a.csv") << "x\n1\n";
  std::ofstream(other.path / "b.csv") << "x\n2\n";
  Database database({.allowed_directories = {allowed.path}});
  Connection connection(database);
  const auto read = [&](const std::filesystem::path& file) {
    return connection.value("SELECT x FROM read_csv($1)", {file.string()}).value();
  };
  EXPECT_EQ(read(allowed.path / "a.csv"), "1");
  EXPECT_THAT(error_of([&] { read(other.path / "b.csv"); }), HasSubstr("Permission Error"));
  EXPECT_THAT(error_of([&] { read(allowed.path / ".." / other.path.filename() / "b.csv"); }),
              HasSubstr("Permission Error"));
  EXPECT_THAT(error_of([&] { connection.query("ATTACH '/tmp/x.db'"); }), HasSubstr("Error"));
  EXPECT_THAT(error_of([&] { connection.query("INSTALL httpfs"); }), HasSubstr("Error"));
  EXPECT_THAT(error_of([&] { connection.query("SET enable_external_access = true"); }),
              HasSubstr("Error"));
  EXPECT_THAT(error_of([&] { connection.query("SET allowed_directories = ['/']"); }),
              HasSubstr("Error"));
}

TEST(LockedDatabase, ReadsAnAllowedFileButNotItsNeighbour) {
  TempFolder folder;
  std::ofstream(folder.path / "a.csv") << "x\n1\n";
  std::ofstream(folder.path / "b.csv") << "x\n2\n";
  Database database({.lock = false});
  Connection connection(database);
  connection.execute_all("SET errors_as_json = true");
  database.lock({}, {folder.path / "a.csv"});
  const auto read = [&](const char* file) {
    return connection.value("SELECT x FROM read_csv($1)", {(folder.path / file).string()}).value();
  };
  EXPECT_EQ(read("a.csv"), "1");
  EXPECT_THAT(error_of([&] { read("b.csv"); }), HasSubstr("\"exception_type\":\"Permission\""));
  EXPECT_THAT(error_of([&] { connection.query("SET threads = 8"); }), HasSubstr("locked"));
}

TEST(LockedDatabase, RunsItsSetupBefore) {
  Database database(
      {.setup = "SET GLOBAL integer_division = true; CREATE MACRO twice(x) AS 2 * x;"});
  Connection connection(database);
  EXPECT_EQ(connection.value("SELECT 5 / 2"), "2");
  EXPECT_EQ(connection.value("SELECT twice(4)"), "8");
}

}  // namespace
}  // namespace duck
