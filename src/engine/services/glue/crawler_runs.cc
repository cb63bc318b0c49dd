// Crawls: starting and stopping them, and what came of them.
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"
#include "lib/base/time_text.h"

#include <algorithm>
#include <charconv>

namespace engine::glue {
namespace {

bool holds(std::string_view comparison, int order) {
  if (comparison == "GT") return order > 0;
  if (comparison == "GE") return order >= 0;
  if (comparison == "LT") return order < 0;
  if (comparison == "LE") return order <= 0;
  if (comparison == "NE") return order != 0;
  return order == 0;
}

// Times are given in milliseconds since 1970, or in ISO 8601.
Timestamp time_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return Timestamp(base::Milliseconds(number));
  }
  const auto time = base::from_iso8601(text);
  if (!time) throw invalid_input("FieldValue is not a time: " + text);
  return *time;
}

template <class T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool passes(const api::CrawlerHistory& crawl, const api::CrawlsFilter& filter) {
  const std::string field = filter.FieldName.value_or("");
  const std::string comparison = filter.FilterOperator.value_or("EQ");
  const std::string value = filter.FieldValue.value_or("");
  if (field == "CRAWL_ID") return holds(comparison, order_of(*crawl.CrawlId, value));
  if (field == "STATE") return holds(comparison, order_of(*crawl.State, value));
  if (field == "START_TIME") return holds(comparison, order_of(*crawl.StartTime, time_of(value)));
  if (field == "END_TIME") {
    return crawl.EndTime && holds(comparison, order_of(*crawl.EndTime, time_of(value)));
  }
  if (field == "DPU_HOUR") {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc()) throw invalid_input("FieldValue is not a number: " + value);
    return holds(comparison, order_of(crawl.DPUHour.value_or(0), number));
  }
  throw invalid_input("FieldName is missing");
}

}  // namespace

api::StartCrawlerOutput start_crawler(Crawlers& crawlers, Call&,
                                      const api::StartCrawlerInput& input) {
  crawlers.start(input.Name);
  return {};
}

api::StopCrawlerOutput stop_crawler(Crawlers& crawlers, Call&, const api::StopCrawlerInput& input) {
  crawlers.stop(input.Name);
  return {};
}

api::ListCrawlsOutput list_crawls(Crawlers& crawlers, Call&, const api::ListCrawlsInput& input) {
  crawlers.glue().crawler(input.CrawlerName);
  auto all = crawlers.crawls(input.CrawlerName);
  for (const auto& filter : input.Filters.value_or(std::vector<api::CrawlsFilter>{})) {
    std::erase_if(all, [&](const api::CrawlerHistory& crawl) { return !passes(crawl, filter); });
  }
  auto page = page_of(std::move(all), input.NextToken, input.MaxResults, 20, invalid_token());
  return {.Crawls = std::move(page.items), .NextToken = page.next};
}

api::GetCrawlerMetricsOutput get_crawler_metrics(Crawlers& crawlers, Call&,
                                                 const api::GetCrawlerMetricsInput& input) {
  std::vector<api::CrawlerMetrics> metrics;
  for (const api::Crawler& crawler : crawlers.glue().crawlers()) {
    const auto& wanted = input.CrawlerNameList;
    if (wanted && !wanted->empty() &&
        std::find(wanted->begin(), wanted->end(), *crawler.Name) == wanted->end()) {
      continue;
    }
    metrics.push_back(crawlers.metrics(crawler));
  }
  auto page = page_of(std::move(metrics), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.CrawlerMetricsList = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::glue
