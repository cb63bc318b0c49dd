// How fast do objects get in and out of a bucket, synced, beside a bare copy of a file in the same
// run; and how fast is a large bucket listed?
//
//   BEER_BENCH_KEYS: keys of that bucket, 1,000,000 unless told; 0: none is made
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "bench/s3/large.h"
#include "engine/services/s3/names.h"
#include "engine/services/s3/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

namespace s3 = engine::s3;
namespace storage = engine::storage;
using bench::Caller;

constexpr int kConnections = 8;
constexpr double kSpan = 3;  // seconds of each measurement of small objects
constexpr std::size_t kMiB = 1 << 20;

std::size_t keys_wanted() {
  const char* told = std::getenv("BEER_BENCH_KEYS");
  return told != nullptr ? static_cast<std::size_t>(std::atoll(told)) : 1'000'000;
}

void measure_small(const aws::Config& config, std::size_t bytes, const std::string& size) {
  const http::Body body(std::string(bytes, 'x'));
  constexpr int kKeys = 50;  // of each connection
  std::array<std::atomic<int>, kConnections> there{};
  const auto rate = [&](const char* method, const std::function<void(Caller&, int, int)>& call) {
    const double median = bench::median_of_runs(
        [&] { return bench::put_load(config, kConnections, kSpan, call).per_second; });
    bench::row(fmt::format("{} of {}, {} connections", method, size, kConnections), median,
               "objects/s");
  };
  const auto key = [&](int thread, int number) {
    return fmt::format("/bench/{}/{}/{}", size, thread, number);
  };
  rate("PUT", [&](Caller& caller, int thread, int round) {
    caller.s3("PUT", key(thread, round % kKeys), body);
    auto& count = there.at(static_cast<std::size_t>(thread));
    count = std::max(count.load(), round % kKeys + 1);
  });
  rate("GET", [&](Caller& caller, int thread, int round) {
    caller.s3("GET", key(thread, round % there.at(static_cast<std::size_t>(thread))));
  });
}

std::string between(std::string_view text, std::string_view begin, char end) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + begin.size());
  return std::string(text.substr(0, text.find(end)));
}

/// A bucket of that many empty objects. A client would need minutes for it, so the rows are committed
/// to the stopped engine's catalog, as the store would commit them; one object came by the wire, and
/// they all are its likes.
void fill(bench::Engine& engine, std::size_t wanted) {
  constexpr std::size_t kRowsAtOnce = 20'000;
  Caller(engine.config()).s3("PUT", "/many/000/first");
  engine.stop();
  {
    storage::Catalog catalog(engine.data());
    const std::string row =
        catalog.get(s3::kObjects, s3::row_key("many", "000/first")).value();
    for (std::size_t number = 1; number < wanted;) {
      storage::Batch batch;
      const std::size_t end = std::min(wanted, number + kRowsAtOnce);
      for (; number < end; ++number) {
        const std::string key = fmt::format("{:03}/{:07}", number % 1000, number);
        batch.put(s3::kObjects, s3::row_key("many", key), row);
      }
      catalog.commit(std::move(batch));
    }
  }
  engine.start();
}

double list_all(const aws::Config& config, std::size_t& found) {
  Caller caller(config);
  found = 0;
  const double taken = bench::seconds([&] {
    std::string token;
    do {
      const std::string page =
          caller
              .s3("GET", "/many?" + (token.empty() ? "" : "continuation-token=" + token + "&") +
                             "list-type=2")
              .body.string();
      found += static_cast<std::size_t>(
          std::strtoul(between(page, "<KeyCount>", '<').c_str(), nullptr, 10));
      token = between(page, "<NextContinuationToken>", '<');
    } while (!token.empty());
  });
  return static_cast<double>(found) / taken;
}

}  // namespace

int main() {
  bench::title("objects");
  bench::Engine engine;
  aws::Client client(engine.config());
  aws::S3(client).create_bucket("bench");
  aws::S3(client).create_bucket("many");
  measure_small(engine.config(), 1 << 10, "1-KiB");
  measure_small(engine.config(), kMiB, "1-MiB");
  bench::measure_large(engine.config());
  if (keys_wanted() == 0) return 0;
  fill(engine, keys_wanted());
  std::size_t found = 0;
  const double rate = bench::median_of_runs([&] { return list_all(engine.config(), found); });
  bench::row(fmt::format("ListObjectsV2 over {} keys", found), rate, "keys/s", 50'000);
}
