// Statements that want out of their lake, made by a seeded generator: each is refused, and no file
// of this machine is opened for any of them. BEER_FUZZ_STATEMENTS: how many, 400 unless told.
#include "engine/services/athena/athena_fixture.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

namespace engine::athena {
namespace {

// Counts how often a file below a folder was opened.
class Opens {
 public:
  explicit Opens(const std::string& folder) : handle_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    inotify_add_watch(handle_, folder.c_str(), IN_OPEN | IN_CREATE | IN_DELETE | IN_MODIFY);
  }
  ~Opens() { close(handle_); }
  Opens(const Opens&) = delete;
  Opens& operator=(const Opens&) = delete;

  std::size_t count() {
    alignas(inotify_event) char buffer[16384];
    std::size_t events = 0;
    for (ssize_t size; (size = read(handle_, buffer, sizeof buffer)) > 0;) {
      for (ssize_t at = 0; at < size; ++events)
        at += static_cast<ssize_t>(sizeof(inotify_event)) +
              reinterpret_cast<const inotify_event*>(buffer + at)->len;
    }
    return events;
  }

 private:
  int handle_;
};

class Generator {
 public:
  Generator(std::uint64_t seed, std::string folder) : random_(seed), folder_(std::move(folder)) {}

  std::string statement() {
    if (chance(4)) return one_of(statements());
    const std::string query = chance(2) ? around_table(table()) : around_value(value());
    switch (random_() % 6) {
      case 0:
        return "CREATE OR REPLACE VIEW v AS " + query;
      case 1:
        return "CREATE TABLE stolen AS " + query;
      case 2:
        return "EXPLAIN ANALYZE " + query;
      case 3:
        return "INSERT INTO ale " + query;
      default:
        return query;
    }
  }

 private:
  bool chance(std::uint64_t of) { return random_() % of == 0; }
  std::string one_of(const std::vector<std::string>& list) { return list[random_() % list.size()]; }
  std::string path() {
    return one_of({folder_ + "/secret.csv", folder_ + "/*", folder_ + "/../" + "x/secret.csv",
                   "file://" + folder_ + "/secret.csv", folder_ + "/new.csv"});
  }

