// Crawlers as records: what Terraform creates and reads back.
// Deviation: StartCrawler is not served, so a crawler never runs; tables come from CreateTable or
// DDL.
#include "engine/protocol/json.h"
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"

namespace engine::glue {
namespace {

std::optional<api::Schedule> schedule(const std::optional<std::string>& expression) {
  if (!expression || expression->empty()) return std::nullopt;
  return api::Schedule{.ScheduleExpression = expression, .State = "SCHEDULED"};
}

// The members that the inputs share with a crawler, by way of JSON; Schedule has another form
// there.
template <class Input>
api::Crawler crawler_from(Input input) {
  const auto expression = input.Schedule;
  input.Schedule.reset();
  auto crawler = from_json<api::Crawler>(to_json(input));
  crawler.Schedule = schedule(expression);
  return crawler;
}

void fill_defaults(api::Crawler& crawler) {
  if (!crawler.Classifiers) crawler.Classifiers.emplace();
  if (!crawler.RecrawlPolicy) crawler.RecrawlPolicy = api::RecrawlPolicy{"CRAWL_EVERYTHING"};
  if (!crawler.SchemaChangePolicy) {
    crawler.SchemaChangePolicy =
        api::SchemaChangePolicy{"UPDATE_IN_DATABASE", "DEPRECATE_IN_DATABASE"};
  }
  if (!crawler.LineageConfiguration) {
    crawler.LineageConfiguration = api::LineageConfiguration{"DISABLE"};
  }
  if (!crawler.LakeFormationConfiguration) {
    crawler.LakeFormationConfiguration =
        api::LakeFormationConfiguration{.UseLakeFormationCredentials = false, .AccountId = ""};
  }
}

template <class T>
void take(std::optional<T>& target, const std::optional<T>& source) {
  if (source) target = source;
}

}  // namespace

api::CreateCrawlerOutput create_crawler(Glue& glue, Call& call,
                                        const api::CreateCrawlerInput& input) {
  if (glue.find_crawler(input.Name)) throw crawler_exists(input.Name);
  api::Crawler crawler = crawler_from(input);
  crawler.State = "READY";
  crawler.CrawlElapsedTime = 0;
  crawler.CreationTime = crawler.LastUpdated = call.now;
  crawler.Version = 1;
  fill_defaults(crawler);
  glue.put_crawler(crawler);
  if (input.Tags && !input.Tags->empty())
    glue.set_tags(glue.arn("crawler/" + input.Name), *input.Tags);
  return {};
}

api::GetCrawlerOutput get_crawler(Glue& glue, Call&, const api::GetCrawlerInput& input) {
  return {.Crawler = glue.crawler(input.Name)};
}

api::GetCrawlersOutput get_crawlers(Glue& glue, Call&, const api::GetCrawlersInput& input) {
  auto page = page_of(glue.crawlers(), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.Crawlers = std::move(page.items), .NextToken = page.next};
}

api::ListCrawlersOutput list_crawlers(Glue& glue, Call&, const api::ListCrawlersInput& input) {
  std::vector<std::string> names;
  for (const api::Crawler& crawler : glue.crawlers()) {
    const auto tags = glue.tags(glue.arn("crawler/" + *crawler.Name));
    bool wanted = true;
    for (const auto& [key, value] : input.Tags.value_or(std::map<std::string, std::string>{})) {
      const auto tag = tags.find(key);
      wanted = wanted && tag != tags.end() && tag->second == value;
    }
    if (wanted) names.push_back(*crawler.Name);
  }
  auto page = page_of(std::move(names), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.CrawlerNames = std::move(page.items), .NextToken = page.next};
}

api::UpdateCrawlerOutput update_crawler(Glue& glue, Call& call,
                                        const api::UpdateCrawlerInput& input) {
  api::Crawler crawler = glue.crawler(input.Name);
  const api::Crawler change = crawler_from(input);
  take(crawler.Role, change.Role);
  take(crawler.Targets, change.Targets);
  take(crawler.DatabaseName, change.DatabaseName);
  take(crawler.Description, change.Description);
  take(crawler.Classifiers, change.Classifiers);
  take(crawler.RecrawlPolicy, change.RecrawlPolicy);
  take(crawler.SchemaChangePolicy, change.SchemaChangePolicy);
  take(crawler.LineageConfiguration, change.LineageConfiguration);
  take(crawler.TablePrefix, change.TablePrefix);
  take(crawler.Configuration, change.Configuration);
  take(crawler.CrawlerSecurityConfiguration, change.CrawlerSecurityConfiguration);
  take(crawler.LakeFormationConfiguration, change.LakeFormationConfiguration);
  if (input.Schedule) crawler.Schedule = schedule(input.Schedule);
  crawler.LastUpdated = call.now;
  crawler.Version = crawler.Version.value_or(1) + 1;
  glue.put_crawler(crawler);
  return {};
}

api::DeleteCrawlerOutput delete_crawler(Glue& glue, Call&, const api::DeleteCrawlerInput& input) {
  glue.delete_crawler(input.Name);
  return {};
}

api::GetCrawlerMetricsOutput get_crawler_metrics(Glue& glue, Call&,
                                                 const api::GetCrawlerMetricsInput& input) {
  std::vector<api::CrawlerMetrics> metrics;
  for (const api::Crawler& crawler : glue.crawlers()) {
    const auto& wanted = input.CrawlerNameList;
    if (wanted && !wanted->empty() &&
        std::find(wanted->begin(), wanted->end(), *crawler.Name) == wanted->end()) {
      continue;
    }
    metrics.push_back({.CrawlerName = crawler.Name,
                       .TimeLeftSeconds = 0,
                       .StillEstimating = false,
                       .LastRuntimeSeconds = 0,
                       .MedianRuntimeSeconds = 0,
                       .TablesCreated = 0,
                       .TablesUpdated = 0,
                       .TablesDeleted = 0});
  }
  auto page = page_of(std::move(metrics), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.CrawlerMetricsList = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::glue
