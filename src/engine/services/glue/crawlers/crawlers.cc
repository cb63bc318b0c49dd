// Crawlers at work.
#include "engine/services/glue/crawlers/crawlers.h"

#include "engine/protocol/json.h"
#include "engine/schedules/schedule.h"
#include "engine/services/glue/crawlers/crawl.h"
#include "engine/services/glue/crawlers/report.h"
#include "engine/services/glue/errors.h"
#include "lib/base/log.h"
#include "lib/base/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <thread>

namespace engine::glue {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHistory = "glue/crawls";      ///< "crawler\1<start>\1id" → CrawlerHistory
constexpr std::string_view kCounts = "glue/crawl_counts"; ///< crawler → CrawlerMetrics of the last one
constexpr std::string_view kClassifiers = "glue/classifiers";
constexpr std::string_view kFired = "glue/crawlers_fired";  ///< crawler → epoch ms of its last time
constexpr char kJoin = '\1';
constexpr std::size_t kMostCrawls = 1'000;  ///< kept of one crawler
constexpr auto kLongestWait = base::Milliseconds(1h);

std::string prefix_of(std::string_view crawler) { return std::string(crawler) + kJoin; }

std::string history_key(const std::string& crawler, const api::CrawlerHistory& crawl) {
  return fmt::format("{}{:015}{}{}", prefix_of(crawler),
                     crawl.StartTime->time_since_epoch().count(), kJoin, *crawl.CrawlId);
}

double seconds(base::Milliseconds span) { return std::chrono::duration<double>(span).count(); }

bool is_scheduled(const api::Crawler& crawler) {
  return crawler.Schedule && crawler.Schedule->ScheduleExpression &&
         crawler.Schedule->State.value_or("") == "SCHEDULED";
}

}  // namespace

void check_crawler_schedule(std::string_view expression) {
  try {
    schedules::Schedule check(expression);
    if (expression.starts_with("cron(")) return;
  } catch (const std::invalid_argument&) {
    // Told below.
  }
  throw invalid_input(fmt::format("Invalid schedule expression: {}", expression));
}

/// A crawl under way or waiting.
struct Run {
  std::string crawler, id;
  Timestamp started;
  std::atomic<bool> stop = false;      ///< StopCrawler
  std::atomic<bool> shut_down = false; ///< the engine's end
};

struct Crawlers::Impl {
  Impl(Context& context, Glue& glue, const s3::S3& s3, logs::Logs& logs, CrawlerEvents publish)
      : context(context), glue(glue), s3(s3), logs(logs), publish(std::move(publish)) {
    for (const api::Crawler& crawler : glue.crawlers()) {
      if (crawler.State != "READY") recover(crawler);
    }
    for (auto& worker : workers) {
      worker = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
    }
    scheduler.emplace("crawlers", context.clock,
                      [this](const std::stop_token&) { return fire_due(); });
  }

  ~Impl() { shut_down(); }

  void shut_down() {
    if (scheduler) scheduler->stop();
    {
      const std::lock_guard lock(mutex);
      for (const auto& [name, run] : runs) run->shut_down = true;
    }
    for (auto& worker : workers) worker.request_stop();
    for (auto& worker : workers) {
      if (worker.joinable()) worker.join();
    }
  }

  // --- Runs

  void start(const std::string& name) {
    const std::lock_guard lock(mutex);
    api::Crawler crawler = glue.crawler(name);
    if (runs.contains(name)) throw crawler_running(name);
    check_crawler(crawler);
    auto run = std::make_shared<Run>();
    run->crawler = name;
    run->id = context.ids.uuid();
    run->started = context.clock.now();
    crawler.State = "RUNNING";
    crawler.CrawlElapsedTime = 0;
    storage::Batch batch;
    batch.put("glue/crawlers", name, to_json(crawler));
    const auto record = history_of(*run, "RUNNING");
    batch.put(kHistory, history_key(name, record), to_json(record));
    drop_oldest(name, batch);
    context.catalog.commit(std::move(batch));
    runs[name] = run;
    waiting.push_back(run);
    work_came.notify_one();
  }

