// Crawlers: what runs, what waits, what is told of it, and what survives.
#include "engine/services/glue/crawlers/crawlers.h"

#include "engine/services/glue/crawlers/test_lake.h"

namespace engine::glue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(CrawlerTest, KeepsACrawlersMembers) {
  auto wanted = input();
  wanted.Schedule = "cron(0 * * * ? *)";
  wanted.Tags = std::map<std::string, std::string>{{"k", "v"}};
  create(wanted);
  const api::Crawler crawler = *get_crawler(*crawlers, call, {.Name = "c"}).Crawler;
  EXPECT_EQ(crawler.State, "READY");
  EXPECT_EQ(crawler.Schedule->ScheduleExpression, "cron(0 * * * ? *)");
  EXPECT_EQ(crawler.RecrawlPolicy->RecrawlBehavior, "CRAWL_EVERYTHING");
  EXPECT_EQ(glue.tags(glue.arn("crawler/c")).at("k"), "v");
  update_crawler(*crawlers, call, {.Name = "c", .Description = "new"});
  EXPECT_EQ(glue.crawler("c").Description, "new");
  EXPECT_EQ(glue.crawler("c").Schedule->ScheduleExpression, "cron(0 * * * ? *)");
  EXPECT_EQ(code_of([&] { create(wanted); }), "AlreadyExistsException");
  delete_crawler(*crawlers, call, {.Name = "c"});
  EXPECT_EQ(code_of([&] { crawlers->start("c"); }), "EntityNotFoundException");
}

