// From files in S3 to tables in the catalog.
#include "engine/services/glue/crawlers/crawl.h"

#include "engine/services/glue/crawlers/test_lake.h"

#include <isa-l/igzip_lib.h>

namespace engine::glue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string gzipped(const std::string& text) {
  std::string out(text.size() + 1024, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  EXPECT_EQ(isal_deflate_stateless(&stream), COMP_OK);
  out.resize(stream.total_out);
  return out;
}

class Crawling : public CrawlerTest {
 protected:
  void put_parquet(const std::string& key, const std::string& select) {
    duck::Database database(duck::Options{.lock = false});
    duck::Connection duck(database);
    const std::string file = folder + "/made.parquet";
    duck.execute_all(fmt::format("COPY ({}) TO '{}' (FORMAT parquet)", select, file));
    std::string bytes;
    http::Body::file(file, 0, std::filesystem::file_size(file)).for_each_piece([&](auto piece) {
      bytes += piece;
    });
    put(key, bytes);
  }
};

TEST_F(Crawling, ReadsDelimitedTextWithAHeader) {
  put("beers/a.csv", "Id,Name,abv\n1,Buzz,4.5\n2,Trashy Blonde,4\n");
  create(input("s3://lake/beers/"));
  crawl();
  EXPECT_THAT(tables(), ElementsAre("beers(id bigint, name string, abv double)"));
  EXPECT_EQ(parameter("beers", "skip.header.line.count"), "1");
  EXPECT_EQ(parameter("beers", "classification"), "csv");
  EXPECT_EQ(parameter("beers", "recordCount"), "2");
  EXPECT_EQ(parameter("beers", "objectCount"), "1");
  EXPECT_EQ(parameter("beers", "UPDATED_BY_CRAWLER"), "c");
  EXPECT_EQ(glue.table("db", "beers").StorageDescriptor->SerdeInfo->SerializationLibrary,
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
}

TEST_F(Crawling, CallsColumnsByTheirPlaceWhereNoHeaderDiffersFromTheRows) {
  put("strings/a.csv", "name;style\nBuzz;IPA\n");
  put("numbers/a.tsv", "1\t2.5\ttrue\n3\t4\tfalse\n");
  create(input());
  crawl();
  EXPECT_THAT(tables(), ElementsAre("numbers(col0 bigint, col1 double, col2 boolean)",
                                    "strings(col0 string, col1 string)"));
  EXPECT_EQ(parameter("numbers", "delimiter"), "\t");
}

TEST_F(Crawling, QuotedTextGetsTheSerDeThatKnowsQuotes) {
  put("beers/a.csv", "id,name\n1,\"Buzz, the beer\"\n2,\"say \"\"hi\"\"\"\n");
  create(input("s3://lake/beers"));
  crawl();
  const auto serde = *glue.table("db", "beers").StorageDescriptor->SerdeInfo;
  EXPECT_EQ(serde.SerializationLibrary, "org.apache.hadoop.hive.serde2.OpenCSVSerde");
  EXPECT_EQ(serde.Parameters->at("separatorChar"), ",");
  EXPECT_THAT(tables(), ElementsAre("beers(id bigint, name string)"));
}

TEST_F(Crawling, ReadsNestedJsonAndWidensTypesOverFiles) {
  put("beers/a.json", R"({"id":1,"ibu":4,"malt":[{"name":"Pale","kg":1}],"maker":{"City":"X"}})" "\n"
                      R"({"id":3000000000,"note":null})" "\n");
  put("beers/b.json", R"({"id":2,"ibu":4.5,"malt":[{"name":"Dark","kg":0.5}],"maker":{"age":3}})");
  create(input("s3://lake/beers/"));
  crawl();
  EXPECT_THAT(tables(),
              ElementsAre("beers(id bigint, ibu double, malt array<struct<name:string,kg:double>>, "
                          "maker struct<City:string,age:int>, note string)"));
  EXPECT_EQ(parameter("beers", "classification"), "json");
}

TEST_F(Crawling, ReadsParquetByItsFooter) {
  put_parquet("beers/a.parquet",
              "SELECT 1::INT AS Id, 'x' AS name, 1.5::DOUBLE AS abv, DATE '2026-01-01' AS day, "
              "1.25::DECIMAL(10,2) AS price, [1::BIGINT] AS list, {'a': true} AS s, "
              "TIMESTAMP '2026-01-01 00:00:00' AS at");
  create(input("s3://lake/beers/"));
  crawl();
  EXPECT_THAT(tables(), ElementsAre("beers(id int, name string, abv double, day date, "
                                    "price decimal(10,2), list array<bigint>, s struct<a:boolean>, "
                                    "at timestamp)"));
  EXPECT_EQ(parameter("beers", "recordCount"), "1");
}

TEST_F(Crawling, MakesPartitionsOfKeyValueFolders) {
  put("beers/year=2025/month=12/a.json", R"({"id":1})");
  put("beers/year=2026/month=01/a.json", R"({"id":2,"other":1,"more":2})");
  put("beers/_SUCCESS", "x");
  put("beers/.hidden/a.json", R"({"secret":1})");
  create(input("s3://lake/beers/"));
  crawl();
  EXPECT_THAT(tables(),
              ElementsAre("beers(id int, other int, more int) year:string month:string"));
  EXPECT_THAT(partitions("beers"), ElementsAre("2025/12", "2026/01"));
  EXPECT_EQ(parameter("beers", "partition_filtering.enabled"), "true");
  EXPECT_EQ(*glue.find_partition("db", "beers", {"2026", "01"})->StorageDescriptor->Location,
            "s3://lake/beers/year=2026/month=01/");
}

TEST_F(Crawling, MakesPartitionsOfPlainFoldersWithSimilarSchemas) {
  put("raw/2026/01/a.json", R"({"id":1,"name":"x"})");
  put("raw/2026/02/a.json", R"({"id":1,"name":"x"})");
  create(input("s3://lake/raw/"));
  crawl();
  EXPECT_THAT(tables(), ElementsAre("raw(id int, name string) partition_0:string "
                                    "partition_1:string"));
  EXPECT_THAT(partitions("raw"), ElementsAre("2026/01", "2026/02"));
}

TEST_F(Crawling, MakesATableOfEachFolderWhereSchemasDiffer) {
  put("beers/day=1/a.json", R"({"id":1,"name":"x"})");
  put("Brew-Kettles/a.csv", "litres,maker\n5,a\n");
  auto wanted = input();
  wanted.TablePrefix = "raw_";
  create(wanted);
  crawl();
  EXPECT_THAT(tables(), ElementsAre("raw_beers(id int, name string) day:string",
                                    "raw_brew_kettles(litres bigint, maker string)"));
}

TEST_F(Crawling, CombinesCompatibleSchemasWhenToldTo) {
  put("a/1/x.json", R"({"id":1})");
  put("a/2/x.json", R"({"name":"x","b":1,"c":2})");
  auto wanted = input("s3://lake/a/");
  create(wanted);
  crawl();
  EXPECT_THAT(tables(), ElementsAre("1(id int)", "2(name string, b int, c int)"));
  wanted.Name = "other";
  wanted.DatabaseName = "db2";
  wanted.Configuration =
      R"({"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}})";
  create(wanted);
  crawl("other");
  EXPECT_EQ(glue.tables("db2").size(), 1u);
}