  void stop(const std::string& name) {
    const std::lock_guard lock(mutex);
    api::Crawler crawler = glue.crawler(name);
    const auto found = runs.find(name);
    if (found == runs.end()) throw crawler_not_running(name);
    if (found->second->stop) throw crawler_stopping(name);
    found->second->stop = true;
    crawler.State = "STOPPING";
    glue.put_crawler(crawler);
  }

  void work(std::stop_token stop) {
    while (!stop.stop_requested()) {
      std::shared_ptr<Run> run;
      {
        std::unique_lock lock(mutex);
        if (!work_came.wait(lock, stop, [this] { return !waiting.empty(); })) return;
        run = waiting.front();
        waiting.pop_front();
      }
      // What the engine's end cuts off is found, and reported, at the next start.
      if (!run->shut_down) execute(*run);
    }
  }

  void execute(const Run& run) {
    const api::Crawler crawler = glue.crawler(run.crawler);
    CrawlOutcome outcome;
    log(run, "BENCHMARK", fmt::format("Running Start Crawl for Crawler {}", run.crawler));
    tell(started_event(context, crawler, run.started));
    try {
      outcome.changes = glue::crawl(tools_for(run, crawler), crawler);
      outcome.state = "COMPLETED";
    } catch (const CrawlStopped&) {
      if (run.shut_down) return;
      outcome.state = "STOPPED";
      outcome.error = "The crawler was stopped";
    } catch (const std::exception& error) {
      outcome.state = "FAILED";
      outcome.error = error.what();
      log(run, "ERROR", outcome.error);
    }
    log_summary(run, outcome);
    finish(run, outcome);
    tell(ended_event(context, crawler, outcome, seconds(context.clock.now() - run.started)));
  }

  CrawlTools tools_for(const Run& run, const api::Crawler& crawler) {
    CrawlTools tools{.glue = glue, .s3 = s3, .crawl_id = run.id};
    for (const std::string& name : crawler.Classifiers.value_or(std::vector<std::string>{})) {
      const auto classifier = find_classifier(name);
      if (!classifier) throw std::runtime_error(no_such_classifier(name).what());
      if (classifier->CsvClassifier) tools.classifiers.push_back(*classifier->CsvClassifier);
    }
    tools.stopped = [&run] { return run.stop || run.shut_down; };
    tools.log = [this, &run](std::string_view level, std::string_view line) {
      log(run, level, line);
    };
    return tools;
  }

  // The crawler is READY and its LastCrawl is told in one step with the history.
  void finish(const Run& run, const CrawlOutcome& outcome) {
    const std::lock_guard lock(mutex);
    runs.erase(run.crawler);
    auto crawler = glue.find_crawler(run.crawler);
    if (!crawler) return;
    storage::Batch batch;
    close(*crawler, history_of(run, outcome.state), outcome, batch);
    api::CrawlerMetrics counts{
        .CrawlerName = run.crawler,
        .TablesCreated = static_cast<std::int64_t>(outcome.changes.tables_created.size()),
        .TablesUpdated = static_cast<std::int64_t>(outcome.changes.tables_updated.size()),
        .TablesDeleted = static_cast<std::int64_t>(outcome.changes.tables_deleted.size())};
    batch.put(kCounts, run.crawler, to_json(counts));
    context.catalog.commit(std::move(batch));
  }

