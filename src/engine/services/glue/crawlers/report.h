// What is told of a crawl: its summary, and the events of EventBridge.
#pragma once

#include "engine/services/glue/crawlers/crawl.h"

#include <string>
#include <vector>

namespace engine::glue {

inline constexpr const char* kLogGroup = "/aws-glue/crawlers";
inline constexpr const char* kEventType = "Glue Crawler State Change";

/// How a crawl ended.
struct CrawlOutcome {
  std::string state;  ///< COMPLETED, STOPPED or FAILED
  std::string error;
  CrawlChanges changes = {};
};

/// ListCrawls' Summary: JSON by kind and change, "" when nothing has changed.
std::string summary_of(const CrawlChanges& changes);
/// The same for the log.
std::vector<std::string> summary_lines(const CrawlChanges& changes);

/// The details of the events, as JSON.
std::string started_event(const Context& context, const api::Crawler& crawler, Timestamp started);
std::string ended_event(const Context& context, const api::Crawler& crawler,
                        const CrawlOutcome& outcome, double seconds);

}  // namespace engine::glue