TEST_F(CrawlerTest, TellsOfACrawlInTheCrawlerTheHistoryTheLogAndAnEvent) {
  put("beers/a.json", R"({"id":1})");
  create(input());
  const api::Crawler crawler = crawl();
  EXPECT_EQ(crawler.LastCrawl->Status, "SUCCEEDED");
  EXPECT_EQ(crawler.LastCrawl->LogGroup, "/aws-glue/crawlers");
  const auto crawls = *list_crawls(*crawlers, call, {.CrawlerName = "c"}).Crawls;
  ASSERT_EQ(crawls.size(), 1u);
  EXPECT_EQ(crawls[0].State, "COMPLETED");
  EXPECT_EQ(crawls[0].MessagePrefix, crawler.LastCrawl->MessagePrefix);
  EXPECT_THAT(*crawls[0].Summary, HasSubstr(R"({"TABLE":"{\"ADD\":{\"Count\":1)"));
  EXPECT_THAT(log_text(), HasSubstr("[" + *crawls[0].CrawlId + "] INFO : Created table lake"));
  const auto metrics = *get_crawler_metrics(*crawlers, call, {}).CrawlerMetricsList;
  EXPECT_EQ(metrics[0].TablesCreated, 1);
  const std::lock_guard lock(told_mutex);
  EXPECT_THAT(told[0], HasSubstr(R"("state":"Started")"));
}

TEST_F(CrawlerTest, FailsWithTheReasonWhenTheBucketIsMissing) {
  create(input("s3://nowhere/x/"));
  const api::Crawler crawler = crawl();
  EXPECT_EQ(crawler.LastCrawl->Status, "FAILED");
  EXPECT_THAT(*crawler.LastCrawl->ErrorMessage, HasSubstr("there is no bucket nowhere"));
}

TEST_F(CrawlerTest, RefusesToStartTwiceAndToStopWhatDoesNotRun) {
  for (int i = 0; i < 60; ++i) put(fmt::format("beers/{}.json", i), R"({"id":1})");
  create(input());
  EXPECT_EQ(code_of([&] { crawlers->stop("c"); }), "CrawlerNotRunningException");
  crawlers->start("c");
  const std::string again = code_of([&] { crawlers->start("c"); });
  const std::string changed =
      code_of([&] { update_crawler(*crawlers, call, {.Name = "c", .Description = "x"}); });
  crawlers->stop("c");
  const std::string stopping = code_of([&] { crawlers->stop("c"); });
  const api::Crawler crawler = wait();
  EXPECT_EQ(again, "CrawlerRunningException");
  EXPECT_EQ(changed, "CrawlerRunningException");
  EXPECT_EQ(stopping, "CrawlerStoppingException");
  EXPECT_EQ(crawler.LastCrawl->Status, "CANCELLED");
}

TEST_F(CrawlerTest, ACrawlThatTheEnginesEndCutOffHasFailedAtTheNextStart) {
  for (int i = 0; i < 60; ++i) put(fmt::format("beers/{}.json", i), R"({"id":1})");
  create(input());
  crawlers->start("c");
  crawlers.reset();
  EXPECT_EQ(glue.crawler("c").State, "RUNNING");
  crawlers.emplace(context, glue, s3, logs, events());
  const api::Crawler crawler = crawlers->crawler("c");
  EXPECT_EQ(crawler.State, "READY");
  EXPECT_EQ(crawler.LastCrawl->Status, "FAILED");
  EXPECT_EQ(crawlers->crawls("c")[0].State, "FAILED");
}

TEST_F(CrawlerTest, StartsByItsScheduleOnTheEnginesClock) {
  put("beers/a.json", R"({"id":1})");
  auto wanted = input();
  wanted.Schedule = "cron(30 * * * ? *)";
  create(wanted);
  clock.wait_for_sleepers(2);  // ours, and the log's
  clock.advance(std::chrono::hours(1));
  while (crawlers->crawls("c").empty()) std::this_thread::yield();
  EXPECT_EQ(wait().LastCrawl->Status, "SUCCEEDED");
}

TEST_F(CrawlerTest, KnowsWhetherAScheduleRuns) {
  create(input());
  EXPECT_EQ(code_of([&] { crawlers->start_schedule("c"); }), "NoScheduleException");
  EXPECT_EQ(code_of([&] { crawlers->stop_schedule("c"); }), "SchedulerNotRunningException");
  crawlers->update_schedule("c", "cron(0 12 * * ? *)");
  EXPECT_EQ(code_of([&] { crawlers->start_schedule("c"); }), "SchedulerRunningException");
  crawlers->stop_schedule("c");
  EXPECT_EQ(crawlers->crawler("c").Schedule->State, "NOT_SCHEDULED");
  EXPECT_EQ(code_of([&] { crawlers->update_schedule("c", "rate(5 minutes)"); }),
            "InvalidInputException");
}

TEST_F(CrawlerTest, RefusesWhatItCantServe) {
  auto wanted = input();
  wanted.Targets.CatalogTargets =
      std::vector<api::CatalogTarget>{{.DatabaseName = "db", .Tables = {"t"}}};
  EXPECT_EQ(code_of([&] { create(wanted); }), "InvalidInputException");
  wanted = input("not a uri");
  EXPECT_EQ(code_of([&] { create(wanted); }), "InvalidInputException");
  wanted = input();
  wanted.Configuration = "{";
  EXPECT_EQ(code_of([&] { create(wanted); }), "InvalidInputException");
  wanted.Configuration = R"({"Version":1.0,"Grouping":{"TableLevelConfiguration":0}})";
  EXPECT_EQ(code_of([&] { create(wanted); }), "InvalidInputException");
  wanted = input();
  wanted.RecrawlPolicy = api::RecrawlPolicy{"CRAWL_NEW_FOLDERS_ONLY"};
  EXPECT_EQ(code_of([&] { create(wanted); }), "InvalidInputException");
  wanted = input();
  wanted.Classifiers = std::vector<std::string>{"unknown"};
  EXPECT_EQ(code_of([&] { create(wanted); }), "EntityNotFoundException");
}

TEST_F(CrawlerTest, FiltersTheHistory) {
  put("beers/a.json", R"({"id":1})");
  create(input());
  crawl();
  clock.advance(std::chrono::minutes(1));
  crawl();
  const auto found = [&](std::string field, std::string comparison, std::string value) {
    api::ListCrawlsInput wanted{.CrawlerName = "c"};
    wanted.Filters = std::vector<api::CrawlsFilter>{{field, comparison, value}};
    return list_crawls(*crawlers, call, wanted).Crawls->size();
  };
  const std::string last = std::to_string(clock.now().time_since_epoch().count());
  EXPECT_EQ(found("STATE", "EQ", "COMPLETED"), 2u);
  EXPECT_EQ(found("STATE", "EQ", "FAILED"), 0u);
  EXPECT_EQ(found("START_TIME", "GE", last), 1u);
  EXPECT_EQ(found("START_TIME", "LT", last), 1u);
}

TEST_F(CrawlerTest, KeepsClassifiersForDelimitedTextAndRefusesTheOthers) {
  api::CreateClassifierInput csv;
  csv.CsvClassifier = api::CreateCsvClassifierRequest{.Name = "pipes", .Delimiter = "|"};
  create_classifier(*crawlers, call, csv);
  EXPECT_EQ(code_of([&] { create_classifier(*crawlers, call, csv); }), "AlreadyExistsException");
  EXPECT_EQ(get_classifier(*crawlers, call, {.Name = "pipes"}).Classifier->CsvClassifier->Delimiter,
            "|");
  api::CreateClassifierInput json;
  json.JsonClassifier = api::CreateJsonClassifierRequest{.Name = "j", .JsonPath = "$[*]"};
  EXPECT_EQ(code_of([&] { create_classifier(*crawlers, call, json); }), "InvalidInputException");
  delete_classifier(*crawlers, call, {.Name = "pipes"});
  EXPECT_THAT(*get_classifiers(*crawlers, call, {}).Classifiers, IsEmpty());
}

}  // namespace
}  // namespace engine::glue