  void close(api::Crawler crawler, api::CrawlerHistory crawl, const CrawlOutcome& outcome,
             storage::Batch& batch) const {
    crawl.State = outcome.state;
    crawl.EndTime = context.clock.now();
    if (!outcome.error.empty()) crawl.ErrorMessage = outcome.error.substr(0, 2048);
    crawl.Summary = summary_of(outcome.changes);
    crawl.DPUHour = 0;
    const char* status = outcome.state == "COMPLETED" ? "SUCCEEDED"
                         : outcome.state == "STOPPED" ? "CANCELLED"
                                                      : "FAILED";
    crawler.LastCrawl = api::LastCrawlInfo{.Status = status,
                                           .ErrorMessage = crawl.ErrorMessage,
                                           .LogGroup = crawl.LogGroup,
                                           .LogStream = crawl.LogStream,
                                           .MessagePrefix = crawl.MessagePrefix,
                                           .StartTime = crawl.StartTime};
    crawler.State = "READY";
    crawler.CrawlElapsedTime = 0;
    batch.put("glue/crawlers", *crawler.Name, to_json(crawler));
    batch.put(kHistory, history_key(*crawler.Name, crawl), to_json(crawl));
  }

  // A crawl that the engine's end cut off.
  void recover(const api::Crawler& crawler) {
    const auto history = crawls(*crawler.Name);
    storage::Batch batch;
    const CrawlOutcome outcome{.state = "FAILED",
                               .error = "The crawl was interrupted by an end of the engine"};
    if (!history.empty() && (history[0].State == "RUNNING")) {
      close(crawler, history[0], outcome, batch);
    } else {
      api::Crawler ready = crawler;
      ready.State = "READY";
      batch.put("glue/crawlers", *crawler.Name, to_json(ready));
    }
    context.catalog.commit(std::move(batch));
  }

  api::CrawlerHistory history_of(const Run& run, const std::string& state) const {
    return {.CrawlId = run.id,
            .State = state,
            .StartTime = run.started,
            .LogGroup = kLogGroup,
            .LogStream = run.crawler,
            .MessagePrefix = run.id};
  }

  std::vector<api::CrawlerHistory> crawls(const std::string& name) const {
    std::vector<api::CrawlerHistory> list;
    for (const auto& row : context.catalog.scan(kHistory, prefix_of(name))) {
      list.push_back(from_json<api::CrawlerHistory>(row.value));
    }
    std::reverse(list.begin(), list.end());
    return list;
  }

  void drop_oldest(const std::string& name, storage::Batch& batch) const {
    if (context.catalog.count(kHistory, prefix_of(name)) < kMostCrawls) return;
    for (const auto& row : context.catalog.scan(kHistory, prefix_of(name), {}, 1)) {
      batch.remove(kHistory, row.key);
    }
  }

  std::optional<api::Classifier> find_classifier(std::string_view name) const {
    const auto row = context.catalog.get(kClassifiers, name);
    if (!row) return std::nullopt;
    return from_json<api::Classifier>(*row);
  }

  // --- What the world is told

  void log(const Run& run, std::string_view level, std::string_view line) {
    const logs::Event event{context.clock.now(), fmt::format("[{}] {} : {}", run.id, level, line)};
    logs.append(kLogGroup, run.crawler, std::span(&event, 1));
  }

  void log_summary(const Run& run, const CrawlOutcome& outcome) {
    for (const std::string& line : summary_lines(outcome.changes)) log(run, "INFO", line);
    log(run, "BENCHMARK", "Crawler has finished running and is in state READY");
  }

  void tell(const std::string& detail) const {
    try {
      publish(kEventType, detail);
    } catch (const std::exception& error) {
      base::log_warning("crawlers", "an event was not sent: {}", error.what());
    }
  }

  // --- Schedules

  // Counts a schedule from now on.
  void count_from_now(const std::string& name, storage::Batch& batch) const {
    batch.put(kFired, name, std::to_string(context.clock.now().time_since_epoch().count()));
  }

