// CREATE TABLE AS, INSERT INTO and UNLOAD: rows that become objects of the lake and partitions of Glue.
#include "engine/services/athena/athena_fixture.h"

namespace engine::athena {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Writing : public AthenaTest {
 protected:
  std::string type_of(const std::string& table, const std::string& column) {
    const auto found = glue.table("beers", table);
    for (const auto* columns : {&found.StorageDescriptor->Columns, &found.PartitionKeys}) {
      for (const auto& candidate : **columns) {
        if (candidate.Name == column) return candidate.Type.value_or("");
      }
    }
    return "no such column";
  }
};

TEST_F(Writing, ATableFromAQueryHoldsItsRowsAndTypes) {
  const auto execution = run(
      "CREATE TABLE made AS SELECT 1 AS id, 'Buzz' AS name, 4.5 AS abv, DATE '2026-01-02' AS d, "
      "ARRAY[1] AS l, MAP(ARRAY['k'], ARRAY[2]) AS m, CAST(ROW(1, 'x') AS ROW(a INTEGER, b "
      "VARCHAR)) AS r, TIMESTAMP '2026-01-02 03:04:05' AS t, true AS ok, X'00ff' AS bytes");
  ASSERT_EQ(execution.Status->StateChangeReason.value_or(""), "");
  EXPECT_EQ(execution.StatementType, "DDL");
  EXPECT_EQ(execution.SubstatementType, "CREATE_TABLE_AS_SELECT");
  const std::string id = *execution.QueryExecutionId;
  EXPECT_EQ(execution.ResultConfiguration->OutputLocation, "s3://results/out/tables/" + id);
  EXPECT_EQ(execution.Statistics->DataManifestLocation,
            "s3://results/out/tables/" + id + "-manifest.csv");
  EXPECT_THAT(text_of(*execution.Statistics->DataManifestLocation),
              StartsWith("s3://results/out/tables/" + id + "/"));
  EXPECT_EQ(glue.table("beers", "made").StorageDescriptor->Location,
            "s3://results/out/tables/" + id + "/");
  const auto page = athena.results(id, {}, 10);
  EXPECT_EQ(page.updated, 1);
  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_THAT(rows("SELECT * FROM made"),
              ElementsAre("id|name|abv|d|l|m|r|t|ok|bytes",
                          "1|Buzz|4.5|2026-01-02|[1]|{k=2}|{a=1, b=x}|2026-01-02 "
                          "03:04:05.000|true|00 ff"));
  EXPECT_EQ(type_of("made", "abv"), "decimal(2,1)");
  EXPECT_EQ(type_of("made", "m"), "map<string,int>");
  EXPECT_EQ(type_of("made", "r"), "struct<a:int,b:string>");
}

TEST_F(Writing, ATableIsPartedByItsLastColumns) {
  EXPECT_THAT(reason("CREATE TABLE parted WITH (format = 'PARQUET', write_compression = 'SNAPPY', "
                     "external_location = 's3://lake/parted', partitioned_by = ARRAY['year', "
                     "'kind']) AS SELECT * FROM (VALUES (1, 2025, 'a/b'), (2, 2026, NULL), (3, "
                     "2026, 'x')) AS t(id, year, kind)"),
              StartsWith("SUCCEEDED"));
  EXPECT_THAT(rows("SELECT * FROM parted ORDER BY id"),
              ElementsAre("id|year|kind", "1|2025|a/b", "2|2026|NULL", "3|2026|x"));
  EXPECT_THAT(keys("parted/"), ElementsAre(StartsWith("parted/year=2025/kind=a%2Fb/"),
                                           StartsWith("parted/year=2026/kind=__HIVE_DEFAULT"),
                                           StartsWith("parted/year=2026/kind=x/")));
  EXPECT_THAT(glue.partitions("beers", "parted"), SizeIs(3));
  EXPECT_THAT(reason("CREATE TABLE p2 WITH (partitioned_by = ARRAY['id']) AS SELECT 1 AS id, 2 AS "
                     "other"),
              HasSubstr("HIVE_COLUMN_ORDER_MISMATCH"));
}

TEST_F(Writing, JsonAndTextTablesReadBackAsTheyWereWritten) {
  const std::string query =
      "AS SELECT * FROM (VALUES (1, 'a,\"b\\', 1.5e0), (2, NULL, NULL), (3, '', 0e0)) AS t(id, "
      "name, abv)";
  for (const std::string options :
       {"format = 'JSON'", "format = 'TEXTFILE'", "format = 'TEXTFILE', field_delimiter = '|'",
        "format = 'JSON', write_compression = 'NONE'",
        "format = 'PARQUET', parquet_compression = 'ZSTD'"}) {
    SCOPED_TRACE(options);
    EXPECT_EQ(reason("CREATE TABLE copy WITH (" + options + ") " + query), "SUCCEEDED ");
    EXPECT_THAT(rows("SELECT * FROM copy ORDER BY id"),
                ElementsAre("id|name|abv", "1|a,\"b\\|1.5", "2|NULL|NULL", "3||0.0"));
    run("DROP TABLE copy");
  }
}

TEST_F(Writing, ATableWithoutDataIsEmpty) {
  EXPECT_EQ(reason("CREATE TABLE e AS SELECT 1 AS id WITH NO DATA"), "SUCCEEDED ");
  EXPECT_EQ(reason("CREATE TABLE IF NOT EXISTS e AS SELECT 2 AS id WITH DATA"), "SUCCEEDED ");
  EXPECT_THAT(rows("SELECT * FROM e"), ElementsAre("id"));
}

TEST_F(Writing, AFailedQueryLeavesNothingBehind) {
  put("taken/x", "1");
  const std::string into = " WITH (external_location = 's3://lake/new/') AS ";
  EXPECT_THAT(reason("CREATE TABLE f" + into + "SELECT CAST(x AS INTEGER) AS x FROM (VALUES ('1'), "
                     "('no')) AS t(x)"),
              StartsWith("FAILED INVALID_CAST_ARGUMENT"));
  EXPECT_THAT(reason("CREATE TABLE f" + into + "SELECT 1"),
              StartsWith("FAILED COLUMN_NAME_NOT_SPECIFIED"));
  EXPECT_THAT(reason("CREATE TABLE f" + into + "SELECT 1 AS a, 2 AS a"),
              StartsWith("FAILED DUPLICATE_COLUMN_NAME"));
  EXPECT_THAT(reason("CREATE TABLE f WITH (external_location = 's3://lake/taken') AS SELECT 1 AS a"),
              StartsWith("FAILED HIVE_PATH_ALREADY_EXISTS"));
  EXPECT_THAT(reason("CREATE TABLE f WITH (external_location = 's3://nowhere/x') AS SELECT 1 AS a"),
              HasSubstr("does not exist"));
  EXPECT_THAT(reason("CREATE TABLE f WITH (bucketed_by = ARRAY['a'], bucket_count = 3) AS SELECT 1 "
                     "AS a"),
              HasSubstr("buckets"));
  EXPECT_THAT(reason("CREATE TABLE f WITH (format = 'ORC') AS SELECT 1 AS a"),
              HasSubstr("can't be written here"));
  EXPECT_THAT(reason("CREATE TABLE f WITH (colour = 'red') AS SELECT 1 AS a"),
              HasSubstr("'colour' does not exist"));
  EXPECT_THAT(reason("CREATE TABLE f" + into + "SELECT TIME '01:02:03' AS t"),
              HasSubstr("Unsupported Hive type"));
  EXPECT_THAT(reason("CREATE TABLE f" + into + "SELECT * FROM nowhere"),
              HasSubstr("TABLE_NOT_FOUND: line 1:"));
  EXPECT_THAT(keys("new/"), IsEmpty());
  EXPECT_FALSE(glue.find_table("beers", "f"));
  EXPECT_TRUE(std::filesystem::is_empty(folder + "/athena"));
}

TEST_F(Writing, PlacesInAQueryAreTheStatements) {
  EXPECT_THAT(reason("CREATE TABLE f AS\nSELECT * FROM wine"),
              HasSubstr("TABLE_NOT_FOUND: line 2:15"));
}

TEST_F(Writing, InsertsIntoTheTablesColumnsAndPartitions) {
  run("CREATE EXTERNAL TABLE log (id bigint, name string) PARTITIONED BY (day date) STORED AS "
      "PARQUET LOCATION 's3://lake/log/'");
  const auto execution =
      run("INSERT INTO log VALUES (1, 'a', DATE '2026-01-01'), (2, 'b', DATE '2026-01-02')");
  EXPECT_EQ(execution.Status->StateChangeReason.value_or(""), "");
  EXPECT_EQ(execution.StatementType, "DML");
  EXPECT_EQ(execution.SubstatementType, "INSERT");
  EXPECT_EQ(athena.results(*execution.QueryExecutionId, {}, 10).updated, 2);
  EXPECT_THAT(text_of(*execution.Statistics->DataManifestLocation),
              HasSubstr("s3://lake/log/day=2026-01-01/"));
  EXPECT_THAT(rows("SHOW PARTITIONS log"), ElementsAre("day=2026-01-01", "day=2026-01-02"));
  EXPECT_EQ(reason("INSERT INTO log (day, id) SELECT DATE '2026-01-02', id + 10 FROM log"),
            "SUCCEEDED ");
  EXPECT_THAT(rows("SELECT * FROM log ORDER BY id"),
              ElementsAre("id|name|day", "1|a|2026-01-01", "2|b|2026-01-02", "11|NULL|2026-01-02",
                          "12|NULL|2026-01-02"));
  run("ALTER TABLE log ADD PARTITION (day = '2026-03-01') LOCATION 's3://lake/elsewhere/'");
  run("INSERT INTO log VALUES (5, 'c', DATE '2026-03-01')");
  EXPECT_THAT(keys("elsewhere/"), SizeIs(1));
  EXPECT_THAT(rows("SELECT id FROM log WHERE day = DATE '2026-03-01'"), ElementsAre("id", "5"));
}

TEST_F(Writing, InsertsIntoEveryFormatThatCanBeRead) {
  const char* tables[] = {
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES "
      "('mapping.name' = 'Name')",
      "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
      "ROW FORMAT DELIMITED FIELDS TERMINATED BY ';'", "STORED AS PARQUET"};
  for (const char* table : tables) {
    SCOPED_TRACE(table);
    run(fmt::format("CREATE EXTERNAL TABLE t (id int, name string) {} LOCATION 's3://lake/t/'",
                    table));
    EXPECT_EQ(reason("INSERT INTO t SELECT * FROM (VALUES (1, 'x \"y\", z'), (2, 'w'))"),
              "SUCCEEDED ");
    EXPECT_THAT(rows("SELECT * FROM t ORDER BY id"),
                ElementsAre("id|name", "1|x \"y\", z", "2|w"));
    run("DROP TABLE t");
    for (const auto& key : keys("t/")) s3.delete_object("lake", key);
  }
}

TEST_F(Writing, RefusesToInsertWhatDoesNotFit) {
  run("CREATE EXTERNAL TABLE t (id int, name string) STORED AS PARQUET LOCATION 's3://lake/t/'");
  EXPECT_EQ(reason("INSERT INTO t SELECT 'x', 1"),
            "FAILED TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: "
            "[integer, varchar], Query: [varchar, integer]");
  EXPECT_THAT(reason("INSERT INTO t SELECT 1"), StartsWith("FAILED TYPE_MISMATCH"));
  EXPECT_THAT(reason("INSERT INTO t (id, nose) VALUES (1, 'a')"), HasSubstr("nose"));
  EXPECT_THAT(reason("INSERT INTO nowhere SELECT 1"), StartsWith("FAILED TABLE_NOT_FOUND"));
  run("CREATE EXTERNAL TABLE o (id int) STORED AS ORC LOCATION 's3://lake/o/'");
  EXPECT_THAT(reason("INSERT INTO o SELECT 1"), HasSubstr("can't be written here"));
  EXPECT_THAT(keys(""), IsEmpty());
}

TEST_F(Writing, AtMostAHundredPartitionsAtOnce) {
  EXPECT_THAT(reason("CREATE TABLE many WITH (partitioned_by = ARRAY['p'], external_location = "
                     "'s3://lake/many/') AS SELECT n AS id, n AS p FROM UNNEST(sequence(1, 101)) AS "
                     "t(n)"),
              HasSubstr("HIVE_TOO_MANY_OPEN_PARTITIONS"));
  EXPECT_THAT(keys("many/"), IsEmpty());
}

TEST_F(Writing, UnloadsIntoAnEmptyFolder) {
  const auto execution =
      run("UNLOAD (SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS t(id, kind)) TO 's3://lake/un/' "
          "WITH (format = 'JSON', compression = 'NONE', partitioned_by = ARRAY['kind'])");
  EXPECT_EQ(execution.Status->StateChangeReason.value_or(""), "");
  EXPECT_EQ(execution.SubstatementType, "UNLOAD");
  EXPECT_EQ(execution.ResultConfiguration->OutputLocation,
            "s3://results/out/" + *execution.QueryExecutionId);
  const auto written = keys("un/");
  ASSERT_THAT(written, ElementsAre(StartsWith("un/kind=x/"), StartsWith("un/kind=y/")));
  EXPECT_EQ(text_of("s3://lake/" + written[0]), "{\"id\":1}\n");
  EXPECT_THAT(reason("UNLOAD (SELECT 1 AS a) TO 's3://lake/un/' WITH (format = 'PARQUET')"),
              HasSubstr("HIVE_PATH_ALREADY_EXISTS"));
  EXPECT_EQ(reason("UNLOAD (SELECT 1 AS a, 'b;c' AS b) TO 's3://lake/text' WITH (format = "
                   "'TEXTFILE', field_delimiter = ',', compression = 'NONE')"),
            "SUCCEEDED ");
  ASSERT_THAT(keys("text/"), SizeIs(1));
  EXPECT_EQ(text_of("s3://lake/" + keys("text/")[0]), "1,b;c\n");
}

TEST_F(Writing, GoesNowhereButIntoBuckets) {
  for (const char* sql : {"UNLOAD (SELECT 1 AS a) TO '/tmp/x'", "UNLOAD (SELECT 1 AS a) TO 'file:///tmp'",
                          "CREATE TABLE t WITH (external_location = '/tmp/x') AS SELECT 1 AS a",
                          "CREATE TABLE t AS SELECT * FROM read_text('/etc/passwd')",
                          "UNLOAD (COPY (SELECT 1) TO '/tmp/x') TO 's3://lake/x'",
                          "INSERT INTO ale SELECT * FROM '/etc/passwd'"}) {
    make_json_table();
    EXPECT_THAT(reason(sql), StartsWith("FAILED")) << sql;
    run("DROP TABLE ale");
  }
}

}  // namespace
}  // namespace engine::athena
