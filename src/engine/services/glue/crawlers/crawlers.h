// Crawlers at work: who runs, what came of it, and when the next one is due.
#pragma once

#include "engine/services/glue/glue.h"
#include "engine/services/logs/logs.h"
#include "engine/services/s3/s3.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// Tells EventBridge of a crawler's change of state; `detail` is a JSON object.
using CrawlerEvents = std::function<void(std::string_view detail_type, std::string_view detail)>;

/// A crawler is READY, then RUNNING from the answer to its start until its crawl is over, or STOPPING
/// from the request to stop until it has. Two crawls run at once; more wait as RUNNING. What a crawl
/// came to stands in the crawler (LastCrawl) and in the history, durable before it is READY again.
/// A crawl that a crash or a stop of the engine cut off is FAILED at the next start. Schedules count
/// on the engine's clock. Thread-safe; methods throw AwsError as Glue words it.
class Crawlers {
 public:
  Crawlers(Context& context, Glue& glue, const s3::S3& s3, logs::Logs& logs, CrawlerEvents publish);
  ~Crawlers();

  void create(api::Crawler crawler, const std::map<std::string, std::string>& tags);
  /// Runs `change` on the crawler, which must not be running.
  void update(const std::string& name, const std::function<void(api::Crawler&)>& change);
  void remove(const std::string& name);
  /// As kept, with the time the present crawl has taken.
  api::Crawler crawler(const std::string& name) const;
  api::Crawler with_times(api::Crawler crawler) const;

  void start(const std::string& name);
  void stop(const std::string& name);
  /// Changes the schedule's state, or its expression when one is given.
  void start_schedule(const std::string& name);
  void stop_schedule(const std::string& name);
  void update_schedule(const std::string& name, const std::optional<std::string>& expression);

  /// The crawls of a crawler, newest first.
  std::vector<api::CrawlerHistory> crawls(const std::string& name) const;
  api::CrawlerMetrics metrics(const api::Crawler& crawler) const;

  std::optional<api::Classifier> find_classifier(std::string_view name) const;
  std::vector<api::Classifier> classifiers() const;  ///< by name
  void put_classifier(const api::Classifier& classifier);
  void delete_classifier(std::string_view name);

  Glue& glue() const;

  /// Ends the schedules and the crawls; for the engine's end.
  void shut_down();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Throws AwsError InvalidInputException unless it is "cron(…)".
void check_crawler_schedule(std::string_view expression);

}  // namespace engine::glue
