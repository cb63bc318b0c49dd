// How fast do records get in and out of a stream, signed and synced, through the real port?
// Beside it in the same run: the log alone, and moto's server where that is installed.
// The load generator shares the processors with the engine: a body is made and hashed once and
// signed anew for each call, of an answer the status is read and the body received.
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "engine/storage/log/log.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

namespace {

using bench::Caller;
using engine::storage::Log;
using engine::storage::NewRecord;

constexpr std::size_t kBatch = 500, kRecord = 1024;
constexpr int kConnections = 8, kSingles = 64, kShards = 4;
constexpr double kSpan = 3;  // seconds of each measurement
constexpr std::string_view kTarget = "Kinesis_20131202.";

std::string target(std::string_view operation) { return fmt::format("{}{}", kTarget, operation); }

/// Records a second of the bare log: as many logs as shards, as many writers as connections, each
/// append of as many records as a PutRecords gives a shard.
double bare_log() {
  const io::TemporaryFolder folder(".");
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < kShards; ++i) {
    logs.push_back(std::make_unique<Log>(fmt::format("{}/{}", folder.path(), i)));
  }
  const std::string data(kRecord, 'x');
  const std::vector<NewRecord> records(kBatch / kShards, NewRecord{"key", data});
  std::atomic<std::uint64_t> count = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto gone = [&] {
    return bench::Seconds(std::chrono::steady_clock::now() - start).count();
  };
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kConnections; ++writer) {
      writers.emplace_back([&, writer] {
        for (auto shard = static_cast<std::size_t>(writer); gone() < kSpan; ++shard) {
          logs[shard % kShards]->append(records, base::system_clock().now());
          count += records.size();
        }
      });
    }
  }
  return static_cast<double>(count) / gone();
}

double put_records(const aws::Config& config, std::size_t batch, int connections) {
  const auto body = bench::prepare(bench::put_records_body("in", batch, kRecord));
  const auto load = bench::put_load(config, connections, kSpan, [&](Caller& caller, int, int) {
    caller.json("kinesis", target("PutRecords"), body);
  });
  return load.per_second * static_cast<double>(batch);
}

double put_record(const aws::Config& config) {
  std::vector<http::Body> bodies;
  for (int i = 0; i < kSingles; ++i) {
    boost::json::object call{{"StreamName", "in"},
                             {"Data", std::string(kRecord / 3 * 4, 'A')},
                             {"PartitionKey", std::to_string(i)}};
    bodies.emplace_back(boost::json::serialize(call));
  }
  return bench::put_load(config, kSingles, kSpan,
                         [&](Caller& caller, int thread, int) {
                           caller.json("kinesis", target("PutRecord"),
                                       bodies[static_cast<std::size_t>(thread)]);
                         })
      .per_second;
}

std::string between(std::string_view text, std::string_view begin) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + begin.size());
  return std::string(text.substr(0, text.find('"')));
}

/// MB a second of data, as many readers as shards, each reading its own from the start.
double get_records(const aws::Config& config) {
  std::array<std::string, kShards> iterators;
  std::atomic<std::uint64_t> records = 0;
  const auto iterator = [&](Caller& caller, int shard) {
    const std::string asked = fmt::format(
        R"({{"StreamName":"in","ShardId":"shardId-{:012}","ShardIteratorType":"TRIM_HORIZON"}})",
        shard);
    const auto told = caller.json("kinesis", target("GetShardIterator"), http::Body(asked));
    return between(told.body.string(), R"("ShardIterator":")");
  };
  const auto load = bench::put_load(config, kShards, kSpan, [&](Caller& caller, int shard, int) {
    std::string& at = iterators[static_cast<std::size_t>(shard)];
    if (at.empty()) at = iterator(caller, shard);
    const auto answer =
        caller.json("kinesis", target("GetRecords"),
                    http::Body(fmt::format(R"({{"ShardIterator":"{}","Limit":10000}})", at)));
    const std::string_view text = answer.body.view();
    // Counting the records' text would cost more than making it: the answer is nearly all data.
    records += text.size() / (kRecord * 4 / 3 + 200);
    at =
        text.find("\"Data\"") == std::string_view::npos ? "" : between(text, R"("NextShardIterator":")");
  });
  (void)load;
  return static_cast<double>(records) * kRecord / 1e6 / kSpan;
}

/// moto's server: stores in memory, verifies nothing. Nothing when it isn't installed.
class Moto {
 public:
  Moto() {
    process_ = ::fork();
    if (process_ != 0) return;
    (void)!::freopen("/dev/null", "w", stderr);
    (void)!::freopen("/dev/null", "w", stdout);
    ::execlp("moto_server", "moto_server", "-p", "45771", nullptr);
    ::_exit(127);
  }
  ~Moto() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  Moto(const Moto&) = delete;
  Moto& operator=(const Moto&) = delete;

  /// False when it ended, or didn't listen within 20 seconds.
  bool ready(const aws::Config& config) {
    for (int i = 0; i < 200; ++i) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_) return false;
      try {
        bench::make_stream(config, "in", kShards);
        return true;
      } catch (const std::exception&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
    return false;
  }

 private:
  pid_t process_ = -1;
};

void beside_moto(double ours) {
  Moto moto;
  aws::Config config;
  config.endpoint = "http://127.0.0.1:45771";
  config.credentials = {"a", "b", ""};
  if (!moto.ready(config)) {
    bench::note("moto_server is not on this machine: no figure of it");
    return;
  }
  const double theirs =
      bench::median_of_runs([&] { return put_records(config, kBatch, kConnections); });
  bench::row("moto_server, in memory: the same PutRecords", theirs, "records/s");
  bench::row("ours to moto's", ours / theirs, "times", 30);
}

}  // namespace

int main() {
  bench::title(fmt::format("records of 1 KiB, {} shards", kShards));
  const double bare = bench::median_of_runs(bare_log);
  bench::row(fmt::format("the bare log: {} writers, synced", kConnections), bare, "records/s");
  double ours = 0;
  {
    const bench::Engine engine;
    bench::make_stream(engine.config(), "in", kShards);
    ours =
        bench::median_of_runs([&] { return put_records(engine.config(), kBatch, kConnections); });
    bench::row("PutRecords of 500, 8 connections, signed, synced", ours, "records/s", 150'000);
    bench::row("... to the bare log", 100 * ours / bare, "%", 60);
    bench::row("GetRecords, 4 readers",
               bench::median_of_runs([&] { return get_records(engine.config()); }), "MB/s", 400);
    bench::row("PutRecord, 64 connections, signed, synced",
               bench::median_of_runs([&] { return put_record(engine.config()); }), "records/s",
               5'000);
    bench::row("the engine's memory at most", engine.peak_memory(), "MiB");
  }
  beside_moto(ours);
}