  base::Milliseconds fire_due() {
    const Timestamp now = context.clock.now();
    auto wait = kLongestWait;
    for (const api::Crawler& crawler : glue.crawlers()) {
      if (!is_scheduled(crawler)) continue;
      const schedules::Schedule schedule(*crawler.Schedule->ScheduleExpression);
      const auto row = context.catalog.get(kFired, *crawler.Name);
      Timestamp last = row ? Timestamp(base::Milliseconds(std::stoll(*row))) : now;
      storage::Batch batch;
      if (!row || last > now) {
        last = now;
        count_from_now(*crawler.Name, batch);
      }
      const auto due = schedule.latest(last, now);
      if (due) {
        last = *due;
        batch.put(kFired, *crawler.Name, std::to_string(last.time_since_epoch().count()));
      }
      if (!batch.empty()) context.catalog.commit(std::move(batch));
      if (due) start_scheduled(*crawler.Name);
      if (const auto next = schedule.next(last)) {
        wait = std::clamp(*next - context.clock.now(), base::Milliseconds(0), wait);
      }
    }
    return wait;
  }

  void start_scheduled(const std::string& name) {
    try {
      start(name);
    } catch (const AwsError& error) {
      // It still runs, or is gone since it was listed.
      base::log_info("crawlers", "crawler {} was not started by its schedule: {}", name, error.what());
    }
  }

  void change(const std::string& name, const std::function<void(api::Crawler&)>& use) {
    {
      const std::lock_guard lock(mutex);
      api::Crawler crawler = glue.crawler(name);
      const bool was_scheduled = is_scheduled(crawler);
      const auto former = crawler.Schedule;
      use(crawler);
      storage::Batch batch;
      batch.put("glue/crawlers", name, to_json(crawler));
      if (is_scheduled(crawler) &&
          (!was_scheduled || former->ScheduleExpression != crawler.Schedule->ScheduleExpression)) {
        count_from_now(name, batch);
      }
      context.catalog.commit(std::move(batch));
    }
    scheduler->wake();
  }

  Context& context;
  Glue& glue;
  const s3::S3& s3;
  logs::Logs& logs;
  CrawlerEvents publish;
  std::mutex mutex;  ///< around changes of crawlers, and the runs
  std::map<std::string, std::shared_ptr<Run>> runs;
  std::deque<std::shared_ptr<Run>> waiting;
  std::condition_variable_any work_came;
  std::array<std::jthread, 2> workers;
  std::optional<base::Loop> scheduler;
};

Crawlers::Crawlers(Context& context, Glue& glue, const s3::S3& s3, logs::Logs& logs,
                   CrawlerEvents publish)
    : impl_(std::make_unique<Impl>(context, glue, s3, logs, std::move(publish))) {}
Crawlers::~Crawlers() = default;

void Crawlers::create(api::Crawler crawler, const std::map<std::string, std::string>& tags) {
  const std::string name = *crawler.Name;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->glue.find_crawler(name)) throw crawler_exists(name);
    storage::Batch batch;
    batch.put("glue/crawlers", name, to_json(crawler));
    if (is_scheduled(crawler)) impl_->count_from_now(name, batch);
    impl_->context.catalog.commit(std::move(batch));
    if (!tags.empty()) impl_->glue.set_tags(impl_->glue.arn("crawler/" + name), tags);
  }
  impl_->scheduler->wake();
}

void Crawlers::update(const std::string& name, const std::function<void(api::Crawler&)>& change) {
  impl_->change(name, [&](api::Crawler& crawler) {
    if (impl_->runs.contains(name)) throw crawler_running(name);
    change(crawler);
  });
}

void Crawlers::remove(const std::string& name) {
  const std::lock_guard lock(impl_->mutex);
  impl_->glue.crawler(name);
  if (impl_->runs.contains(name)) throw crawler_running(name);
  impl_->glue.delete_crawler(name);
  storage::Batch batch;
  batch.remove(kFired, name);
  batch.remove(kCounts, name);
  for (const auto& row : impl_->context.catalog.scan(kHistory, prefix_of(name))) {
    batch.remove(kHistory, row.key);
  }
  impl_->context.catalog.commit(std::move(batch));
}

