// `beer run`: the main job from nothing to a prediction, on an engine in this process.
#include "beer/beer.h"
#include "beer/brewery/tastes.h"
#include "cli/calls/brewery_server.h"
#include "cli/calls/champion.h"
#include "cli/calls/feed.h"
#include "cli/calls/lake.h"
#include "cli/calls/serving_log.h"
#include "cli/calls/watching.h"
#include "cli/commands/commands.h"
#include "cli/commands/run_report.h"
#include "cli/deploy/deploy.h"
#include "cli/errors.h"
#include "cli/local_engine.h"
#include "cli/output/progress.h"
#include "lib/base/clock.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::uint64_t kDefaultBeers = 400;
constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kBetweenLooks{20};

/// A new folder, named after the time: nobody's data is ever overwritten.
std::string new_folder() {
  const std::string name =
      base::format_utc(base::system_clock().now(), ".beer/runs/%Y-%m-%dT%H-%M-%S");
  std::string folder = name;
  for (int i = 2; fs::exists(folder); ++i) folder = fmt::format("{}-{}", name, i);
  return folder;
}

/// One run: its parts, in the order of their lives, and a method for each stage.
class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        spec_(read_spec(options.spec)),
        source_(options.source.empty() ? spec_.source.url : options.source),
        kind_(source_kind(source_)) {
    check_source(source_);
    if (options.drift && kind_ != SourceKind::kSimulated) {
      throw UsageError("--drift changes the simulated brewery's taste: it takes no other --source");
    }
    // Hours of waiting would show nothing: at 300 times our clock's speed five minutes are one
    // second.
    if (options.drift) spec_.watching.schedule.expression = "rate(5 minutes)";
    report_.source = source_ == "simulated" ? "the simulated brewery" : source_;
    report_.simulated = kind_ == SourceKind::kSimulated;
    report_.data = options.data.empty() ? new_folder() : options.data;
    if (kind_ == SourceKind::kFile) records_ = read_records(source_);
    if (kind_ == SourceKind::kFile && options.beers && *options.beers < records_.size()) {
      records_.resize(*options.beers);
    }
  }

  int run() {
    start();
    deploy_system();
    ingest();
    deliver();
    query_lake();
    run_pipeline();
    if (report_.gate.passed) {
      serve();
      predict_sample();
    }
    if (options_.drift && report_.gate.passed) {
      notice_another_taste();
      wait_for_retraining();
    }
    report_.seconds = progress_.seconds();
    report_.total = progress_.total();
    fmt::print("{}\n", options_.json ? to_json(report_) : to_text(report_));
    const bool registered = !report_.change || report_.change->gate.passed;
    return report_.gate.passed && registered ? kOk : kGateRefused;
  }

 private:
  void start();
  void deploy_system();
  void ingest();
  void deliver();
  void query_lake();
  void run_pipeline();
  void serve();
  void predict_sample();
  std::string sample_beer() const;
  void feed(std::uint64_t beers);
  json::value next_watch();
  void notice_another_taste();
  void wait_for_retraining();

  const RunOptions& options_;
  Spec spec_;
  std::string source_;
  SourceKind kind_;
  Progress progress_;
  RunReport report_;
  std::vector<std::string> records_;  // of a file
  std::optional<BreweryServer> brewery_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Session> session_;
  std::optional<LakeCount> lake_;
  std::vector<std::string> trainings_;  ///< before the taste changed
};

void Run::start() {
  progress_.begin("engine", "engine");
  const int seed = options_.seed.value_or(spec_.source.seed);
  brewery_.emplace(BrewerySettings{.seed = static_cast<std::uint64_t>(seed),
                                   .drift = options_.taste_years,
                                   .shift = options_.drift ? beer::Tastes::kSettled : 0},
                   "127.0.0.1", 0);
  engine::EngineOptions options = engine_options(spec_, report_.data, options_.speed);
  options.kinesis_limits = options_.kinesis_limits;
  engine_ = std::make_unique<engine::Engine>(options);
  session_.emplace(config_for(*engine_, options), spec_);
  lake_.emplace(*session_, options.data);
  report_.lake = fmt::format("{}/buckets/{}", options.data, session_->system().cleaned_bucket());
  progress_.done(fmt::format("{} on {}, its clock {:g} times as fast as ours", engine_->url(),
                             report_.data, options_.speed));
}

