// Crawlers as records, and their schedules.
#include "engine/protocol/json.h"
#include "engine/services/glue/crawlers/crawl.h"
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"

namespace engine::glue {
namespace {

std::optional<api::Schedule> schedule(const std::optional<std::string>& expression) {
  if (!expression || expression->empty()) return std::nullopt;
  check_crawler_schedule(*expression);
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

void check_classifiers(const Crawlers& crawlers, const api::Crawler& crawler) {
  for (const std::string& name : crawler.Classifiers.value_or(std::vector<std::string>{})) {
    if (!crawlers.find_classifier(name)) throw no_such_classifier(name);
  }
}

}  // namespace

api::CreateCrawlerOutput create_crawler(Crawlers& crawlers, Call& call,
                                        const api::CreateCrawlerInput& input) {
  api::Crawler crawler = crawler_from(input);
  crawler.State = "READY";
  crawler.CrawlElapsedTime = 0;
  crawler.CreationTime = crawler.LastUpdated = call.now;
  crawler.Version = 1;
  fill_defaults(crawler);
  check_crawler(crawler);
  check_classifiers(crawlers, crawler);
  crawlers.create(crawler, input.Tags.value_or(std::map<std::string, std::string>{}));
  return {};
}

api::GetCrawlerOutput get_crawler(Crawlers& crawlers, Call&, const api::GetCrawlerInput& input) {
  if (!crawlers.glue().find_crawler(input.Name)) throw no_such_crawler_entry(input.Name);
  return {.Crawler = crawlers.crawler(input.Name)};
}

api::GetCrawlersOutput get_crawlers(Crawlers& crawlers, Call&, const api::GetCrawlersInput& input) {
  auto page = page_of(crawlers.glue().crawlers(), input.NextToken, input.MaxResults, 100,
                      invalid_token());
  for (api::Crawler& crawler : page.items) crawler = crawlers.with_times(std::move(crawler));
  return {.Crawlers = std::move(page.items), .NextToken = page.next};
}

api::BatchGetCrawlersOutput batch_get_crawlers(Crawlers& crawlers, Call&,
                                               const api::BatchGetCrawlersInput& input) {
  api::BatchGetCrawlersOutput output{.Crawlers = std::vector<api::Crawler>{},
                                     .CrawlersNotFound = std::vector<std::string>{}};
  for (const std::string& name : input.CrawlerNames) {
    if (auto found = crawlers.glue().find_crawler(name)) {
      output.Crawlers->push_back(crawlers.with_times(std::move(*found)));
    } else {
      output.CrawlersNotFound->push_back(name);
    }
  }
  return output;
}

api::ListCrawlersOutput list_crawlers(Crawlers& crawlers, Call&,
                                      const api::ListCrawlersInput& input) {
  const Glue& glue = crawlers.glue();
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

api::UpdateCrawlerOutput update_crawler(Crawlers& crawlers, Call& call,
                                        const api::UpdateCrawlerInput& input) {
  crawlers.glue().crawler(input.Name);
  const api::Crawler change = crawler_from(input);
  check_classifiers(crawlers, change);
  crawlers.update(input.Name, [&](api::Crawler& crawler) {
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
    check_crawler(crawler);
    crawler.LastUpdated = call.now;
    crawler.Version = crawler.Version.value_or(1) + 1;
  });
  return {};
}

api::DeleteCrawlerOutput delete_crawler(Crawlers& crawlers, Call&,
                                        const api::DeleteCrawlerInput& input) {
  crawlers.remove(input.Name);
  return {};
}

api::StartCrawlerScheduleOutput start_crawler_schedule(
    Crawlers& crawlers, Call&, const api::StartCrawlerScheduleInput& input) {
  crawlers.start_schedule(input.CrawlerName);
  return {};
}

api::StopCrawlerScheduleOutput stop_crawler_schedule(Crawlers& crawlers, Call&,
                                                     const api::StopCrawlerScheduleInput& input) {
  crawlers.stop_schedule(input.CrawlerName);
  return {};
}

api::UpdateCrawlerScheduleOutput update_crawler_schedule(
    Crawlers& crawlers, Call&, const api::UpdateCrawlerScheduleInput& input) {
  crawlers.update_schedule(input.CrawlerName, input.Schedule);
  return {};
}

}  // namespace engine::glue
