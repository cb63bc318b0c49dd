// Queries over a lake in a temporary folder, from SQL to the rows a client reads.
#include "engine/services/athena/athena.h"

#include "engine/protocol/error.h"
#include "engine/services/athena/athena_fixture.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/operations.h"
#include "engine/sql/parquet.h"
#include "lib/base/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace engine::athena {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(AthenaTest, ReadsJsonLinesByTheTablesColumnsAndTypes) {
  make_json_table();
  EXPECT_THAT(rows("SELECT id, name, abv, malts, \"at\" FROM ale ORDER BY id"),
              ElementsAre("id|name|abv|malts|at", "1|Buzz|4.5|[Pale]|2026-01-02 03:04:05.000",
                          "2||NULL|[]|NULL", "3|He said \"hi\"|NULL|NULL|NULL"));
  EXPECT_THAT(types(), ElementsAre("integer", "varchar", "double", "array", "timestamp"));
}

TEST_F(AthenaTest, ResolvesATablesNameInEveryForm) {
  make_json_table();
  for (const char* name :
       {"ale", "beers.ale", "\"beers\".\"ale\"", "AwsDataCatalog.beers.ale", "BEERS.Ale"}) {
    EXPECT_THAT(rows(std::string("SELECT count(*) FROM ") + name), ElementsAre("_col0", "3"))
        << name;
  }
  EXPECT_THAT(types(), ElementsAre("bigint"));
  EXPECT_THAT(rows("WITH ale AS (SELECT * FROM ale WHERE id = 1) SELECT ale.id FROM ale"),
              ElementsAre("id", "1"));
}

TEST_F(AthenaTest, LeavesCsvAndMetadataInTheBucket) {
  make_json_table();
  const auto execution = run("SELECT name, abv FROM ale ORDER BY id");
  const std::string location = *execution.ResultConfiguration->OutputLocation;
  EXPECT_EQ(location, "s3://results/out/" + *execution.QueryExecutionId + ".csv");
  EXPECT_EQ(text_of(location),
            "\"name\",\"abv\"\n\"Buzz\",\"4.5\"\n\"\",\n\"He said \"\"hi\"\"\",\n");
  EXPECT_THAT(text_of(location + ".metadata"), HasSubstr("varchar"));
  EXPECT_GT(*execution.Statistics->DataScannedInBytes, 0);
}

TEST_F(AthenaTest, CancelsAQueryThatWouldReadMoreThanItsWorkgroupAllows) {
  make_json_table();
  http::Request request;
  Call call{request};
  const auto ending = [&](std::int64_t limit) {
    const std::string name = fmt::format("limit{}", limit);
    api::WorkGroupConfiguration configuration{.BytesScannedCutoffPerQuery = limit};
    configuration.ResultConfiguration =
        api::ResultConfiguration{.OutputLocation = "s3://results/limited/"};
    create_work_group(athena, call, {.Name = name, .Configuration = configuration});
    const auto execution = athena.wait(
        athena.start({.QueryString = "SELECT count(*) FROM beers.ale", .WorkGroup = name}));
    return *execution.Status->State + " " + execution.Status->StateChangeReason.value_or("");
  };
  EXPECT_EQ(ending(10'000'000), "SUCCEEDED ");
  put("json/large", std::string(11'000'000, ' ') + "\n");
  EXPECT_EQ(ending(10'000'002), "CANCELLED Bytes scanned limit was exceeded");
}

TEST_F(AthenaTest, PagesThroughRows) {
  const auto execution = run("SELECT n FROM UNNEST(sequence(1, 5)) AS t(n)");
  auto first = athena.results(*execution.QueryExecutionId, {}, 3);
  EXPECT_EQ(first.rows.size(), 3u);
  const auto second = athena.results(*execution.QueryExecutionId, first.next, 3);
  ASSERT_EQ(second.rows.size(), 3u);
  EXPECT_EQ(joined(second.rows[2]), "5");
  EXPECT_FALSE(second.next);
}

TEST_F(AthenaTest, ReadsDelimitedTextWithHeaderAndNulls) {
  put("csv/a.csv", "id,name,abv\n1,\"a,b\",4.5\n2,,\n");
  run("CREATE EXTERNAL TABLE t (id int, name string, abv double) ROW FORMAT SERDE "
      "'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
      "WITH SERDEPROPERTIES ('separatorChar' = ',') LOCATION 's3://lake/csv/' TBLPROPERTIES "
      "('skip.header.line.count'='1')");
  EXPECT_THAT(rows("SELECT * FROM t ORDER BY id"),
              ElementsAre("id|name|abv", "1|a,b|4.5", "2||NULL"));
}