api::Crawler Crawlers::with_times(api::Crawler crawler) const {
  const std::lock_guard lock(impl_->mutex);
  const auto run = impl_->runs.find(*crawler.Name);
  if (run != impl_->runs.end()) {
    crawler.CrawlElapsedTime = (impl_->context.clock.now() - run->second->started).count();
  }
  return crawler;
}

api::Crawler Crawlers::crawler(const std::string& name) const {
  return with_times(impl_->glue.crawler(name));
}

void Crawlers::start(const std::string& name) { impl_->start(name); }
void Crawlers::stop(const std::string& name) { impl_->stop(name); }

void Crawlers::start_schedule(const std::string& name) {
  impl_->change(name, [&](api::Crawler& crawler) {
    if (!crawler.Schedule || !crawler.Schedule->ScheduleExpression) throw no_schedule(name);
    if (crawler.Schedule->State == "SCHEDULED") throw scheduler_running(name);
    crawler.Schedule->State = "SCHEDULED";
  });
}

void Crawlers::stop_schedule(const std::string& name) {
  impl_->change(name, [&](api::Crawler& crawler) {
    if (!is_scheduled(crawler)) throw scheduler_not_running(name);
    crawler.Schedule->State = "NOT_SCHEDULED";
  });
}

void Crawlers::update_schedule(const std::string& name,
                               const std::optional<std::string>& expression) {
  impl_->change(name, [&](api::Crawler& crawler) {
    if (!expression || expression->empty()) {
      crawler.Schedule.reset();
      return;
    }
    check_crawler_schedule(*expression);
    crawler.Schedule = api::Schedule{.ScheduleExpression = expression, .State = "SCHEDULED"};
  });
}

std::vector<api::CrawlerHistory> Crawlers::crawls(const std::string& name) const {
  return impl_->crawls(name);
}

api::CrawlerMetrics Crawlers::metrics(const api::Crawler& crawler) const {
  const auto row = impl_->context.catalog.get(kCounts, *crawler.Name);
  auto metrics = row ? from_json<api::CrawlerMetrics>(*row) : api::CrawlerMetrics{};
  std::vector<double> times;
  for (const auto& crawl : impl_->crawls(*crawler.Name)) {
    if (crawl.EndTime) times.push_back(seconds(*crawl.EndTime - *crawl.StartTime));
  }
  metrics.CrawlerName = crawler.Name;
  metrics.TimeLeftSeconds = 0;
  metrics.StillEstimating = false;
  metrics.LastRuntimeSeconds = times.empty() ? 0 : times.front();
  std::sort(times.begin(), times.end());
  metrics.MedianRuntimeSeconds = times.empty() ? 0 : times[times.size() / 2];
  metrics.TablesCreated = metrics.TablesCreated.value_or(0);
  metrics.TablesUpdated = metrics.TablesUpdated.value_or(0);
  metrics.TablesDeleted = metrics.TablesDeleted.value_or(0);
  return metrics;
}

std::optional<api::Classifier> Crawlers::find_classifier(std::string_view name) const {
  return impl_->find_classifier(name);
}

std::vector<api::Classifier> Crawlers::classifiers() const {
  std::vector<api::Classifier> list;
  for (const auto& row : impl_->context.catalog.scan(kClassifiers)) {
    list.push_back(from_json<api::Classifier>(row.value));
  }
  return list;
}

void Crawlers::put_classifier(const api::Classifier& classifier) {
  storage::Batch batch;
  batch.put(kClassifiers, classifier.CsvClassifier->Name, to_json(classifier));
  impl_->context.catalog.commit(std::move(batch));
}

void Crawlers::delete_classifier(std::string_view name) {
  storage::Batch batch;
  batch.remove(kClassifiers, name);
  impl_->context.catalog.commit(std::move(batch));
}

Glue& Crawlers::glue() const { return impl_->glue; }
void Crawlers::shut_down() { impl_->shut_down(); }

}  // namespace engine::glue
