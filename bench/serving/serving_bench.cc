// How fast a prediction is: in process, over HTTP, through the engine's signed InvokeEndpoint.
// Beside it, in the same run, the C interface of XGBoost called bare.
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "bench/serving/endpoint.h"
#include "bench/serving/http_load.h"
#include "bench/serving/model.h"
#include "bench/serving/model_server.h"
#include "pipelines/files.h"
#include "pipelines/model/booster.h"
#include "pipelines/model/flat_trees.h"
#include "pipelines/model/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using bench::Load;
using pipelines::Booster;
using pipelines::FlatTrees;

constexpr int kConnections = 8;
constexpr double kSpan = 2;  // seconds of each load
constexpr std::size_t kBatch = 100;
constexpr double kMicrosecondsOfARow = 3, kRequests = 20'000, kMillisecondsOfP99 = 1.5,
                 kSigned = 6'000, kBatchRows = 500'000;

/// Microseconds of one call of `work`, of which enough are made to be told apart.
double microseconds(const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kFirst = 64;
  const double first = bench::seconds([&] {
    for (std::size_t i = 0; i < kFirst; ++i) work(i);
  });
  const auto wanted = static_cast<std::size_t>(0.1 * kFirst / first) + 1;  // a tenth of a second
  return bench::median_of_runs([&] {
    return 1e6 * bench::seconds([&] {
             for (std::size_t i = 0; i < wanted; ++i) work(i);
           }) /
           static_cast<double>(wanted);
  });
}

/// Some rows, one after the other, so that the same row is not asked twice in a row.
class Rows {
 public:
  explicit Rows(const bench::TrainedModel& model) : model_(model) {}
  std::span<const float> one(std::size_t call) const {
    return model_.rows().row(call % model_.rows().rows());
  }
  std::span<const float> batch(std::size_t call) const {
    const std::size_t columns = model_.rows().columns;
    const std::size_t first = call * 7 % (model_.rows().rows() - kBatch);
    return std::span(model_.rows().values).subspan(first * columns, kBatch * columns);
  }

 private:
  const bench::TrainedModel& model_;
};

/// Throws when the two disagree in a bit of any row.
void check_equal(const Booster& booster, const FlatTrees& flat, const bench::TrainedModel& model) {
  const auto expected = booster.predict(model.rows().values, model.rows().rows());
  std::vector<float> found(expected.size());
  flat.predict(model.rows().values, found);
  if (!std::equal(found.begin(), found.end(), expected.begin(), [](float a, float b) {
        return std::bit_cast<unsigned>(a) == std::bit_cast<unsigned>(b);
      })) {
    throw std::runtime_error("the flat trees predict something else than XGBoost");
  }
}

void in_process(const bench::TrainedModel& trained) {
  bench::title("in process");
  const std::string bytes = pipelines::read_file(trained.model() / "xgboost-model");
  const Booster booster(bytes);
  const FlatTrees flat = FlatTrees::read(bytes).value();
  check_equal(booster, flat, trained);
  const Rows rows(trained);
  std::vector<float> predictions(kBatch);
  bench::row("XGBoost's C interface, a row",
             microseconds([&](std::size_t i) { (void)booster.predict(rows.one(i), 1); }), "us");
  bench::row(
      "XGBoost's C interface, 100 rows, a row",
      microseconds([&](std::size_t i) { (void)booster.predict(rows.batch(i), kBatch); }) / kBatch,
      "us");
  bench::row_below("flat trees, a row",
                   microseconds([&](std::size_t i) { predictions[0] = flat.predict(rows.one(i)); }),
                   "us", kMicrosecondsOfARow);
  bench::row("flat trees, 100 rows, a row", microseconds([&](std::size_t i) {
                                              flat.predict(rows.batch(i), predictions);
                                            }) / kBatch,
             "us");
  const auto model = pipelines::Model::load(trained.model());
  pipelines::Table one{trained.rows().columns, {0}, {}};
  const auto put_one = [&](std::size_t i) {
    one.values.assign(rows.one(i).begin(), rows.one(i).end());
  };
  bench::row("the model, a row: IBU and interval", microseconds([&](std::size_t i) {
               put_one(i);
               (void)model.predict(one);
             }),
             "us");
  bench::row("the model, a row: contributions", microseconds([&](std::size_t i) {
               put_one(i);
               (void)model.explain(one);
             }),
             "us");
}