TEST_F(AthenaTest, ReadsGzipAndPlainObjectsOfOneTableTogether) {
  // "{"id":7}\n" as gzip writes it.
  put("gz/a.gz",
      base::from_hex("1f8b08000000000002ffab56ca4c51b232afe50200e61110dd09000000").value());
  put("gz/b", "{\"id\":8}\n");
  run("CREATE EXTERNAL TABLE z (id int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
      "LOCATION 's3://lake/gz/'");
  EXPECT_THAT(rows("SELECT id FROM z ORDER BY id"), ElementsAre("id", "7", "8"));
}

TEST_F(AthenaTest, ReadsParquetByNameWhateverEachFileHolds) {
  const auto convert = [&](std::string_view record, const std::vector<sql::Column>& columns) {
    return sql::parquet::from_json_lines({record}, columns, {.scratch = folder}).file;
  };
  s3.put_object("lake", "pq/a",
                convert(R"({"id":1,"name":"x"})", {{"id", "int"}, {"name", "string"}}));
  s3.put_object("lake", "pq/b", convert(R"({"abv":5,"id":2})", {{"abv", "double"}, {"id", "int"}}));
  run("CREATE EXTERNAL TABLE pq (id bigint, name string, abv double, s struct<a:int>) STORED AS "
      "PARQUET "
      "LOCATION 's3://lake/pq/'");
  EXPECT_THAT(rows("SELECT * FROM pq ORDER BY id"),
              ElementsAre("id|name|abv|s", "1|x|NULL|NULL", "2|NULL|5.0|NULL"));
}

TEST_F(AthenaTest, ReadsParquetAsTheTableDeclaresOrSaysWhichFieldDoesNotFit) {
  const auto convert = [&](std::string_view record, const std::vector<sql::Column>& columns) {
    return sql::parquet::from_json_lines({record}, columns, {.scratch = folder}).file;
  };
  s3.put_object("lake", "wide/a", convert(R"({"id":1,"abv":4.5})", {{"id", "int"}, {"abv", "float"}}));
  run("CREATE EXTERNAL TABLE wide (id bigint, abv double) STORED AS PARQUET LOCATION "
      "'s3://lake/wide/'");
  EXPECT_THAT(rows("SELECT * FROM wide"), ElementsAre("id|abv", "1|4.5"));
  // The same key with other columns: what was remembered of the old file is not of the new one.
  s3.put_object("lake", "wide/a",
                convert(R"({"id":"x","abv":5})", {{"id", "string"}, {"abv", "double"}}));
  EXPECT_THAT(rows("SELECT abv FROM wide"), ElementsAre("abv", "5.0"));
  EXPECT_EQ(reason("SELECT id FROM wide"),
            "FAILED HIVE_BAD_DATA: Field id's type BYTE_ARRAY in parquet file s3://lake/wide/a is "
            "incompatible with type bigint defined in table schema");
}

TEST_F(AthenaTest, ReadsLazySimpleTextWithItsOwnDelimiter) {
  put("tsv/a", "1\tx\"y\n2\t\\N\n");
  run("CREATE EXTERNAL TABLE tsv (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY "
      "'\\t' "
      "LOCATION 's3://lake/tsv/'");
  EXPECT_THAT(rows("SELECT * FROM tsv ORDER BY id"), ElementsAre("id|name", "1|x\"y", "2|NULL"));
}

