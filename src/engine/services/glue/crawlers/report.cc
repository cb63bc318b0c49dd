// What is told of a crawl.
// Source: the events' examples in "Automating AWS Glue with EventBridge", AWS Glue user guide.
#include "engine/services/glue/crawlers/report.h"

#include "lib/base/time_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace engine::glue {
namespace {

namespace json = boost::json;

constexpr std::size_t kNamed = 100;  ///< names in a summary

struct Kind {
  const char* name;
  std::array<std::pair<const char*, const std::vector<std::string>*>, 3> changes;
};

std::array<Kind, 2> kinds_of(const CrawlChanges& all) {
  return {{{"TABLE",
            {{{"ADD", &all.tables_created},
              {"UPDATE", &all.tables_updated},
              {"DELETE", &all.tables_deleted}}}},
           {"PARTITION",
            {{{"ADD", &all.partitions_created},
              {"UPDATE", &all.partitions_updated},
              {"DELETE", &all.partitions_deleted}}}}}};
}

// "2026-01-02T03:04:05Z" as the events have it.
std::string second_of(Timestamp time) { return base::format_utc(time, "%Y-%m-%dT%H:%M:%SZ"); }

std::string log_link(const Context& context, const std::string& crawler) {
  return fmt::format(
      "https://console.aws.amazon.com/cloudwatch/home?region={}#logEventViewer:group={};stream={}",
      context.region, kLogGroup, crawler);
}

std::string count(const std::vector<std::string>& list) { return std::to_string(list.size()); }

}  // namespace

std::string summary_of(const CrawlChanges& changes) {
  json::object summary;
  for (const Kind& kind : kinds_of(changes)) {
    json::object parts;
    for (const auto& [change, list] : kind.changes) {
      if (list->empty()) continue;
      json::array names;
      for (std::size_t i = 0; i < std::min(list->size(), kNamed); ++i) names.emplace_back((*list)[i]);
      parts[change] = json::object{{"Count", list->size()}, {"Details", {{"names", names}}}};
    }
    // Text within the text, as Glue has it.
    if (!parts.empty()) summary[kind.name] = json::serialize(parts);
  }
  return summary.empty() ? "" : json::serialize(summary);
}

std::vector<std::string> summary_lines(const CrawlChanges& changes) {
  std::vector<std::string> lines;
  for (const Kind& kind : kinds_of(changes)) {
    const std::size_t before = lines.size();
    for (const auto& [change, list] : kind.changes) {
      if (!list->empty()) lines.push_back(fmt::format("{}: {}", change, list->size()));
    }
    if (lines.size() > before) {
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(before),
                   fmt::format("Run Summary For {}:", kind.name));
    }
  }
  return lines;
}

std::string started_event(const Context& context, const api::Crawler& crawler, Timestamp started) {
  return json::serialize(json::object{{"accountId", context.account},
                                      {"crawlerName", *crawler.Name},
                                      {"startTime", second_of(started)},
                                      {"state", "Started"},
                                      {"message", "Crawler Started"}});
}

std::string ended_event(const Context& context, const api::Crawler& crawler,
                        const CrawlOutcome& outcome, double seconds) {
  json::object detail{{"accountId", context.account},
                      {"crawlerName", *crawler.Name},
                      {"completionDate", second_of(context.clock.now())},
                      {"runningTime (sec)", fmt::format("{:.0f}", seconds)},
                      {"cloudWatchLogLink", log_link(context, *crawler.Name)}};
  if (outcome.state != "COMPLETED") {
    detail["state"] = "Failed";
    detail["errorMessage"] = outcome.error;
    detail["message"] = "Crawler Failed";
    return json::serialize(detail);
  }
  const CrawlChanges& changes = outcome.changes;
  detail["state"] = "Succeeded";
  detail["message"] = "Crawler Succeeded";
  detail["warningMessage"] = "N/A";
  detail["tablesCreated"] = count(changes.tables_created);
  detail["tablesUpdated"] = count(changes.tables_updated);
  detail["tablesDeleted"] = count(changes.tables_deleted);
  detail["partitionsCreated"] = count(changes.partitions_created);
  detail["partitionsUpdated"] = count(changes.partitions_updated);
  detail["partitionsDeleted"] = count(changes.partitions_deleted);
  return json::serialize(detail);
}

}  // namespace engine::glue
