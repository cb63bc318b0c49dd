// What does a put cost as a stream grows, in shards and in what it has kept? And how long does an
// engine with ten million kept records take to open? Sizes stand beside each other in one run,
// measured in turns.
#include "bench/growth/retained.h"
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace {

using bench::Caller;

constexpr std::size_t kBatch = 500, kRecord = 1024;
constexpr int kConnections = 8;
constexpr double kSpan = 2;     // seconds of each measurement
constexpr double kSpread = 20;  // percent
constexpr double kOpening = 1;  // seconds
constexpr std::array kSizes{1, 10, 100};

std::string stream_name(const char* kind, int size) { return fmt::format("{}-{}", kind, size); }

double put_records(const bench::Engine& engine, const std::string& stream) {
  const auto body = bench::prepare(bench::put_records_body(stream, kBatch, kRecord));
  const auto load =
      bench::put_load(engine.config(), kConnections, kSpan, [&](Caller& caller, int, int) {
        caller.json("kinesis", "Kinesis_20131202.PutRecords", body);
      });
  return load.per_second * static_cast<double>(kBatch);
}

/// Puts to the streams in turns, one row for each and one for how far they are apart.
void compare(const bench::Engine& engine, const char* kind, const char* what) {
  std::array<std::vector<double>, kSizes.size()> rates;
  for (const int size : kSizes) put_records(engine, stream_name(kind, size));  // warm
  for (int run = 0; run < bench::runs(); ++run) {
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      rates[i].push_back(put_records(engine, stream_name(kind, kSizes[i])));
    }
  }
  std::vector<double> medians;
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    medians.push_back(bench::median(rates[i]));
    bench::row(fmt::format("PutRecords of 500, {} {}", kSizes[i], what), medians.back(),
               "records/s");
  }
  const auto [least, most] = std::minmax_element(medians.begin(), medians.end());
  bench::row_below(fmt::format("spread over 1, 10, 100 {}", what), 100 * (*most - *least) / *most,
                   "%", kSpread);
}

std::string shard_folder(const bench::Engine& engine, const std::string& stream) {
  // The first shard's folder, whatever the engine calls it.
  const auto streams = engine.data() + "/streams/" + stream;
  return std::filesystem::directory_iterator(streams)->path().string();
}

void measure_shards() {
  const bench::Engine engine;
  for (const int size : kSizes)
    bench::make_stream(engine.config(), stream_name("shards", size), size);
  compare(engine, "shards", "shards");
}

/// Opening is measured until the engine answers.
double open(bench::Engine& engine) {
  engine.stop();
  return bench::seconds([&] {
    engine.start();
    http::Client client;
    const auto url = http::parse_url(engine.config().endpoint + "/_engine/health");
    http::Request request;
    request.method = "GET";
    request.target = url.target;
    if (client.send(url, std::move(request)).status != 200) throw std::runtime_error("not healthy");
  });
}

void measure_retained() {
  bench::Engine engine;
  for (const int size : kSizes) bench::make_stream(engine.config(), stream_name("kept", size), 1);
  engine.stop();
  for (const int size : kSizes) {
    bench::stand_in(shard_folder(engine, stream_name("kept", size)),
                    static_cast<std::uint64_t>(size));
  }
  bench::row("opening an engine that keeps 111 GB of records (stand-ins)",
             bench::median_of_runs([&] { return open(engine); }), "s");
  compare(engine, "kept", "GB kept (stand-ins)");
}

void measure_opening() {
  bench::Engine engine;
  const double empty = bench::median_of_runs([&] { return open(engine); });
  bench::make_stream(engine.config(), "many", 1);
  engine.stop();
  bench::fill(shard_folder(engine, "many"), 10'000'000);
  bench::row_below("opening an engine that keeps 10,000,000 records",
                   bench::median_of_runs([&] { return open(engine); }), "s", kOpening);
  bench::row("opening an empty one", empty, "s");
}

}  // namespace

int main() {
  bench::title("as work grows: 8 connections, records of 1 KiB");
  measure_shards();
  measure_retained();
  measure_opening();
}