  // A keyword in any case, with comments and blanks of any kind around it.
  std::string shaken(std::string word) {
    for (char& c : word) {
      if (chance(3)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return one_of({"", " ", "\n", "\t", "/* x */", "-- x\n"}) + word +
           one_of({"", " ", "\n", "/**/", "/* ' */"});
  }
  std::string quoted(const std::string& name) {
    return chance(3) ? '"' + name + '"' : chance(3) ? "U&\"\\0072" + name.substr(1) + '"' : shaken(name);
  }

  std::vector<std::string> statements() {
    const std::string at = "'" + path() + "'";
    return {shaken("copy") + " (SELECT 1) TO " + at,
            shaken("copy") + " ale FROM " + at,
            shaken("attach") + ' ' + at,
            shaken("attach") + ' ' + at + " AS x (TYPE sqlite)",
            shaken("install") + " httpfs",
            shaken("load") + ' ' + at,
            shaken("pragma") + " database_list",
            shaken("set") + " enable_external_access = true",
            shaken("set") + " GLOBAL allowed_paths = [" + at + "]",
            shaken("reset") + " lock_configuration",
            shaken("export") + " DATABASE " + at,
            shaken("import") + " DATABASE " + at,
            shaken("call") + " pragma_version()",
            shaken("checkpoint"),
            shaken("use") + " memory",
            shaken("create") + " SECRET s (TYPE s3)",
            shaken("create") + " MACRO m() AS TABLE SELECT * FROM read_text(" + at + ")",
            "FROM " + at,
            "FROM read_text(" + at + ")",
            "SELECT 1; " + shaken("copy") + " (SELECT 1) TO " + at,
            "PREPARE p FROM COPY (SELECT 1) TO " + at,
            "UNLOAD (SELECT * FROM read_text(" + at + ")) TO 's3://lake/u/' WITH (format='JSON')",
            "UNLOAD (SELECT 1 AS x) TO " + at + " WITH (format='JSON')",
            "CREATE TABLE t WITH (external_location=" + at + ") AS SELECT 1 AS x"};
  }
  std::string table() {
    const std::string at = "'" + path() + "'";
    const std::string call = one_of({"read_csv", "read_csv_auto", "sniff_csv", "read_text",
                                     "read_blob", "read_parquet", "parquet_scan", "parquet_metadata",
                                     "parquet_schema", "read_json", "read_json_objects",
                                     "read_ndjson", "glob", "query", "query_table"});
    switch (random_() % 7) {
      case 0:
        return at;
      case 1:
        return '"' + path() + '"';
      case 2:
        return "TABLE(" + quoted(call) + '(' + at + "))";
      case 3:
        return one_of({"duckdb_settings()", "duckdb_secrets()", "pragma_database_list()",
                       "duckdb_temporary_files()", "duckdb_extensions()", "which_secret('x', 's3')",
                       "memory.main.sqlite_master", "system.information_schema.tables"});
      case 4:
        return "system.main." + quoted(call) + '(' + at + ')';
      default:
        return quoted(call) + '(' + at + (chance(3) ? ", filename = true" : "") + ')';
    }
  }
  std::string value() {
    const std::string at = "'" + path() + "'";
    return one_of({quoted("getenv") + "('HOME')", quoted("current_setting") + "('temp_directory')",
                   "system.main.getenv('HOME')", "getvariable('x')", "read_text(" + at + ")",
                   "set_config('threads', '1')", "nextval('s')", "write_log('x')",
                   "json_execute_serialized_sql('{}')", "query(" + at + ")", "pg_typeof(1)",
                   "current_schemas(true)", "h_fail('x')", "t_length('x')", "list_value(1)",
                   "(SELECT content FROM read_text(" + at + "))",
                   "(SELECT count(*) FROM glob(" + at + "))",
                   "EXISTS (SELECT * FROM " + at + ")"});
  }
  std::string around_table(const std::string& table) {
    return one_of({"SELECT * FROM " + table,
                   "WITH a AS (SELECT * FROM " + table + ") SELECT * FROM a",
                   "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT 1 FROM " + table +
                       ") SELECT * FROM a",
                   "SELECT 1 AS x UNION ALL SELECT 1 FROM " + table,
                   "SELECT * FROM (VALUES 1) AS v(x), LATERAL (SELECT * FROM " + table + ") AS t",
                   "SELECT * FROM ale JOIN " + table + " AS t ON true",
                   "SELECT * FROM ale WHERE id IN (SELECT 1 FROM " + table + ")",
                   "SELECT (SELECT max(1) FROM " + table + ") AS x",
                   "(SELECT * FROM " + table + ')'});
  }
  std::string around_value(const std::string& value) {
    return one_of({"SELECT " + value + " AS x", "SELECT 1 AS x ORDER BY " + value,
                   "SELECT 1 AS x WHERE " + value + " IS NOT NULL",
                   "SELECT count(*) FILTER (WHERE " + value + " IS NULL) AS x",
                   "SELECT transform(ARRAY[1], e -> " + value + ") AS x",
                   "SELECT CASE WHEN true THEN " + value + " END AS x",
                   "SELECT TRY(" + value + ") AS x", "SELECT COALESCE(NULL, " + value + ") AS x",
                   "SELECT max(1) OVER (PARTITION BY " + value + ") AS x",
                   "SELECT 1 AS x GROUP BY " + value, "VALUES (" + value + ')',
                   "SELECT * FROM UNNEST(ARRAY[" + value + "]) AS t(x)",
                   "SELECT 1 AS x LIMIT " + value, "WITH a AS (SELECT " + value + " AS x) SELECT * FROM a"});
  }

  std::mt19937_64 random_;
  std::string folder_;
};

using HostileStatements = AthenaTest;

TEST_F(HostileStatements, AreRefusedBeforeAnyFileOfTheHostIsOpened) {
  make_json_table();
  const std::string host = folder + "/host";
  std::filesystem::create_directories(host);
  std::ofstream(host + "/secret.csv") << "secret\n";
  Opens opens(host);
  const char* told = std::getenv("BEER_FUZZ_STATEMENTS");
  const int count = told ? std::atoi(told) : 400;
  Generator generator(told ? std::random_device()() : 7, host);
  for (int i = 0; i < count; ++i) {
    const std::string sql = generator.statement();
    std::string outcome;
    try {
      outcome = reason(sql);
    } catch (const AwsError&) {
      outcome = "FAILED at the start call";
    }
    ASSERT_THAT(outcome, ::testing::StartsWith("FAILED")) << sql;
    ASSERT_EQ(opens.count(), 0u) << sql;
  }
  EXPECT_THAT(keys("u/"), ::testing::IsEmpty());
  std::ifstream(host + "/secret.csv").get();
  EXPECT_GT(opens.count(), 0u);  // it would have been seen
}

}  // namespace
}  // namespace engine::athena
