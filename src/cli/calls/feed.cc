// Beers onto the stream: through fn_extraction, or straight from a file.
#include "cli/calls/feed.h"

#include "cli/calls/json.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/http/client.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <span>
#include <thread>

namespace cli {
namespace {

// One call's share, so that progress is seen and the function's timeout isn't met.
constexpr std::uint64_t kDrawsPerCall = 100;
// Verified: PutRecords takes 500 records and 5 MiB.
constexpr std::size_t kBatchRecords = 500, kBatchBytes = 4 << 20;
constexpr int kPutAttempts = 8, kPerPage = 80;
constexpr std::chrono::milliseconds kFirstBackOff{100};

std::string partition_key(const std::string& record) {
  boost::system::error_code failed;
  const json::value beer = json::parse(record, failed);
  const std::string id = failed ? "" : text(beer, "id");
  return id.empty() || id.size() > 256 ? base::to_hex(base::md5(record)) : id;
}

/// The records refused this time.
std::vector<std::string> put_once(Session& session, std::span<const std::string> records,
                                  std::string& why) {
  json::array entries;
  for (const std::string& record : records) {
    entries.push_back(
        json::object{{"Data", base::to_base64(record)}, {"PartitionKey", partition_key(record)}});
  }
  const json::value answer = session.aws().json(
      "kinesis", "Kinesis_20131202.PutRecords",
      json::object{{"StreamName", session.spec().stream.name}, {"Records", std::move(entries)}});
  std::vector<std::string> refused;
  const json::array& results = list(answer, "Records");
  for (std::size_t i = 0; i < results.size() && i < records.size(); ++i) {
    const std::string code = text(results[i], "ErrorCode");
    if (code.empty()) continue;
    why = fmt::format("{} {}", code, text(results[i], "ErrorMessage"));
    refused.push_back(records[i]);
  }
  return refused;
}

void put(Session& session, std::span<const std::string> records) {
  std::vector<std::string> left(records.begin(), records.end());
  std::string why;
  auto wait = kFirstBackOff;
  for (int attempt = 0; !left.empty(); ++attempt, wait *= 2) {
    if (attempt == kPutAttempts) {
      throw std::runtime_error(fmt::format("the stream {} refused {} records {} times: {}",
                                           session.spec().stream.name, left.size(), attempt, why));
    }
    if (attempt > 0) std::this_thread::sleep_for(wait);
    std::vector<std::string> refused = put_once(session, left, why);
    // A stream that takes some each time is busy, not ill: it is asked as long as it goes on so.
    if (refused.size() < left.size()) {
      attempt = 0;
      wait = kFirstBackOff / 2;
    }
    left = std::move(refused);
  }
}

std::vector<std::string> elements(const json::array& array) {
  std::vector<std::string> records;
  for (const json::value& beer : array) records.push_back(json::serialize(beer) + "\n");
  return records;
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> records;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = base::trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty()) records.push_back(std::string(line) + "\n");
  }
  return records;
}

}  // namespace

std::uint64_t feed_through_function(Session& session, std::uint64_t beers, const OnFed& on_fed) {
  const std::string& function = session.spec().functions.extraction.name;
  std::uint64_t done = 0;
  while (done < beers) {
    const std::uint64_t count = std::min(beers - done, kDrawsPerCall);
    const http::Response answer = session.aws().rest(
        "lambda", "POST", fmt::format("/2015-03-31/functions/{}/invocations", function),
        {{"Content-Type", "application/json"}}, json::serialize(json::object{{"count", count}}));
    const std::string body = answer.body.string();
    boost::system::error_code failed;
    const json::value result = json::parse(body, failed);
    if (answer.headers.has("X-Amz-Function-Error") || failed) {
      throw std::runtime_error(fmt::format("{} failed: {}", function,
                                           failed ? body : text(result, "errorMessage", body)));
    }
    const auto records = static_cast<std::uint64_t>(number(result, "records"));
    if (records == 0) throw std::runtime_error("the source answers, but with no beers");
    done += records;
    on_fed(done, beers);
  }
  return done;
}

std::vector<std::string> read_records(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(stream)),
                            std::istreambuf_iterator<char>());
  if (!stream) throw std::runtime_error(fmt::format("{}: can't be read", file));
  std::vector<std::string> records;
  if (base::trim(content).starts_with('[')) {
    boost::system::error_code failed;
    const json::value value = json::parse(content, failed);
    if (failed || !value.is_array()) {
      throw std::runtime_error(
          fmt::format("{}: begins as a JSON array and isn't one: {}", file, failed.message()));
    }
    records = elements(value.get_array());
  } else {
    records = lines(content);
  }
  if (records.empty()) throw std::runtime_error(fmt::format("{}: holds no beer", file));
  return records;
}

std::uint64_t feed_records(Session& session, const std::vector<std::string>& records,
                           const OnFed& on_fed) {
  std::size_t from = 0;
  while (from < records.size()) {
    std::size_t to = from, bytes = 0;
    while (to < records.size() && to - from < kBatchRecords && bytes < kBatchBytes) {
      bytes += records[to++].size();
    }
    put(session, std::span(records).subspan(from, to - from));
    from = to;
    on_fed(from, records.size());
  }
  return records.size();
}

std::vector<std::string> read_pages(const std::string& url, std::uint64_t most) {
  http::Client client;
  std::vector<std::string> records;
  for (int page = 1; most == 0 || records.size() < most; ++page) {
    const std::string address = fmt::format("{}/beers?page={}&per_page={}", url, page, kPerPage);
    const http::Response answer = client.get(address);
    boost::system::error_code failed;
    const json::value beers = json::parse(answer.body.string(), failed);
    if (answer.status != 200 || failed || !beers.is_array()) {
      throw std::runtime_error(
          fmt::format("{} answered {} and no list of beers", address, answer.status));
    }
    if (beers.get_array().empty()) break;
    for (std::string& record : elements(beers.get_array())) records.push_back(std::move(record));
  }
  if (most != 0 && records.size() > most) records.resize(most);
  return records;
}

}  // namespace cli
