// What does Athena add to DuckDB on the lake's own files; how small is a small query, how much
// memory takes a large one, and what do many clients and many partitions cost?
//
//   BEER_BENCH_ROWS: rows of the table, 10,000,000 unless told
//   query_bench [grouped] [small] [stop] [large] [clients] [partitions]: only these parts
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "bench/query/athena.h"
#include "bench/query/lake.h"
#include "lib/duckdb/database.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

namespace {

using bench::Caller;

constexpr int kDays = 100, kTimes = 10, kClients = 64, kPartitions = 10'000;

std::uint64_t rows_wanted() {
  const char* told = std::getenv("BEER_BENCH_ROWS");
  return told != nullptr ? static_cast<std::uint64_t>(std::atoll(told)) : 10'000'000;
}

std::string grouped(const std::string& source) {
  return fmt::format(
      "SELECT floor(abv) AS strength, count(*) AS beers, avg(ibu) AS bitterness FROM {} "
      "GROUP BY floor(abv) ORDER BY strength",
      source);
}

// DuckDB with its own reading of the same files' folders; the seconds of the whole statement.
class Bare {
 public:
  explicit Bare(const std::string& folder)
      : database_({.memory_limit = "1GB", .threads = 2, .allowed_directories = {folder}}),
        session_(database_),
        source_(fmt::format("read_parquet('{}/*/*.parquet', hive_partitioning = true)", folder)) {}

  double milliseconds() {
    return 1000 * bench::seconds([&] {
             duck::Result result = session_.query(grouped(source_));
             rows_ = 0;
             while (result.next()) rows_ += static_cast<std::size_t>(!result[0].is_null());
           });
  }
  std::size_t rows() const { return rows_; }

 private:
  duck::Database database_;
  duck::Connection session_;
  std::string source_;
  std::size_t rows_ = 0;
};

// One and the other in turns, so that both see the same machine.
void measure_grouped(Caller& caller, const std::string& folder, std::uint64_t rows) {
  Bare bare(folder);
  std::vector<double> ours, alone;
  bench::ask(caller, grouped("beers"));
  bare.milliseconds();
  for (int run = 0; run < std::max(5, bench::runs()); ++run) {
    alone.push_back(bare.milliseconds());
    const bench::Answer answer = bench::ask(caller, grouped("beers"));
    if (answer.rows.size() < bare.rows()) throw std::runtime_error("rows are missing");
    ours.push_back(answer.milliseconds);
  }
  bench::title(fmt::format("GROUP BY over {} rows in {} files", rows, kDays));
  bench::row("DuckDB, bare", bench::median(alone), "ms");
  bench::row("Athena, from the start call to the rows", bench::median(ours), "ms");
  bench::row_below("... to DuckDB", bench::median(ours) / bench::median(alone), "times", 1.3);
}

void measure_small(Caller& caller) {
  std::vector<double> taken;
  for (int i = 0; i < 50; ++i) taken.push_back(bench::ask(caller, "SELECT 1").milliseconds);
  bench::title("a trivial query over the wire");
  bench::row_below("SELECT 1, p50", bench::median(taken), "ms", 15);
  bench::row("SELECT 1, p99", bench::quantile(taken, 0.99), "ms");
}

// A query that would run for hours; from the call that stops it until it says CANCELLED.
void measure_stop(Caller& caller) {
  std::vector<double> taken;
  for (int i = 0; i < 20; ++i) {
    taken.push_back(bench::stopped(
        caller, "SELECT count(*) FROM UNNEST(sequence(1, 9999)) a(x), UNNEST(sequence(1, 9999)) "
                "b(y), UNNEST(sequence(1, 9999)) c(z) WHERE x * y = -z"));
  }
  bench::title("a running query is stopped");
  bench::row_below("until it is CANCELLED, p50", bench::median(taken), "ms", 100);
  bench::row_below("until it is CANCELLED, the slowest", bench::quantile(taken, 1), "ms", 100);
}

void measure_large(Caller& caller, const bench::Engine& engine, std::uint64_t rows) {
  engine.forget_peak();
  const bench::Answer answer = bench::ask(
      caller, "SELECT count(*), avg(ibu), max(name), count(DISTINCT floor(ebc)) FROM beers_again");
  if (answer.rows.at(0).at(0) != std::to_string(rows * kTimes))
    throw std::runtime_error("rows are missing: " + answer.rows[0][0]);
  bench::title(fmt::format("a scan of {} rows", rows * kTimes));
  bench::row("seconds", answer.milliseconds / 1000, "s");
  bench::row_below("the engine's peak memory", engine.peak_memory(), "MiB", 2048);
}

void measure_clients(const aws::Config& config) {
  std::atomic<int> failed = 0;
  std::vector<double> slowest(kClients);
  const double taken = bench::seconds([&] {
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&, i] {
        try {
          Caller caller(config);
          const auto sql = fmt::format("SELECT count(*), avg(ibu) FROM beers WHERE day = {}", i);
          for (int round = 0; round < 3; ++round)
            slowest[i] = std::max(slowest[i], bench::ask(caller, sql).milliseconds);
        } catch (const std::exception& error) {
          ++failed;
          bench::note(error.what());
        }
      });
    }
  });
  bench::title(fmt::format("{} clients at once, each 3 queries of a day", kClients));
  bench::row("queries", 3 * kClients / taken, "queries/s");
  bench::row("the slowest", *std::max_element(slowest.begin(), slowest.end()), "ms");
  bench::row_below("failed", failed, "clients", 0.5);
}

void measure_partitions(Caller& caller, const char* table, const char* what) {
  std::vector<double> taken, planned;
  for (int i = 0; i < 20; ++i) {
    const auto answer =
        bench::ask(caller, fmt::format("SELECT count(*) FROM {} WHERE day = {}", table, 97 * i));
    taken.push_back(answer.milliseconds);
    planned.push_back(answer.planning);
  }
  bench::row_below(fmt::format("{}: planning", what), bench::median(planned), "ms", 100);
  bench::row(fmt::format("{}: to the rows", what), bench::median(taken), "ms");
}

}  // namespace

int main(int count, char** words) {
  const std::set<std::string> parts(words + 1, words + count);
  const auto wanted = [&](const char* part) { return parts.empty() || parts.count(part) > 0; };
  const std::uint64_t rows = rows_wanted();
  const io::TemporaryFolder folder(".");
  const std::string files = std::filesystem::canonical(folder.path()).string();
  bench::write_days(files, kDays, rows);
  const bench::Engine engine;
  aws::Client client(engine.config());
  bench::upload_days(client, files, kDays);
  bench::repeat_days(client, "beers_again", kDays, kTimes);
  Caller caller(engine.config());

  if (wanted("grouped")) measure_grouped(caller, files, rows);
  if (wanted("small")) measure_small(caller);
  if (wanted("stop")) measure_stop(caller);
  if (wanted("large")) measure_large(caller, engine, rows);
  if (wanted("clients")) measure_clients(engine.config());
  if (!wanted("partitions")) return 0;

  bench::write_days(files + "/small", 1, 100);
  const std::string one = files + "/small/day=0/beers.parquet";
  bench::make_many(client, "registered", one, kPartitions, false);
  bench::make_many(client, "projected", one, kPartitions, true);
  bench::title(fmt::format("one of {} partitions is asked for", kPartitions));
  measure_partitions(caller, "registered", "registered partitions");
  measure_partitions(caller, "projected", "projected partitions");
}