TEST_F(Crawling, BeginsTablesAtTheLevelItIsTold) {
  put("top/a/1/x.json", R"({"id":1})");
  put("top/b/1/x.json", R"({"id":1})");
  auto wanted = input("s3://lake/top/");
  wanted.Configuration = R"({"Version":1.0,"Grouping":{"TableLevelConfiguration":3}})";
  create(wanted);
  crawl();
  EXPECT_THAT(tables(), ElementsAre("a(id int) partition_0:string", "b(id int) partition_0:string"));
}

TEST_F(Crawling, WritesNothingPastTheTableThreshold) {
  put("a/x.json", R"({"id":1})");
  put("b/x.csv", "n,m\n1,2\n");
  auto wanted = input();
  wanted.Configuration = R"({"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":1}}})";
  create(wanted);
  EXPECT_THAT(*crawl().LastCrawl->ErrorMessage, HasSubstr("2 is greater than"));
  EXPECT_THAT(tables(), IsEmpty());
}

TEST_F(Crawling, LeavesOutExcludedKeysAndReadsASampleOfEachFolder) {
  put("beers/a.json", R"({"id":1})");
  put("beers/b.json", R"({"id":1.5})");
  put("beers/tmp/x.csv", "n,m\n1,2\n");
  put("beers/c.bak", R"({"old":1})");
  auto wanted = input("s3://lake/beers/");
  (*wanted.Targets.S3Targets)[0].Exclusions = std::vector<std::string>{"**.{bak,old}", "tmp/**"};
  (*wanted.Targets.S3Targets)[0].SampleSize = 1;
  create(wanted);
  crawl();
  EXPECT_THAT(tables(), ElementsAre("beers(id int)"));
}

