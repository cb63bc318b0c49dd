// How fast is what is durable? The log, the catalog and the object store, every call synced.
//
//   storage_bench [folder]     works in a folder of its own below this one (default: the current
//   one)
#include "bench/load/table.h"
#include "engine/storage/catalog.h"
#include "engine/storage/log/log.h"
#include "engine/storage/objects/store.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using engine::storage::Batch;
using engine::storage::Catalog;
using engine::storage::Log;
using engine::storage::NewRecord;
using engine::storage::ObjectStore;

constexpr std::chrono::seconds kSpan{2};
constexpr std::size_t kBatch = 500;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Lets `threads` call `work(thread, round)` for two seconds; calls per second of all together.
double calls_per_second(int threads, const std::function<void(int, int)>& work) {
  const auto start = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> calls = 0;
  {
    std::vector<std::jthread> pool;
    for (int thread = 0; thread < threads; ++thread) {
      pool.emplace_back([&, thread] {
        for (int round = 0; std::chrono::steady_clock::now() - start < kSpan; ++round, ++calls) {
          work(thread, round);
        }
      });
    }
  }
  return static_cast<double>(calls) / seconds_since(start);
}

void measure_log(const std::string& folder, int writers, std::size_t batch) {
  Log log(fmt::format("{}/log-{}-{}", folder, writers, batch));
  const std::string data(1024, 'x');
  const std::vector<NewRecord> records(batch, NewRecord{"key", data});
  const auto now = base::system_clock().now();
  const double rate = calls_per_second(writers, [&](int, int) { log.append(records, now); });
  bench::row(fmt::format("log: append {} x 1 KiB, {} writers", batch, writers),
      rate * static_cast<double>(batch), "records/s");
  if (batch == 1) return;
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t read = 0;
  for (engine::storage::Offset at = 0; at < log.end() && seconds_since(start) < 2;) {
    const auto records = log.read(at, 10'000, 10 << 20);
    at = records.back().offset + 1;
    read += records.size();
  }
  bench::row("log: read on from the start, 10,000 at a time",
      static_cast<double>(read) / seconds_since(start), "records/s");
}

void measure_catalog(const std::string& folder, int writers) {
  Catalog catalog(fmt::format("{}/catalog-{}", folder, writers));
  const std::string value(300, 'x');
  bench::row(fmt::format("catalog: commit of one row of 300 bytes, {} writers", writers),
      calls_per_second(writers,
                       [&](int thread, int round) {
                         Batch batch;
                         batch.put("bench/rows", fmt::format("{}/{:08}", thread, round), value);
                         catalog.commit(std::move(batch));
                       }),
      "commits/s");
  bench::row("catalog: get, 2 readers",
      calls_per_second(2, [&](int, int) { catalog.get("bench/rows", "0/00000001"); }), "rows/s");
}

void measure_objects(const std::string& folder, int writers, std::size_t bytes) {
  Catalog catalog(fmt::format("{}/objects-{}-{}", folder, writers, bytes));
  ObjectStore store(catalog, folder + "/buckets", folder + "/scratch");
  const http::Body body(std::string(bytes, 'x'));
  bench::row(fmt::format("objects: put of {} KiB, {} writers", bytes >> 10, writers),
      calls_per_second(writers,
                       [&](int thread, int round) {
                         std::vector<engine::storage::StagedBody> staged;
                         staged.push_back(store.stage(body));
                         auto placed = store.place(staged[0], "bench",
                                                   fmt::format("{}/{}", thread, round % 100));
                         store.commit(std::move(placed.batch), std::move(staged));
                       }),
      "objects/s");
}

/// Ten million small records: opened by the indexes of closed segments (median of five), and read
/// whole for want of them.
void measure_opening(const std::string& folder) {
  constexpr std::size_t kRecords = 10'000'000, kTogether = 100'000;
  const std::string path = folder + "/open";
  const std::string data(20, 'x');
  {
    Log log(path);
    const std::vector<NewRecord> records(kTogether, NewRecord{"key", data});
    const auto now = base::system_clock().now();
    for (std::size_t done = 0; done < kRecords; done += kTogether) log.append(records, now);
  }
  const auto opening = [&] {
    const auto start = std::chrono::steady_clock::now();
    const Log log(path);
    return seconds_since(start) * 1000;
  };
  std::vector<double> indexed(5);
  std::generate(indexed.begin(), indexed.end(), opening);
  std::sort(indexed.begin(), indexed.end());
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".index") std::filesystem::remove(entry.path());
  }
  bench::row("log: opening 10,000,000 records by the indexes", indexed[2], "ms");
  bench::row("log: the same without indexes, every frame read", opening(), "ms");
}

}  // namespace

int main(int argc, char** argv) {
  const io::TemporaryFolder folder(argc > 1 ? argv[1] : ".");
  bench::title("storage, every call synced");
  for (const int writers : {1, 8}) {
    for (const std::size_t batch : {std::size_t{1}, kBatch}) {
      measure_log(folder.path(), writers, batch);
    }
  }
  measure_opening(folder.path());
  for (const int writers : {1, 8, 64}) measure_catalog(folder.path(), writers);
  for (const std::size_t bytes : {4u << 10, 1u << 20}) {
    for (const int writers : {1, 8}) measure_objects(folder.path(), writers, bytes);
  }
}
