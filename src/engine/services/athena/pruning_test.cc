// Partitions that a query asks for, and those it doesn't: which files are opened.
#include "engine/services/athena/athena_fixture.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/projection.h"

namespace engine::athena {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Pruning : public AthenaTest {
 protected:
  // Three years of two kinds, an object of one row each.
  void make_partitions() {
    int id = 0;
    for (const char* year : {"2024", "2025", "2026"}) {
      for (const char* kind : {"ale", "stout"}) {
        put(fmt::format("sales/year={}/kind={}/a.json", year, kind),
            fmt::format("{{\"id\":{},\"name\":\"n{}\"}}\n", id, id));
        ++id;
      }
    }
    run("CREATE EXTERNAL TABLE sales (id int, name string) PARTITIONED BY (year int, kind string) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/sales/'");
    run("MSCK REPAIR TABLE sales");
  }
  std::int64_t files(const std::string& sql) {
    const auto execution = run(sql);
    EXPECT_EQ(execution.Status->State, "SUCCEEDED")
        << sql << ": " << execution.Status->StateChangeReason.value_or("");
    return athena.amounts(*execution.QueryExecutionId).files;
  }
};

TEST_F(Pruning, OpensTheFilesThatTheConditionsLeave) {
  make_partitions();
  EXPECT_EQ(files("SELECT * FROM sales"), 6);
  for (const auto& [condition, expected] : std::vector<std::pair<std::string, int>>{
           {"year = 2025", 2},
           {"year = 2025 AND kind = 'ale'", 1},
           {"year IN (2024, 2026)", 4},
           {"year BETWEEN 2025 AND 2026", 4},
           {"year < 2025", 2},
           {"year >= 2025 AND kind <> 'ale'", 2},
           {"kind LIKE 'st%'", 3},
           {"kind LIKE '%t%' AND year > 2025", 1},
           {"year = 2024 OR (year = 2026 AND kind = 'ale')", 3},
           {"year + 1 = 2026", 2},
           {"upper(kind) = 'ALE'", 3},
           {"CAST(year AS VARCHAR) = '2026'", 2},
           {"year = 2025 AND id > 100", 2},
           {"year = 2025 OR id > 100", 6},
           {"NOT (year = 2025)", 4},
           {"year = 1999", 0},
           {"1 = 0", 0},
           {"id = 3", 6}}) {
    EXPECT_EQ(files("SELECT * FROM sales WHERE " + condition), expected) << condition;
  }
}

TEST_F(Pruning, ReachesThroughSubqueriesJoinsAndViews) {
  make_partitions();
  EXPECT_EQ(files("WITH w AS (SELECT * FROM sales) SELECT * FROM w WHERE year = 2025"), 2);
  EXPECT_EQ(files("SELECT * FROM (SELECT year AS y, kind FROM sales) WHERE y = 2025"), 2);
  run("CREATE VIEW recent AS SELECT id, year AS y, kind FROM sales WHERE year >= 2025");
  EXPECT_EQ(files("SELECT * FROM recent"), 4);
  EXPECT_EQ(files("SELECT * FROM recent WHERE kind = 'ale' AND y = 2026"), 1);
  // A table that stands twice needs what either of the two does.
  EXPECT_EQ(files("SELECT * FROM sales a JOIN sales b ON a.id = b.id WHERE a.year = 2024 AND "
                  "b.year = 2026"),
            4);
  EXPECT_EQ(files("SELECT * FROM sales a LEFT JOIN sales b ON a.id = b.id AND b.kind = 'ale' "
                  "WHERE a.kind = 'ale'"),
            3);
}

TEST_F(Pruning, ChangesNoResult) {
  make_partitions();
  EXPECT_THAT(rows("SELECT id, kind FROM sales WHERE year = 2025 ORDER BY id"),
              ElementsAre("id|kind", "2|ale", "3|stout"));
  EXPECT_THAT(rows("SELECT count(*) AS n FROM sales WHERE random() >= 0 AND year > 2024"),
              ElementsAre("n", "4"));
  EXPECT_THAT(rows("SELECT year, count(*) AS n FROM sales GROUP BY year HAVING year > 2024 ORDER BY "
                   "year"),
              ElementsAre("year|n", "2025|2", "2026|2"));
  EXPECT_THAT(reason("SELECT nope FROM sales WHERE year = 2025"),
              StartsWith("FAILED COLUMN_NOT_FOUND: line 1:8"));
}

TEST_F(Pruning, ANameThatTheQueryGivesIsNoKey) {
  make_partitions();
  EXPECT_EQ(files("SELECT * FROM (SELECT kind AS year, year AS kind FROM sales) WHERE year = 'ale'"),
            3);
  EXPECT_THAT(rows("SELECT id FROM (SELECT id, id AS year FROM sales) WHERE year = 3"),
              ElementsAre("id", "3"));
  EXPECT_THAT(rows("SELECT s.id FROM (VALUES (1), (2)) AS t(a) JOIN sales s ON a = s.id WHERE year = "
                   "2024"),
              ElementsAre("id", "1"));
}

TEST_F(Pruning, ManyPartitionsAreReadByTheirPaths) {
  run("CREATE EXTERNAL TABLE days (id int) PARTITIONED BY (day string) "
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/days/'");
  for (int day = 0; day < 40; ++day)
    put(fmt::format("days/day=d{:02}/a", day), fmt::format("{{\"id\":{}}}\n", day));
  run("MSCK REPAIR TABLE days");
  EXPECT_THAT(rows("SELECT count(*) AS n, sum(id) AS s, max(day) AS d FROM days"),
              ElementsAre("n|s|d", "40|780|d39"));
  EXPECT_THAT(rows("SELECT id FROM days WHERE day = 'd07'"), ElementsAre("id", "7"));
}

TEST_F(Pruning, ThePartitionsAreATable) {
  make_partitions();
  EXPECT_THAT(rows("SELECT * FROM \"sales$partitions\" WHERE kind = 'ale' ORDER BY year"),
              ElementsAre("year|kind", "2024|ale", "2025|ale", "2026|ale"));
}

// --- Projection

class Projecting : public Pruning {
 protected:
  void make_table(const std::string& keys, const std::string& properties) {
    run("DROP TABLE IF EXISTS p");
    const auto made = reason("CREATE EXTERNAL TABLE p (id int) PARTITIONED BY (" + keys +
                             ") ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION "
                             "'s3://lake/p/' TBLPROPERTIES ('projection.enabled' = 'true', " +
                             properties + ")");
    EXPECT_EQ(made, "SUCCEEDED ");
  }
  std::vector<std::string> values(std::map<std::string, std::string> parameters) {
    glue::api::Table table{.Name = "t"};
    table.Parameters.emplace();
    for (const auto& [name, value] : parameters) (*table.Parameters)["projection.k." + name] = value;
    return projected_values(table, "k", clock.now()).value();  // 2026-01-01 00:00
  }
};

TEST_F(Projecting, ComputesTheValuesOfEveryType) {
  EXPECT_THAT(values({{"type", "enum"}, {"values", "a, b,c"}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(values({{"type", "integer"}, {"range", "8,12"}, {"interval", "2"}, {"digits", "3"}}),
              ElementsAre("008", "010", "012"));
  EXPECT_THAT(values({{"type", "integer"}, {"range", "-1,1"}}), ElementsAre("-1", "0", "1"));
  EXPECT_THAT(values({{"type", "date"}, {"range", "2025-12-30,NOW"}, {"format", "yyyy-MM-dd"}}),
              ElementsAre("2025-12-30", "2025-12-31", "2026-01-01"));
  EXPECT_THAT(values({{"type", "date"}, {"range", "NOW-3MONTHS,NOW-1DAY"}, {"format", "yyyy/MM"}}),
              ElementsAre("2025/10", "2025/11", "2025/12"));
  EXPECT_THAT(values({{"type", "date"},
                      {"range", "2026/01/01/00,NOW+5HOURS"},
                      {"format", "yyyy/MM/dd/HH"},
                      {"interval", "2"},
                      {"interval.unit", "HOURS"}}),
              ElementsAre("2026/01/01/00", "2026/01/01/02", "2026/01/01/04"));
  EXPECT_THAT(values({{"type", "date"}, {"range", "y=2023,y=2024"}, {"format", "'y='yyyy"}}),
              ElementsAre("y=2023", "y=2024"));
}

TEST_F(Projecting, SaysWhatIsWrongWithTheParameters) {
  EXPECT_THROW(values({{"type", "integer"}}), QueryError);
  EXPECT_THROW(values({{"type", "integer"}, {"range", "1,x"}}), QueryError);
  EXPECT_THROW(values({{"type", "integer"}, {"range", "1,100000000"}}), QueryError);
  EXPECT_THROW(values({{"type", "date"}, {"range", "NOW-1EON,NOW"}, {"format", "yyyy"}}), QueryError);
  EXPECT_THROW(values({{"type", "shape"}}), QueryError);
}

TEST_F(Projecting, ReadsWhatTheTemplateNames) {
  put("p/2025-12-31/eu/a", "{\"id\":1}");
  put("p/2026-01-01/us/a", "{\"id\":2}");
  put("p/1999-01-01/us/a", "{\"id\":3}");  // out of the range
  make_table("day date, region string",
             "'projection.day.type' = 'date', 'projection.day.range' = '2025-01-01,NOW', "
             "'projection.day.format' = 'yyyy-MM-dd', 'projection.region.type' = 'enum', "
             "'projection.region.values' = 'eu,us', 'storage.location.template' = "
             "'s3://lake/p/${day}/${region}'");
  EXPECT_THAT(rows("SELECT * FROM p ORDER BY id"),
              ElementsAre("id|day|region", "1|2025-12-31|eu", "2|2026-01-01|us"));
  EXPECT_EQ(files("SELECT * FROM p WHERE day = DATE '2026-01-01'"), 1);
  EXPECT_EQ(files("SELECT * FROM p WHERE region = 'eu'"), 1);
  EXPECT_EQ(reason("INSERT INTO p VALUES (9, DATE '2026-01-01', 'eu')"), "SUCCEEDED ");
  EXPECT_THAT(keys("p/2026-01-01/eu/"), ::testing::SizeIs(1));
  EXPECT_THAT(glue.partitions("beers", "p"), ::testing::IsEmpty());
}

TEST_F(Projecting, AnInjectedKeyNeedsItsValues) {
  put("p/device=d1/a", "{\"id\":1}");
  put("p/device=d2/a", "{\"id\":2}");
  make_table("device string", "'projection.device.type' = 'injected'");
  EXPECT_THAT(rows("SELECT * FROM p WHERE device = 'd1'"), ElementsAre("id|device", "1|d1"));
  EXPECT_THAT(rows("SELECT id FROM p WHERE device IN ('d1', 'd2') AND id > 1"),
              ElementsAre("id", "2"));
  EXPECT_THAT(reason("SELECT * FROM p"),
              StartsWith("FAILED CONSTRAINT_VIOLATION: For the injected projected partition column "
                         "device, the WHERE clause must contain only static equality conditions"));
  EXPECT_THAT(reason("SELECT * FROM p WHERE device LIKE 'd%'"), HasSubstr("CONSTRAINT_VIOLATION"));
}

}  // namespace
}  // namespace engine::athena