TEST_F(Crawling, HostileFilesAreLeftOutWithALineOfTheLog) {
  put("beers/good.json", R"({"id":1})");
  put("beers/line.csv", std::string(8 << 20, 'x'));
  put("beers/broken.parquet", "PAR1" + std::string(100, '\xFF') + "PAR1");
  put("beers/short.parquet", "PAR1");
  put("beers/half.json", R"({"id":1,)");
  put("beers/deep.json", std::string(100'000, '['));
  put("beers/deepest.json", R"({"a":)" + std::string(100'000, '['));
  put("beers/cut.json.gz", gzipped(R"({"id":1})").substr(0, 15));
  put("beers/noise", std::string("\x00\x01\x02\xFF", 4));
  put("beers/table.orc", "ORC...");
  create(input("s3://lake/beers/"));
  EXPECT_EQ(crawl().LastCrawl->Status, "SUCCEEDED");
  EXPECT_THAT(tables(), ElementsAre("beers(id int)"));
  const std::string log = log_text();
  for (const char* name : {"line.csv", "broken.parquet", "short.parquet", "half.json", "deep.json",
                           "deepest.json", "cut.json.gz", "noise", "table.orc"}) {
    EXPECT_THAT(log, HasSubstr(fmt::format("WARN : s3://lake/beers/{} is left out: ", name)));
  }
}

TEST_F(Crawling, ReadsCompressedFilesAndEstimatesRecordsFromTheirBeginning) {
  std::string lines;
  while (lines.size() < (4u << 20)) lines += fmt::format("{{\"id\":{}}}\n", 1000 + lines.size() % 9000);
  const auto records = std::count(lines.begin(), lines.end(), '\n');
  put("beers/a.json.gz", gzipped(lines));
  create(input("s3://lake/beers/"));
  crawl();
  ASSERT_THAT(tables(), ElementsAre("beers(id int)")) << log_text();
  EXPECT_EQ(parameter("beers", "compressionType"), "gzip");
  const double counted = std::stod(parameter("beers", "recordCount"));
  EXPECT_NEAR(counted / static_cast<double>(records), 1, 0.25);
}

TEST_F(Crawling, UpdatesATableAndForgetsWhatIsGoneByItsPolicy) {
  put("t/day=1/a.json", R"({"id":1})");
  put("t/day=2/a.json", R"({"id":1})");
  auto wanted = input("s3://lake/t/");
  wanted.SchemaChangePolicy = api::SchemaChangePolicy{"UPDATE_IN_DATABASE", "DELETE_FROM_DATABASE"};
  create(wanted);
  crawl();
  s3.delete_object("lake", "t/day=1/a.json");
  put("t/day=3/a.json", R"({"id":1.5,"name":"x"})");
  crawl();
  EXPECT_THAT(tables(), ElementsAre("t(id double, name string) day:string"));
  EXPECT_THAT(partitions("t"), ElementsAre("2", "3"));
  EXPECT_EQ(glue.table("db", "t").VersionId, "1");
  crawl();
  EXPECT_EQ(glue.table_versions("db", "t").size(), 2u);  // nothing new, no version
  s3.delete_object("lake", "t/day=2/a.json");
  s3.delete_object("lake", "t/day=3/a.json");
  crawl();
  EXPECT_THAT(tables(), IsEmpty());
}

TEST_F(Crawling, DeprecatesOrOnlyLogs) {
  put("t/a.json", R"({"id":1})");
  auto wanted = input("s3://lake/t/");
  wanted.SchemaChangePolicy = api::SchemaChangePolicy{"LOG", "DEPRECATE_IN_DATABASE"};
  create(wanted);
  crawl();
  put("t/a.json", R"({"id":"text"})");
  crawl();
  EXPECT_THAT(tables(), ElementsAre("t(id int)"));
  EXPECT_THAT(log_text(), HasSubstr("has changed; it is not updated"));
  s3.delete_object("lake", "t/a.json");
  crawl();
  EXPECT_NE(parameter("t", "DEPRECATED_BY_CRAWLER"), "(none)");
  put("t/a.json", R"({"id":1})");
  crawl();
  EXPECT_EQ(parameter("t", "DEPRECATED_BY_CRAWLER"), "(none)");
}

TEST_F(Crawling, MergesNewColumnsOnlyWhenToldTo) {
  put("t/a.json", R"({"id":1,"gone":1})");
  auto wanted = input("s3://lake/t/");
  wanted.Configuration =
      R"({"Version":1.0,"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}}})";
  create(wanted);
  crawl();
  put("t/a.json", R"({"id":1.5,"name":"x"})");
  crawl();
  EXPECT_THAT(tables(), ElementsAre("t(id int, gone int, name string)"));
}

TEST_F(Crawling, LooksAtNewFoldersOnlyWhenToldTo) {
  put("t/day=1/a.json", R"({"id":1})");
  auto wanted = input("s3://lake/t/");
  wanted.SchemaChangePolicy = api::SchemaChangePolicy{"LOG", "LOG"};
  wanted.RecrawlPolicy = api::RecrawlPolicy{"CRAWL_NEW_FOLDERS_ONLY"};
  create(wanted);
  crawl();
  put("t/day=1/b.json", "no json, and not looked at");
  put("t/day=2/a.json", R"({"id":1,"x":2})");
  crawl();
  EXPECT_THAT(tables(), ElementsAre("t(id int) day:string"));
  EXPECT_THAT(partitions("t"), ElementsAre("1", "2"));
  EXPECT_THAT(log_text(), ::testing::Not(HasSubstr("b.json")));
}

TEST_F(Crawling, AsksCustomClassifiersFirst) {
  api::CreateClassifierInput csv;
  csv.CsvClassifier = api::CreateCsvClassifierRequest{
      .Name = "beers", .Delimiter = "^", .QuoteSymbol = "'", .ContainsHeader = "ABSENT",
      .Header = std::vector<std::string>{"Id", "Name"}, .Serde = "OpenCSVSerDe"};
  create_classifier(*crawlers, call, csv);
  put("t/a.txt", "1^'x^y'\n2^z\n");
  auto wanted = input("s3://lake/t/");
  wanted.Classifiers = std::vector<std::string>{"beers"};
  create(wanted);
  crawl();
  EXPECT_THAT(tables(), ElementsAre("t(id bigint, name string)"));
  EXPECT_EQ(glue.table("db", "t").StorageDescriptor->SerdeInfo->Parameters->at("quoteChar"), "'");
}

TEST_F(Crawling, GivesASecondTableOfANameADigestOfItsPlace) {
  put("a/t/x.json", R"({"id":1})");
  put("b/t/x.csv", "n,m\n1,2\n");
  auto wanted = input("s3://lake/a/t/");
  wanted.Targets.S3Targets->push_back({.Path = "s3://lake/b/t/"});
  create(wanted);
  crawl();
  ASSERT_EQ(glue.tables("db").size(), 2u);
  EXPECT_EQ(glue.tables("db")[1].Name.size(), std::string("t_").size() + 32);
  crawl();
  EXPECT_EQ(glue.tables("db").size(), 2u);
}

}  // namespace
}  // namespace engine::glue
