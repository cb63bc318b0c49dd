// How long does a PutRecords take at half of the load the engine can bear, beside the disk's own
// sync in the same run; and how long until a record is an object?
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
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

/// Milliseconds of one of the things that a PutRecords can't go without, on an idle thread.
double stage(const std::function<void()>& work) {
  std::vector<double> taken(50);
  std::generate(taken.begin(), taken.end(), [&] { return 1000 * bench::seconds(work); });
  return bench::median(taken);
}

/// What the engine must compute for each call, whatever else it does.
void print_stages(const bench::PreparedBody& body) {
  bench::row("... of which SHA-256 of the body, for its signature",
             stage([&] { (void)base::sha256(body.body.view()); }), "ms");
  const std::string record(kRecord, 'x'), text = base::to_base64(record);
  std::string out(text.size(), '\0');
  const auto for_all = [](auto&& one) {
    return stage([&] {
      for (std::size_t i = 0; i < kBatch; ++i) one(i);
    });
  };
  bench::row("... of which base64 of the records",
             for_all([&](std::size_t) { (void)base::decode_base64(text, out.data()); }), "ms");
  bench::row("... of which MD5 of the partition keys",
             for_all([](std::size_t i) { (void)base::md5(fmt::format("key-{}", i)); }), "ms");
  std::uint32_t sum = 0;
  bench::row("... of which CRC-32C of the records",
             for_all([&](std::size_t) { sum = base::crc32c(record, sum); }), "ms");
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
  const auto body = bench::prepare(bench::put_records_body("in", kBatch, kRecord));
  const auto call = [&](Caller& caller, int, int) {
    caller.json("kinesis", "Kinesis_20131202.PutRecords", body);
  };
  const double engine_before = engine.processor(), own_before = bench::own_processor();
  const bench::Load all = bench::put_load(engine.config(), kConnections, kSpan, call);
  const auto calls = static_cast<double>(all.milliseconds.size());
  const double engine_spent = engine.processor() - engine_before;
  const double own_spent = bench::own_processor() - own_before;
  const double full = all.per_second;
  // Half as many calls, evenly spaced: connections that rest after each answer would come in
  // bursts, since calls that share a round of syncs are answered together.
  const bench::Load half = bench::put_load(engine.config(), kConnections, kSpan, call, full / 2);
  bench::row("full load, 8 connections", full * kBatch, "records/s");
  bench::row("... processor of the engine for a call",
             1000 * (engine_spent / calls), "ms");
  print_stages(body);
  bench::row("... processor of the load generator for a call", 1000 * (own_spent / calls), "ms");
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