/// The middle run of several by its rate.
Load median_load(const std::function<Load()>& measure) {
  std::vector<Load> all(static_cast<std::size_t>(bench::runs()));
  std::generate(all.begin(), all.end(), measure);
  std::sort(all.begin(), all.end(),
            [](const Load& a, const Load& b) { return a.per_second < b.per_second; });
  return all[(all.size() - 1) / 2];
}

void latency_rows(const Load& load, std::optional<double> limit = std::nullopt) {
  bench::row("... p50", bench::median(load.milliseconds), "ms");
  const double p99 = bench::quantile(load.milliseconds, 0.99);
  limit ? bench::row_below("... p99", p99, "ms", *limit) : bench::row("... p99", p99, "ms");
}

void over_http(const bench::TrainedModel& trained) {
  bench::title("/invocations, 8 connections");
  const bench::ModelServer server(trained.root());
  bench::row("from the start of the process to its first answer", 1000 * server.seconds_to_start(),
             "ms");
  int most_threads = 0;
  std::string threads;
  const auto load = [&](const std::string& request) {
    return median_load([&] {
      Load one = bench::http_load(server.port(), kConnections, kSpan, request);
      if (server.thread_count() > most_threads) {
        most_threads = server.thread_count();
        threads = server.threads();
      }
      return one;
    });
  };
  const double ping = load("GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").per_second;
  bench::row("GET /ping", ping, "req/s");
  const double before = server.processor(), own = bench::own_processor();
  const Load csv = load(bench::post_bytes("/invocations", "text/csv", trained.csv(0, 1)));
  const double calls = csv.per_second * kSpan * bench::runs();
  bench::row("a row of CSV", csv.per_second, "req/s", kRequests);
  latency_rows(csv, kMillisecondsOfP99);
  bench::row("... processor of the server for a request",
             1e6 * (server.processor() - before) / calls, "us");
  bench::row("... processor of the load generator for a request",
             1e6 * (bench::own_processor() - own) / calls, "us");
  const Load json = load(bench::post_bytes("/invocations", "text/csv", trained.csv(0, 1),
                                           "Accept: application/json\r\n"));
  bench::row("a row of CSV, answered as JSON with its interval", json.per_second, "req/s");
  const Load beer = load(bench::post_bytes("/invocations", "application/json", bench::raw_beer(3)));
  bench::row("a raw beer", beer.per_second, "req/s", kRequests);
  latency_rows(beer, kMillisecondsOfP99);
  const Load batch = load(bench::post_bytes("/invocations", "text/csv", trained.csv(0, kBatch)));
  bench::row("100 rows of CSV", batch.per_second * kBatch, "rows/s", kBatchRows);
  latency_rows(batch);
  bench::row("threads of the server under load", most_threads, "threads");
  bench::note(threads);
}

void through_the_engine(const bench::TrainedModel& trained) {
  bench::title("InvokeEndpoint, signed, 8 connections");
  const bench::Engine engine;
  bench::make_endpoint(engine.config(), "ibu", trained.model());
  const auto load = [&](const char* type, const std::string& text) {
    const auto body = bench::prepare(text);
    return median_load([&] {
      return bench::put_load(engine.config(), kConnections, kSpan,
                             [&](bench::Caller& caller, int, int) {
                               caller.post("sagemaker", "/endpoints/ibu/invocations", type, body);
                             });
    });
  };
  const double before = engine.processor(), own = bench::own_processor();
  const Load csv = load("text/csv", trained.csv(0, 1));
  const double calls = csv.per_second * kSpan * bench::runs();
  bench::row("a row of CSV", csv.per_second, "req/s", kSigned);
  latency_rows(csv);
  bench::row("... processor of the engine for a request",
             1e6 * (engine.processor() - before) / calls, "us");
  bench::row("... processor of the load generator for a request",
             1e6 * (bench::own_processor() - own) / calls, "us");
  const Load beer = load("application/json", bench::raw_beer(3));
  bench::row("a raw beer", beer.per_second, "req/s", kSigned);
  latency_rows(beer);
  const Load batch = load("text/csv", trained.csv(0, kBatch));
  bench::row("100 rows of CSV", batch.per_second * kBatch, "rows/s");
}

}  // namespace

int main() {
  const bench::TrainedModel trained;
  bench::note(trained.is_real() ? "the model of the real catalogue"
                                : "a model of simulated beers: the catalogue isn't there");
  in_process(trained);
  over_http(trained);
  through_the_engine(trained);
}
