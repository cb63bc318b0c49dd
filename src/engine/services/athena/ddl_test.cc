// Statements over the catalog: views, prepared statements, ALTER, SHOW, DESCRIBE, EXPLAIN.
#include "engine/protocol/error.h"
#include "engine/services/athena/athena_fixture.h"
#include "engine/services/athena/ddl.h"
#include "engine/services/athena/view_text.h"

namespace engine::athena {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Ddl : public AthenaTest {
 protected:
  // The cells between the tabs, without the blanks that pad them.
  std::vector<std::string> described(const std::string& sql) {
    std::vector<std::string> lines;
    for (std::string line : rows(sql)) {
      std::string packed;
      for (const char c : line) {
        if (c == '\t' && packed.size() && packed.back() != '|') packed += '|';
        if (c != ' ' && c != '\t') packed += c;
      }
      lines.push_back(packed);
    }
    return lines;
  }
};

// --- Views

TEST_F(Ddl, AViewGivesTheRowsOfItsQuery) {
  make_json_table();
  const auto execution =
      run("CREATE VIEW strong AS\nSELECT id, upper(name) AS shout, abv FROM ale WHERE abv > 4");
  EXPECT_EQ(execution.Status->StateChangeReason.value_or(""), "");
  EXPECT_EQ(execution.StatementType, "DDL");
  EXPECT_EQ(execution.SubstatementType, "CREATE_VIEW");
  EXPECT_THAT(rows("SELECT * FROM strong"), ElementsAre("id|shout|abv", "1|BUZZ|4.5"));
  EXPECT_EQ(reason("CREATE VIEW names AS SELECT shout FROM strong"), "SUCCEEDED ");
  EXPECT_THAT(rows("SELECT shout FROM beers.names"), ElementsAre("shout", "BUZZ"));
  EXPECT_THAT(rows("SHOW VIEWS"), ElementsAre("names", "strong"));
  EXPECT_THAT(rows("SHOW VIEWS IN beers LIKE 's*'"), ElementsAre("strong"));
  EXPECT_THAT(rows("SHOW CREATE VIEW strong"),
              ElementsAre("CREATE VIEW beers.strong AS",
                          "SELECT id, upper(name) AS shout, abv FROM ale WHERE abv > 4"));
  EXPECT_THAT(described("DESCRIBE strong"), ElementsAre("id|int|", "shout|string|", "abv|double|"));
  EXPECT_EQ(reason("DROP VIEW names"), "SUCCEEDED ");
  EXPECT_THAT(rows("SHOW VIEWS"), ElementsAre("strong"));
}

TEST_F(Ddl, AViewIsKeptAsPrestoKeepsIt) {
  make_json_table();
  run("CREATE VIEW v AS SELECT id, malts FROM ale");
  const auto table = glue.table("beers", "v");
  EXPECT_EQ(table.TableType, "VIRTUAL_VIEW");
  EXPECT_EQ(table.ViewExpandedText, "/* Presto View */");
  EXPECT_EQ(table.Parameters->at("presto_view"), "true");
  const auto view = read_view_text(*table.ViewOriginalText).value();
  EXPECT_EQ(view.sql, "SELECT id, malts FROM ale");
  EXPECT_EQ(view.schema, "beers");
  ASSERT_EQ(view.columns.size(), 2u);
  EXPECT_EQ(view.columns[1].type, "array(varchar)");
}

TEST_F(Ddl, AViewThatAnotherToolMadeWorks) {
  make_json_table();
  glue.create_table(
      "beers", {.Name = "elsewhere",
                .ViewOriginalText = view_text(
                    {.sql = "SELECT id, CAST(ROW(id, 'x') AS ROW(a INTEGER, b VARCHAR)) AS r, name "
                            "FROM ale ORDER BY id LIMIT 1",
                     .schema = "beers",
                     .columns = {{"id", "bigint"},
                                 {"r", "row(a integer, \"b\" varchar(10))"},
                                 {"name", "varchar"}}}),
                .TableType = "VIRTUAL_VIEW"});
  EXPECT_THAT(rows("SELECT * FROM elsewhere"), ElementsAre("id|r|name", "1|{a=1, b=x}|Buzz"));
  EXPECT_THAT(types(), ElementsAre("bigint", "row", "varchar"));
}

TEST_F(Ddl, AStaleViewSaysSo) {
  make_json_table();
  run("CREATE VIEW v AS SELECT id FROM ale");
  run("CREATE VIEW w AS SELECT id FROM v");
  run("ALTER TABLE ale REPLACE COLUMNS (id string)");
  EXPECT_THAT(reason("SELECT * FROM v"),
              HasSubstr("INVALID_VIEW: View 'awsdatacatalog.beers.v' is stale or in invalid state: "
                        "column [id] of type varchar projected from query view at position 0 "
                        "cannot be coerced to column [id] of type integer"));
  run("DROP TABLE ale");
  EXPECT_THAT(reason("SELECT * FROM w"),
              HasSubstr("INVALID_VIEW: Failed analyzing stored view 'awsdatacatalog.beers.v': "
                        "TABLE_NOT_FOUND"));
  glue.create_table("beers", {.Name = "odd", .ViewOriginalText = "SELECT 1",
                              .TableType = "VIRTUAL_VIEW"});
  EXPECT_THAT(reason("SELECT * FROM odd"), HasSubstr("INVALID_VIEW"));
}

TEST_F(Ddl, AViewStandsOnNoViewThatStandsOnIt) {
  make_json_table();
  run("CREATE VIEW v AS SELECT id FROM ale");
  run("CREATE VIEW w AS SELECT id FROM v");
  EXPECT_THAT(reason("CREATE OR REPLACE VIEW v AS SELECT id FROM w"),
              HasSubstr("VIEW_IS_RECURSIVE"));
  EXPECT_THAT(reason("CREATE VIEW v AS SELECT 1 AS id"), HasSubstr("VIEW_ALREADY_EXISTS"));
  EXPECT_EQ(reason("CREATE OR REPLACE VIEW v AS SELECT 7 AS id"), "SUCCEEDED ");
  EXPECT_THAT(rows("SELECT * FROM w"), ElementsAre("id", "7"));
  EXPECT_THAT(reason("CREATE VIEW ale AS SELECT 1 AS id"), HasSubstr("TABLE_ALREADY_EXISTS"));
  EXPECT_THAT(reason("CREATE VIEW x AS SELECT 1"), HasSubstr("COLUMN_NAME_NOT_SPECIFIED"));
  EXPECT_THAT(reason("CREATE VIEW x AS\nSELECT nope FROM ale"), HasSubstr("line 2:8"));
  EXPECT_THAT(reason("DROP TABLE v"), HasSubstr("is a view"));
  EXPECT_THAT(reason("DROP VIEW ale"), HasSubstr("it is a table"));
  EXPECT_THAT(reason("INSERT INTO v SELECT 1"), HasSubstr("Inserting into views"));
}

// --- Prepared statements

TEST_F(Ddl, PreparesExecutesAndDeallocates) {
  EXPECT_EQ(reason("PREPARE sum2 FROM SELECT ? + ? AS n, 'it''s ?' AS t"), "SUCCEEDED ");
  EXPECT_THAT(rows("EXECUTE sum2 USING 1, greatest(2, 3)"), ElementsAre("n|t", "4|it's ?"));
  const auto execution = run("EXECUTE sum2", {"10", "20"});
  EXPECT_EQ(joined(athena.results(*execution.QueryExecutionId, {}, 9).rows[1]), "30|it's ?");
  EXPECT_EQ(execution.StatementType, "DML");
  EXPECT_THROW(run("EXECUTE sum2 USING 1"), AwsError);
  EXPECT_EQ(reason("DEALLOCATE PREPARE sum2"), "SUCCEEDED ");
  EXPECT_THROW(run("EXECUTE sum2 USING 1, 2"), AwsError);
  EXPECT_THAT(reason("DEALLOCATE PREPARE sum2"), HasSubstr("was not found"));
}

TEST_F(Ddl, AParameterIsOneValueAndNoMore) {
  const auto text = [&](const std::string& value) {
    const auto execution = run("SELECT ? AS v", {value});
    return joined(athena.results(*execution.QueryExecutionId, {}, 9).rows.at(1));
  };
  EXPECT_EQ(text("'a; b, (c'"), "a; b, (c");
  EXPECT_EQ(text("DATE '2026-01-02'"), "2026-01-02");
  for (const char* value : {"1, 2", "1; SELECT 2", "1) --", "", "'x", "1)", "(1"})
    EXPECT_THROW(run("SELECT ? AS v", {value}), AwsError) << value;
}

// --- ALTER, SHOW, DESCRIBE

TEST_F(Ddl, AltersADatabasesProperties) {
  run("ALTER DATABASE beers SET DBPROPERTIES ('owner' = 'me')");
  EXPECT_EQ(glue.database("beers").Parameters->at("owner"), "me");
  EXPECT_THAT(reason("ALTER DATABASE none SET DBPROPERTIES ('a' = 'b')"),
              HasSubstr("does not exist"));
}

TEST_F(Ddl, ChangesColumns) {
  run("CREATE EXTERNAL TABLE t (a int, b string COMMENT 'bee', c double) PARTITIONED BY (p string) "
      "LOCATION 's3://lake/t/'");
  run("ALTER TABLE t CHANGE COLUMN b bb bigint");
  EXPECT_THAT(described("DESCRIBE t"), Contains("bb|bigint|bee"));
  run("ALTER TABLE t CHANGE c cc double COMMENT 'sea' FIRST");
  run("ALTER TABLE t CHANGE a a int AFTER bb");
  EXPECT_THAT(rows("SHOW COLUMNS IN t"), ElementsAre("cc", "bb", "a", "p"));
  EXPECT_THAT(reason("ALTER TABLE t CHANGE x y int"), HasSubstr("Invalid column reference x"));
  EXPECT_THAT(reason("ALTER TABLE t ADD COLUMNS (P int)"), HasSubstr("Duplicate column name"));
  run("ALTER TABLE t REPLACE COLUMNS (z int, y date)");
  EXPECT_THAT(rows("SHOW COLUMNS FROM t"), ElementsAre("z", "y", "p"));
}

TEST_F(Ddl, RenamesMovesAndDropsPartitions) {
  run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (y int, m int) LOCATION 's3://lake/t/'");
  run("ALTER TABLE t ADD PARTITION (y = 2025, m = 1) PARTITION (y = 2025, m = 2) PARTITION (y = "
      "2026, m = 1) LOCATION 's3://lake/x/'");
  run("ALTER TABLE t PARTITION (y = 2026, m = 1) RENAME TO PARTITION (y = 2027, m = 1)");
  EXPECT_THAT(rows("SHOW PARTITIONS t"), ElementsAre("y=2025/m=1", "y=2025/m=2", "y=2027/m=1"));
  EXPECT_EQ(glue.find_partition("beers", "t", {"2027", "1"})->StorageDescriptor->Location,
            "s3://lake/x/");
  run("ALTER TABLE t PARTITION (y = 2025, m = 1) SET LOCATION 's3://lake/new/'");
  EXPECT_EQ(glue.find_partition("beers", "t", {"2025", "1"})->StorageDescriptor->Location,
            "s3://lake/new/");
  EXPECT_THAT(described("DESCRIBE FORMATTED t PARTITION (y = 2025, m = 1)"),
              Contains("Location:|s3://lake/new/|"));
  EXPECT_THAT(reason("ALTER TABLE t DROP PARTITION (y = 1, m = 1)"),
              HasSubstr("Partition not found"));
  run("ALTER TABLE t DROP PARTITION (y < 2026, m >= 2)");
  EXPECT_THAT(rows("SHOW PARTITIONS t"), ElementsAre("y=2025/m=1", "y=2027/m=1"));
  run("ALTER TABLE t DROP PARTITION (y = 2025), PARTITION (y = 2027)");
  EXPECT_THAT(rows("SHOW PARTITIONS t"), IsEmpty());
}

TEST_F(Ddl, ShowsByPatternsAndProperties) {
  make_json_table();
  run("CREATE DATABASE wine_red");
  run("CREATE DATABASE wine_white");
  EXPECT_THAT(rows("SHOW DATABASES LIKE 'wine*'"), ElementsAre("wine_red", "wine_white"));
  EXPECT_THAT(rows("SHOW DATABASES LIKE '.*_(red|rose)'"), ElementsAre("wine_red"));
  run("ALTER TABLE ale SET TBLPROPERTIES ('colour' = 'gold')");
  EXPECT_THAT(rows("SHOW TBLPROPERTIES ale('colour')"), ElementsAre("colour\tgold"));
  EXPECT_THAT(rows("SHOW TBLPROPERTIES ale"), Contains("EXTERNAL\tTRUE"));
  EXPECT_THAT(described("DESCRIBE EXTENDED ale"), Contains("TableType:|EXTERNAL_TABLE|"));
}

TEST_F(Ddl, TheInformationSchemaHoldsTheCatalogAndNothingElse) {
  make_json_table();
  run("CREATE VIEW v AS SELECT id FROM ale");
  EXPECT_THAT(rows("SELECT table_schema, table_name, table_type FROM information_schema.tables "
                   "ORDER BY table_name"),
              ElementsAre("table_schema|table_name|table_type", "beers|ale|BASE TABLE",
                          "beers|v|VIEW"));
  EXPECT_THAT(rows("SELECT column_name, ordinal_position, data_type, is_nullable FROM "
                   "information_schema.columns WHERE table_schema = 'beers' AND table_name = 'ale' "
                   "AND ordinal_position > 2 ORDER BY ordinal_position"),
              ElementsAre("column_name|ordinal_position|data_type|is_nullable",
                          "abv|3|double|YES", "malts|4|array(varchar)|YES",
                          "at|5|timestamp(3)|YES"));
  EXPECT_THAT(rows("SELECT view_definition FROM \"awsdatacatalog\".information_schema.views"),
              ElementsAre("view_definition", "SELECT id FROM ale"));
  EXPECT_THAT(rows("SELECT schema_name FROM information_schema.schemata ORDER BY 1"),
              ElementsAre("schema_name", "beers", "information_schema"));
  EXPECT_THAT(reason("SELECT * FROM information_schema.key_column_usage"),
              HasSubstr("TABLE_NOT_FOUND"));
}

TEST_F(Ddl, ExplainsInEveryForm) {
  make_json_table();
  EXPECT_THAT(rows("EXPLAIN SELECT count(*) FROM ale"), Contains(HasSubstr("Input: 2 files")));
  EXPECT_THAT(rows("EXPLAIN (FORMAT JSON) SELECT * FROM ale"), Contains(HasSubstr("\"name\"")));
  EXPECT_EQ(reason("EXPLAIN (TYPE DISTRIBUTED, FORMAT TEXT) SELECT 1"), "SUCCEEDED ");
  EXPECT_THAT(rows("EXPLAIN (TYPE VALIDATE) SELECT 1"), ElementsAre("Valid", "true"));
  const auto analyzed = rows("EXPLAIN ANALYZE SELECT * FROM ale");
  EXPECT_THAT(analyzed, Contains(HasSubstr("Input: 2 files")));
  EXPECT_THAT(analyzed, Not(Contains(HasSubstr(folder))));
  EXPECT_THAT(reason("EXPLAIN ANALYZE DROP TABLE ale"), StartsWith("FAILED"));
  EXPECT_THAT(reason("EXPLAIN (FORMAT GRAPHVIZ) SELECT 1"), StartsWith("FAILED"));
  EXPECT_TRUE(glue.find_table("beers", "ale"));
}

TEST_F(Ddl, EveryStatementHasItsType) {
  const auto type = [](const char* sql) {
    const StatementType type = statement_type(sql);
    return type.type + " " + type.subtype;
  };
  EXPECT_EQ(type("SELECT 1"), "DML SELECT");
  EXPECT_EQ(type("WITH a AS (SELECT 1) SELECT * FROM a"), "DML SELECT");
  EXPECT_EQ(type("INSERT INTO t SELECT 1"), "DML INSERT");
  EXPECT_EQ(type("CREATE TABLE t AS SELECT 1"), "DDL CREATE_TABLE_AS_SELECT");
  EXPECT_EQ(type("CREATE EXTERNAL TABLE t (a int)"), "DDL CREATE_TABLE");
  EXPECT_EQ(type("CREATE OR REPLACE VIEW v AS SELECT 1"), "DDL CREATE_VIEW");
  EXPECT_EQ(type("DROP TABLE t"), "DDL DROP_TABLE");
  EXPECT_EQ(type("SHOW PARTITIONS t"), "UTILITY SHOW_PARTITIONS");
  EXPECT_EQ(type("DESCRIBE t"), "UTILITY DESCRIBE_TABLE");
  EXPECT_EQ(type("EXPLAIN SELECT 1"), "UTILITY EXPLAIN");
}

}  // namespace
}  // namespace engine::athena