void Run::deploy_system() {
  progress_.begin("deploy", "deploy " + fs::path(spec_.file).filename().string());
  // The schedule stays asleep: the beers of this run are those that were asked for.
  const DeployOptions how{.source_url = kind_ == SourceKind::kUrl ? source_ : brewery_->api_url(),
                          .schedule_live = false};
  const DeployResult result = cli::deploy(*session_, how, [](const auto&, const auto&) {});
  lake_->update();  // what an earlier run left
  progress_.done(fmt::format("{} resources, {} changed", result.resources, result.changed));
}

void Run::ingest() {
  progress_.begin("ingest", "beers onto the stream");
  const auto on_fed = [&](std::uint64_t done, std::uint64_t total) {
    progress_.update(done, total);
  };
  report_.beers =
      kind_ == SourceKind::kFile
          ? feed_records(*session_, records_, on_fed)
          : feed_through_function(*session_, options_.beers.value_or(kDefaultBeers), on_fed);
  progress_.done(fmt::format("{} beers from {}", report_.beers, report_.source));
}

void Run::deliver() {
  progress_.begin("deliver", "deliveries into the lake");
  const LakeCount before = *lake_;
  auto moved = steady_clock::now();
  std::uint64_t arrived = 0;
  while (true) {
    lake_->update();
    report_.raw = lake_->raw() - before.raw();
    report_.cleaned = lake_->cleaned() - before.cleaned();
    report_.rejected = lake_->rejected() - before.rejected();
    const std::uint64_t now = report_.raw + report_.cleaned + report_.rejected;
    progress_.update(now / 2, report_.beers);
    if (report_.raw >= report_.beers && report_.cleaned + report_.rejected >= report_.beers) break;
    if (now != arrived) moved = steady_clock::now();
    arrived = now;
    if (steady_clock::now() - moved > kPatience) {
      throw std::runtime_error(fmt::format(
          "nothing was delivered for {} s: of {} beers {} are in {} and {} cleaned, {} rejected in "
          "{}; the log group of the deliveries, in {}, may say why",
          kPatience.count(), report_.beers, report_.raw, session_->system().raw_bucket(),
          report_.cleaned, report_.rejected, session_->system().cleaned_bucket(), report_.data));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  progress_.done(fmt::format("{} raw, {} cleaned, {} rejected", report_.raw, report_.cleaned,
                             report_.rejected));
}

void Run::query_lake() {
  progress_.begin("query", "SQL through Athena");
  const std::string& table = spec_.table.name;
  const QueryResult count = run_query(*session_, fmt::format("SELECT count(*) FROM {}", table));
  report_.rows = std::stoull(count.rows.at(0).at(0).value_or("0"));
  report_.summary = run_query(
      *session_,
      fmt::format("SELECT label, count(*) AS beers, count(DISTINCT id) AS distinct_beers, "
                  "round(avg(ibu), 1) AS mean_ibu, round(avg(abv), 1) AS mean_abv "
                  "FROM {} GROUP BY label ORDER BY beers DESC, label",
                  table));
  progress_.done(fmt::format("{} rows", report_.rows));
}

void Run::run_pipeline() {
  progress_.begin("pipeline", "pipeline " + spec_.training.pipeline);
  const std::string arn = start_pipeline(*session_);
  report_.execution = follow_execution(*session_, arn, [&](const Execution& now) {
    constexpr std::uint64_t kSteps = 5;
    progress_.update(now.steps.size(), kSteps, now.steps.empty() ? "" : now.steps.back().name);
  });
  // The engine's clock timed them; people and the other stages count in ours.
  for (Step& step : report_.execution.steps) step.seconds /= options_.speed;
  const auto metrics = read_metrics(*session_, arn);
  report_.gate = judge(report_.execution, metrics);
  report_.metrics = *metrics;
  progress_.done(fmt::format("{}, gate {}", report_.execution.status,
                             report_.gate.passed ? "passed" : "refused"));
}

void Run::serve() {
  progress_.begin("serve", "approve and serve");
  const ModelPackage package = describe_package(*session_, report_.gate.package);
  set_approval(*session_, package.arn, "Approved");
  crown_for_retraining(*session_);
  cli::promote(*session_, package);
  note_served(*session_, {.action = "promote", .version = package.version});
  report_.version = package.version;
  report_.endpoint = spec_.endpoint.name;
  progress_.done(fmt::format("version {} at endpoint {}", package.version, report_.endpoint));
}

/// One that the model can't have seen, where there are more.
std::string Run::sample_beer() const {
  if (kind_ == SourceKind::kSimulated) {
    return brewery_->brewery().beer(brewery_->brewery().catalogue() + 1);
  }
  for (const std::string& record : records_) {
    if (beer::parse_beer(record)) return record;
  }
  return lake_->first_record();
}

void Run::predict_sample() {
  progress_.begin("predict", "predict a beer");
  report_.sample = sample_beer();
  report_.prediction = cli::predict(*session_, report_.sample, true).at(0);
  progress_.done(
      fmt::format("{:.0f} IBU, {}", report_.prediction.ibu, interval_text(report_.prediction, 0)));
}

// The change of taste ------------------------------------------------------------------------

/// Answers when these are in the lake, by both deliveries.
void Run::feed(std::uint64_t beers) {
  const std::uint64_t raw = lake_->raw(), cleaned = lake_->cleaned() + lake_->rejected();
  const std::uint64_t fed = feed_through_function(*session_, beers, [](auto, auto) {});
  const auto until = steady_clock::now() + kPatience;
  while (lake_->raw() < raw + fed || lake_->cleaned() + lake_->rejected() < cleaned + fed) {
    if (steady_clock::now() > until) {
      throw std::runtime_error(
          fmt::format("{} beers weren't delivered within {} s", fed, kPatience.count()));
    }
    std::this_thread::sleep_for(kBetweenLooks);
    lake_->update();
  }
  report_.change->beers += fed;
}

/// What the first execution of the watching pipeline that begins from now on finds.
json::value Run::next_watch() {
  const std::string& pipeline = spec_.watching.pipeline;
  const auto known = executions_of(*session_, pipeline);
  const auto until = steady_clock::now() + kPatience;
  while (true) {
    for (const std::string& arn : executions_of(*session_, pipeline, "Succeeded")) {
      if (std::find(known.begin(), known.end(), arn) == known.end()) {
        return read_drift(*session_, arn);
      }
    }
    if (steady_clock::now() > until) {
      throw std::runtime_error(
          fmt::format("the pipeline {} didn't look within {} s", pipeline, kPatience.count()));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

void Run::notice_another_taste() {
  constexpr std::uint64_t kBatch = 50, kMost = 600;
  constexpr std::size_t kNamed = 6;
  progress_.begin("notice", "another taste, noticed");
  ChangeOfTaste& change = report_.change.emplace();
  trainings_ = executions_of(*session_, spec_.training.pipeline);
  brewery_->turn();
  watch_from_now_on(*session_);
  while (change.beers < kMost) {
    feed(kBatch);
    progress_.update(change.beers, kMost);
    const json::value drift = next_watch();
    if (!drift.at("breached").as_bool()) continue;
    const json::array& drifted = list(drift, "drifted");
    change.drifted = drifted.size();
    for (const json::value& name : drifted) {
      if (change.features.size() == kNamed) break;
      change.features.emplace_back(name.as_string());
    }
    change.error_then = number(drift, "error.then");
    change.error_now = number(drift, "error.now");
    change.reason = text(drift, "reason");
    progress_.done(fmt::format("after {} beers: {}", change.beers, change.reason));
    return;
  }
  throw std::runtime_error(
      fmt::format("{} beers of another taste came and nothing was noticed", change.beers));
}

/// Nobody starts it: the alarm goes off, and a rule has heard of it.
void Run::wait_for_retraining() {
  progress_.begin("retrain", "alarm, rule, pipeline");
  ChangeOfTaste& change = *report_.change;
  const auto until = steady_clock::now() + kPatience;
  std::string arn;
  while (arn.empty()) {
    const auto now = executions_of(*session_, spec_.training.pipeline);
    if (now.size() > trainings_.size()) arn = now.front();
    if (steady_clock::now() > until) {
      throw std::runtime_error(fmt::format("the alarm {}-drift started no training within {} s",
                                           spec_.project, kPatience.count()));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  const Execution execution = follow_execution(*session_, arn, [](const auto&) {});
  const auto metrics = read_metrics(*session_, arn);
  change.gate = judge(execution, metrics);
  change.metrics = *metrics;
  if (change.gate.passed) {
    change.version = describe_package(*session_, change.gate.package).version;
  }
  progress_.done(change.gate.passed ? fmt::format("version {} registered", change.version)
                                    : "refused: " + change.gate.reason);
}

}  // namespace

int run(const RunOptions& options) { return Run(options).run(); }

}  // namespace cli
