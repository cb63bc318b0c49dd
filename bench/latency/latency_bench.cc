// How long does a PutRecords take at half of the load the engine can bear, beside the disk's own
// sync in the same run; and how long until a record is an object?
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

namespace {

using bench::Caller;

constexpr int kConnections = 8, kShards = 4;
constexpr std::size_t kBatch = 500, kRecord = 1024;
constexpr double kSpan = 4;  // seconds of each load
constexpr const char* kRole = "arn:aws:iam::123456789012:role/bench";

/// Milliseconds of appending what a PutRecords holds to a file, and syncing it.
std::vector<double> syncs() {
  const io::TemporaryFolder folder(".");
  const io::File file = io::open_file(folder.path() + "/file", O_WRONLY | O_CREAT);
  const std::string bytes(kBatch * kRecord, 'x');
  std::vector<double> taken;
  for (std::uint64_t at = 0; taken.size() < 200; at += bytes.size()) {
    io::write_at(file, bytes, at);
    taken.push_back(1000 * bench::seconds([&] { ::fdatasync(file.fd.get()); }));
  }
  return taken;
}

/// A delivery of what is put to it at once, each put an object.
void make_delivery(aws::Client& client) {
  aws::S3(client).create_bucket("lake");
  client.json("firehose", "Firehose_20150804.CreateDeliveryStream",
              {{"DeliveryStreamName", "now"},
               {"DeliveryStreamType", "DirectPut"},
               {"ExtendedS3DestinationConfiguration",
                {{"RoleARN", kRole},
                 {"BucketARN", "arn:aws:s3:::lake"},
                 {"BufferingHints", {{"SizeInMBs", 1}, {"IntervalInSeconds", 0}}}}}});
}

/// Milliseconds from a put to its object in the list.
std::vector<double> until_visible(const aws::Config& config) {
  Caller caller(config);
  std::vector<double> taken;
  std::string listed = caller.s3("GET", "/lake?list-type=2").body.string();
  const auto count = [](const std::string& xml) {
    const auto at = xml.find("<KeyCount>");
    return at == std::string::npos ? 0 : std::stoi(xml.substr(at + 10));
  };
  for (int known = count(listed); taken.size() < 100; ++known) {
    taken.push_back(
        1000 * bench::seconds([&] {
          caller.json("firehose", "Firehose_20150804.PutRecord",
                      http::Body(R"({"DeliveryStreamName":"now","Record":{"Data":"YmVlcgo="}})"));
          while (count(caller.s3("GET", "/lake?list-type=2").body.string()) == known) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }));
  }
  return taken;
}

}  // namespace

int main() {
  bench::title("milliseconds");
  const std::vector<double> disk = syncs();
  const double sync = bench::quantile(disk, 0.99);
  bench::row("the disk: sync of 500 KiB, p50", bench::median(disk), "ms");
  bench::row("the disk: sync of 500 KiB, p99", sync, "ms");

  const bench::Engine engine;
  bench::make_stream(engine.config(), "in", kShards);
  const http::Body body(bench::put_records_body("in", kBatch, kRecord));
  const auto call = [&](Caller& caller, int, int) {
    caller.json("kinesis", "Kinesis_20131202.PutRecords", body);
  };
  const double full = bench::put_load(engine.config(), kConnections, kSpan, call).per_second;
  // As many connections, each resting as long as its calls take at full load.
  const double rest = kConnections / full;
  const bench::Load half = bench::put_load(engine.config(), kConnections, kSpan, call, rest);
  bench::row("full load, 8 connections", full * kBatch, "records/s");
  bench::row("half load", half.per_second * kBatch, "records/s");
  bench::row("PutRecords of 500 at half load, p50", bench::median(half.milliseconds), "ms");
  bench::row_below("PutRecords of 500 at half load, p99", bench::quantile(half.milliseconds, 0.99),
                   "ms", 4 * sync);

  aws::Client client(engine.config());
  make_delivery(client);
  const std::vector<double> visible = until_visible(engine.config());
  bench::row("PutRecord to its object in the list, p50", bench::median(visible), "ms");
  bench::row("PutRecord to its object in the list, p99", bench::quantile(visible, 0.99), "ms");
}