TEST_F(AthenaTest, ReadsOnlyRegisteredPartitionsAndRepairsThem) {
  put("part/year=2025/month=12/a", "{\"id\":1}");
  put("part/year=2026/month=01/a", "{\"id\":2}");
  run("CREATE EXTERNAL TABLE p (id int) PARTITIONED BY (year int, month string) "
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/part'");
  EXPECT_THAT(rows("SELECT * FROM p"), ElementsAre("id|year|month"));
  run("ALTER TABLE p ADD PARTITION (year = 2026, month = '01')");
  EXPECT_THAT(rows("SELECT * FROM p"), ElementsAre("id|year|month", "2|2026|01"));
  run("MSCK REPAIR TABLE p");
  EXPECT_THAT(rows("SHOW PARTITIONS p"), ElementsAre("year=2025/month=12", "year=2026/month=01"));
  EXPECT_THAT(rows("SELECT id FROM p WHERE year = 2025"), ElementsAre("id", "1"));
  run("ALTER TABLE p DROP PARTITION (year = 2025, month = '12')");
  EXPECT_THAT(rows("SHOW PARTITIONS p"), ElementsAre("year=2026/month=01"));
}

TEST_F(AthenaTest, ProjectsPartitionsByTheTemplate) {
  put("proj/2026/01/a", "{\"id\":2}");
  run("CREATE EXTERNAL TABLE q (id int) PARTITIONED BY (year int, month string) "
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/proj/' "
      "TBLPROPERTIES "
      "('projection.enabled'='true', 'projection.year.type'='integer', "
      "'projection.year.range'='2020,2030', 'projection.month.type'='integer', "
      "'projection.month.range'='1,12', 'projection.month.digits'='2', "
      "'storage.location.template'='s3://lake/proj/${year}/${month}')");
  EXPECT_THAT(rows("SELECT * FROM q"), ElementsAre("id|year|month", "2|2026|01"));
}

TEST_F(AthenaTest, AMissingLocationIsAnEmptyTable) {
  run("CREATE EXTERNAL TABLE nothing (id int, s struct<a:int>) STORED AS PARQUET LOCATION "
      "'s3://no-such-bucket/x/'");
  EXPECT_THAT(rows("SELECT id, s FROM nothing"), ElementsAre("id|s"));
  EXPECT_THAT(types(), ElementsAre("integer", "row"));
}

TEST_F(AthenaTest, SaysWhatIsWrongWhereAsAthenaDoes) {
  make_json_table();
  EXPECT_THAT(reason("SELECT x FROM ale"),
              StartsWith("FAILED COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"));
  EXPECT_EQ(reason("SELECT *\nFROM wine"),
            "FAILED TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.beers.wine' does not exist");
  EXPECT_EQ(reason("SELECT * FROM a.b"),
            "FAILED SCHEMA_NOT_FOUND: line 1:15: Schema 'a' does not exist");
  EXPECT_THAT(reason("SELECT FROM WHERE"), StartsWith("FAILED SYNTAX_ERROR: line 1:13:"));
  EXPECT_EQ(reason("SELECT foo(1)"),
            "FAILED FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered");
  EXPECT_THAT(reason("SELECT CAST('x' AS INTEGER)"), StartsWith("FAILED INVALID_CAST_ARGUMENT"));
  EXPECT_THAT(reason("DROP TABLE wine"), HasSubstr("Table not found beers.wine"));
  EXPECT_THAT(reason("CREATE EXTERNAL TABLE t (id strin) LOCATION 's3://lake/x/'"),
              HasSubstr("unknown type strin"));
}

TEST_F(AthenaTest, NamesTheObjectThatCantBeRead) {
  put("bad/a.json", "{\"id\":1}\nnot json\n");
  run("CREATE EXTERNAL TABLE bad (id int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
      "LOCATION 's3://lake/bad/'");
  const std::string why = reason("SELECT * FROM bad");
  EXPECT_THAT(why, StartsWith("FAILED HIVE_CURSOR_ERROR"));
  EXPECT_THAT(why, HasSubstr("s3://lake/bad/a.json"));
  EXPECT_THAT(why, ::testing::Not(HasSubstr(folder)));
}

TEST_F(AthenaTest, NoSqlReachesFilesOrSettings) {
  for (const char* sql :
       {"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')", "SELECT * FROM duckdb_settings()",
        "SELECT current_setting('temp_directory')", "SELECT getenv('HOME')",
        "SELECT * FROM (SHOW TABLES)", "SELECT * FROM query('SELECT 1')", "SELECT 1; SELECT 2",
        "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x"}) {
    EXPECT_THAT(reason(sql), StartsWith("FAILED")) << sql;
  }
  for (const char* sql : {"COPY (SELECT 1) TO '/tmp/x'", "ATTACH '/tmp/x'", "INSTALL httpfs",
                          "PRAGMA version", "SET threads=1"}) {
    EXPECT_THROW(run(sql), AwsError) << sql;
  }
}

TEST_F(AthenaTest, SpeaksTrinosFunctions) {
  EXPECT_THAT(rows("SELECT date_format(TIMESTAMP '2026-01-02 03:04:05', '%Y-%m-%d %H:%i'), "
                   "date_parse('02/01/2026', '%d/%m/%Y'), json_extract_scalar('{\"a\":1}', '$.a'), "
                   "cardinality(ARRAY[1, 2]), element_at(MAP(ARRAY['k'], ARRAY[5]), 'k'), "
                   "regexp_like('abc', 'b+')"),
              ElementsAre("_col0|_col1|_col2|_col3|_col4|_col5",
                          "2026-01-02 03:04|2026-01-02 00:00:00.000|1|2|5|true"));
  EXPECT_THAT(rows("SELECT approx_distinct(n) FILTER (WHERE n > 1) AS d, 5 / 2 AS half, "
                   "transform(ARRAY[1], x -> x + 1), "
                   "CAST(NULL AS ARRAY(VARCHAR)), to_unixtime(from_unixtime(10)) FROM (VALUES (1), "
                   "(2)) AS t(n)"),
              ElementsAre("d|half|_col2|_col3|_col4", "1|2|[2]|NULL|10.0"));
}

TEST_F(AthenaTest, SpeaksTrinosSyntax) {
  EXPECT_THAT(rows("SELECT x FROM (VALUES 1, 2 + 1, greatest(4, 5)) AS t(x) ORDER BY x"),
              ElementsAre("x", "1", "3", "5"));
  EXPECT_THAT(rows("VALUES ROW(1, 'a'), (2, 'b')"), ElementsAre("col0|col1", "1|a", "2|b"));
  EXPECT_THAT(rows("SELECT 'values 1, 2' AS t, (VALUES 1) AS one, X'00ff' AS bytes, "
                   "CAST(ARRAY[1] AS ARRAY(BIGINT)) AS list, row(1, 'x') AS r"),
              ElementsAre("t|one|bytes|list|r", "values 1, 2|1|00 ff|[1]|{field0=1, field1=x}"));
  EXPECT_EQ(types()[2], "varbinary");
  EXPECT_EQ(rows("EXPLAIN SELECT 1").front(), "Query Plan");
}

TEST_F(AthenaTest, KeepsTheTypeOfATruncatedTime) {
  EXPECT_THAT(rows("SELECT date_trunc('month', TIMESTAMP '2026-05-06 01:02:03') AS t, "
                   "date_trunc('month', DATE '2026-05-06') AS d"),
              ElementsAre("t|d", "2026-05-01 00:00:00.000|2026-05-01"));
  EXPECT_THAT(types(), ElementsAre("timestamp", "date"));
}

TEST_F(AthenaTest, KnowsTrinosLessCommonFunctions) {
  EXPECT_THAT(
      rows("SELECT regexp_split('a1b22c', '[0-9]+') AS d, regexp_count('a1b22', '[0-9]+') AS e, "
           "last_day_of_month(DATE '2024-02-03') AS f, width_bucket(3.5, 0, 10, 5) AS g, "
           "typeof(1) AS h, url_extract_host('https://me@a.b:80/c?d=e#f') AS i, "
           "url_extract_path('https://a.b/c/d?e') AS j"),
      ElementsAre("d|e|f|g|h|i|j", "[a, b, c]|2|2024-02-29|2|integer|a.b|/c/d"));
}

TEST_F(AthenaTest, RefusesATableWithAColumnTwice) {
  EXPECT_THAT(reason("CREATE EXTERNAL TABLE t (id int) PARTITIONED BY (ID string) "
                     "LOCATION 's3://lake/t/'"),
              HasSubstr("Duplicate column name: id"));
}

TEST_F(AthenaTest, FillsParameters) {
  const auto execution = run("SELECT ? AS a, '?' AS b, ? + 1 AS c", {"'x'", "2"});
  EXPECT_EQ(joined(athena.results(*execution.QueryExecutionId, {}, 10).rows[1]), "x|?|3");
  EXPECT_THROW(run("SELECT ?", {"1", "2"}), AwsError);
}

TEST_F(AthenaTest, ShowsAndDescribesTheCatalog) {
  make_json_table();
  EXPECT_THAT(rows("SHOW DATABASES"), ElementsAre("beers"));
  EXPECT_THAT(rows("SHOW TABLES IN beers 'a*'"), ElementsAre("ale"));
  EXPECT_THAT(rows("SHOW COLUMNS IN ale"), ElementsAre("id", "name", "abv", "malts", "at"));
  EXPECT_THAT(rows("DESCRIBE ale")[0], StartsWith("id                  \tint"));
  EXPECT_THAT(rows("SHOW CREATE TABLE ale")[0], StartsWith("CREATE EXTERNAL TABLE `beers.ale`("));
  run("CREATE DATABASE IF NOT EXISTS wines COMMENT 'x'");
  EXPECT_THAT(rows("SHOW SCHEMAS LIKE 'w*'"), ElementsAre("wines"));
  EXPECT_THAT(reason("DROP DATABASE beers"), HasSubstr("is not empty"));
  EXPECT_THAT(reason("DROP DATABASE beers CASCADE"), StartsWith("SUCCEEDED"));
}

TEST_F(AthenaTest, ShowsATableInWordsThatMakeItAgain) {
  run("CREATE EXTERNAL TABLE slashes (a string COMMENT 'c:\\hops\\\\') COMMENT '\\' ROW FORMAT SERDE 'org.apache.hadoop."
      "hive.serde2.RegexSerDe' WITH SERDEPROPERTIES ('input.regex'='(\\d+)\\\\t(.*)', 'escape.delim'='\\\\', "
      "'serialization.null.format'='\\N') LOCATION 's3://lake/slashes/' TBLPROPERTIES ('k\\\\'='\\t')");
  const auto said = [&] {
    std::string text;
    for (const auto& row : rows("SHOW CREATE TABLE slashes")) text += row + "\n";
    return text;
  };
  const std::string first = said();
  EXPECT_THAT(first, AllOf(HasSubstr("COMMENT 'c:\\\\hops\\\\'"), HasSubstr("'escape.delim'='\\\\'"),
                           HasSubstr("'input.regex'='(\\\\d+)\\\\t(.*)'"), HasSubstr("'serialization.null.format'='\\\\N'")));
  run("DROP TABLE slashes");
  run(first);
  EXPECT_EQ(said(), first);
}

TEST_F(AthenaTest, GivesAnEarlierResultToWhoeverAllowsItsAge) {
  make_json_table();
  const auto ask = [&](bool enabled, int minutes) {
    api::StartQueryExecutionInput input{.QueryString = "SELECT count(*) FROM beers.ale"};
    input.ResultConfiguration = api::ResultConfiguration{.OutputLocation = "s3://results/"};
    input.ResultReuseConfiguration = api::ResultReuseConfiguration{
        api::ResultReuseByAgeConfiguration{.Enabled = enabled, .MaxAgeInMinutes = minutes}};
    const auto execution = athena.wait(athena.start(input));
    const auto page = athena.results(*execution.QueryExecutionId, {}, 10);
    return fmt::format("{} {} {}", joined(page.rows[1]),
                       execution.Statistics->ResultReuseInformation->ReusedPreviousResult,
                       *execution.Statistics->DataScannedInBytes > 0);
  };
  EXPECT_EQ(ask(true, 60), "3 false true");
  put("json/c", R"({"id":4})");
  EXPECT_EQ(ask(true, 60), "3 true false");  // nobody looks whether the data has changed
  EXPECT_EQ(ask(false, 60), "4 false true");
  EXPECT_EQ(ask(true, 60), "4 true false");
  clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(ask(true, 5), "4 false true");
  for (const auto& object : s3.all_objects("results", "")) s3.delete_object("results", object.key);
  EXPECT_EQ(ask(true, 60), "4 false true");
}

TEST_F(AthenaTest, SaysOfAFailureWhoseFaultItIs) {
  const auto error = *run("SELECT x FROM nowhere").Status->AthenaError;
  EXPECT_EQ(error.ErrorCategory, 2);
  EXPECT_EQ(error.ErrorType, 1110);
  EXPECT_THAT(*error.ErrorMessage, StartsWith("TABLE_NOT_FOUND"));
}

TEST_F(AthenaTest, StopsAQueryThatRuns) {
  api::StartQueryExecutionInput input{.QueryString =
                                          "SELECT count(*) FROM UNNEST(sequence(1, 9999)) a(x), "
                                          "UNNEST(sequence(1, 9999)) b(y), "
                                          "UNNEST(sequence(1, 9999)) c(z) WHERE x * y = -z"};
  input.ResultConfiguration = api::ResultConfiguration{.OutputLocation = "s3://results/"};
  const std::string id = athena.start(input);
  while (athena.execution(id).Status->State == "QUEUED") std::this_thread::yield();
  athena.stop(id);
  const auto execution = athena.execution(id);
  EXPECT_EQ(execution.Status->State, "CANCELLED");
  EXPECT_EQ(execution.Status->StateChangeReason, "Query cancelled by user");
  EXPECT_THROW(athena.results(id, {}, 10), AwsError);
  // Both workers are free again for the next ones.
  EXPECT_THAT(rows("SELECT 1 AS x"), ElementsAre("x", "1"));
}

TEST_F(AthenaTest, SaysCancelledBeforeAnOperationOnOneHugeValueIsLeft) {
  api::StartQueryExecutionInput input{.QueryString =
                                          "SELECT count(*) FROM UNNEST(sequence(1, 3000000)) a(x), "
                                          "UNNEST(sequence(1, 3000000)) b(y) WHERE x = y + 0.5"};
  input.ResultConfiguration = api::ResultConfiguration{.OutputLocation = "s3://results/"};
  const std::string id = athena.start(input);
  while (athena.execution(id).Status->State == "QUEUED") std::this_thread::yield();
  athena.stop(id);
  EXPECT_EQ(athena.execution(id).Status->State, "CANCELLED");
  athena.stop(id);
  EXPECT_EQ(athena.execution(id).Status->State, "CANCELLED");
}

TEST_F(AthenaTest, RefusesWhatHasNoOutputGroupOrMeaning) {
  EXPECT_THROW(athena.start({.QueryString = "SELECT 1"}), AwsError);
  api::StartQueryExecutionInput input{.QueryString = "SELEC 1"};
  input.ResultConfiguration = api::ResultConfiguration{.OutputLocation = "s3://results/"};
  EXPECT_THROW(athena.start(input), AwsError);
  input.QueryString = "SELECT 1";
  input.WorkGroup = "none";
  EXPECT_THROW(athena.start(input), AwsError);
  EXPECT_THAT(reason("MERGE INTO t USING u ON t.a = u.a"), StartsWith("FAILED NOT_SUPPORTED"));
}

TEST_F(AthenaTest, KeepsExecutionsOverARestart) {
  const auto before = run("SELECT 1 AS one");
  Athena again(context, glue, s3);
  EXPECT_EQ(again.execution(*before.QueryExecutionId).Status->State, "SUCCEEDED");
  EXPECT_EQ(joined(again.results(*before.QueryExecutionId, {}, 10).rows[1]), "1");
  EXPECT_THAT(again.executions("primary"), ElementsAre(*before.QueryExecutionId));
}

TEST_F(AthenaTest, KeepsWorkgroupsWithTheirDefaultsAndTags) {
  http::Request request;
  Call call{request};
  api::WorkGroupConfiguration configuration;
  configuration.ResultConfiguration =
      api::ResultConfiguration{.OutputLocation = "s3://results/wg/"};
  create_work_group(
      athena, call,
      {.Name = "wg", .Configuration = configuration, .Tags = std::vector<api::Tag>{{"k", "v"}}});
  const auto group = *get_work_group(athena, call, {.WorkGroup = "wg"}).WorkGroup;
  EXPECT_EQ(group.State, "ENABLED");
  EXPECT_EQ(group.Configuration->EnforceWorkGroupConfiguration, true);
  EXPECT_EQ(group.Configuration->EngineVersion->EffectiveEngineVersion, "Athena engine version 3");
  const auto tags =
      *list_tags_for_resource(athena, call, {.ResourceARN = context.arn("athena", "workgroup/wg")})
           .Tags;
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].Value, "v");
  const auto execution = athena.wait(athena.start({.QueryString = "SELECT 1", .WorkGroup = "wg"}));
  EXPECT_THAT(*execution.ResultConfiguration->OutputLocation, StartsWith("s3://results/wg/"));
  delete_work_group(athena, call, {.WorkGroup = "wg"});
  EXPECT_THROW(athena.workgroup("wg"), AwsError);
}

}  // namespace
}  // namespace engine::athena
