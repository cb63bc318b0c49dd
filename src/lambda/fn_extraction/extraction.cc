// The function: draws beers from the source and puts them on the stream.
#include "lambda/fn_extraction/extraction.h"

#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace fn_extraction {
namespace {

namespace json = boost::json;
using base::Milliseconds;

constexpr std::int64_t kMostDraws = 10'000;
constexpr int kPutAttempts = 6;
constexpr Milliseconds kFirstBackOff{100};
// Verified: PutRecords takes 500 records and 5 MiB, keys included.
constexpr std::size_t kBatchRecords = 500, kBatchBytes = 5 << 20;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string required(const char* name) {
  std::string value = variable(name);
  if (value.empty())
    throw std::runtime_error(fmt::format("the environment variable {} is not set", name));
  return value;
}

int positive(const char* name, int fallback) {
  const std::string text = variable(name);
  if (text.empty()) return fallback;
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value < 1) {
    throw std::runtime_error(fmt::format(
        "the environment variable {} is \"{}\", not a whole number above 0", name, text));
  }
  return value;
}

/// A schedule's event says nothing of a count: one beer.
std::int64_t draws_wanted(std::string_view event) {
  boost::system::error_code failed;
  const json::value value = json::parse(event, failed);
  const json::object* const object = failed ? nullptr : value.if_object();
  const json::value* const count = object == nullptr ? nullptr : object->if_contains("count");
  if (count == nullptr) return 1;
  if (!count->is_int64() || count->get_int64() < 1 || count->get_int64() > kMostDraws) {
    throw aws::FunctionError("InvalidEvent",
                             fmt::format("\"count\" is {}; it must be a whole number from 1 to {}",
                                         json::serialize(*count), kMostDraws));
  }
  return count->get_int64();
}

std::size_t size_of(const Record& record) {
  return record.data.size() + record.partition_key.size();
}

}  // namespace

Settings Settings::from_environment() {
  Settings settings{required("SOURCE_URL"), required("STREAM_NAME"), {}};
  settings.source.timeout = Milliseconds(
      positive("SOURCE_TIMEOUT_MS", static_cast<int>(settings.source.timeout.count())));
  settings.source.attempts = positive("SOURCE_ATTEMPTS", settings.source.attempts);
  return settings;
}

Extraction::Extraction(Settings settings, aws::Config config, const base::Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      source_(settings_.source_url, settings_.source, clock),
      aws_(std::move(config)) {}

std::string Extraction::handle(const aws::Invocation& invocation) {
  const base::Timestamp deadline = invocation.deadline_ms == 0
                                       ? base::Timestamp::max()
                                       : base::Timestamp(Milliseconds(invocation.deadline_ms));
  std::vector<Record> waiting;
  std::size_t bytes = 0;
  std::int64_t sent = 0;
  const auto flush = [&] {
    put(waiting);
    sent += static_cast<std::int64_t>(waiting.size());
    waiting.clear();
    bytes = 0;
  };
  try {
    for (std::int64_t left = draws_wanted(invocation.payload); left > 0; --left) {
      for (Record& record : records_of(source_.draw(deadline))) {
        if (waiting.size() == kBatchRecords || bytes + size_of(record) > kBatchBytes) flush();
        bytes += size_of(record);
        waiting.push_back(std::move(record));
      }
    }
    flush();
  } catch (const SourceError& error) {
    flush();  // what was drawn is not lost with what wasn't
    throw aws::FunctionError(error.type(), error.what());
  }
  return json::serialize(json::object{{"records", sent}, {"stream", settings_.stream}});
}

void Extraction::put(std::span<const Record> records) {
  std::vector<Record> left(records.begin(), records.end());
  std::string why;
  Milliseconds wait = kFirstBackOff;
  for (int attempt = 0; !left.empty(); ++attempt, wait *= 2) {
    if (attempt == kPutAttempts) {
      throw aws::FunctionError(
          "Stream.Refused",
          fmt::format("the stream {} refused {} of {} records {} times: {}", settings_.stream,
                      left.size(), records.size(), attempt, why));
    }
    if (attempt > 0) clock_.sleep_for(wait, {});
    try {
      std::vector<Record> refused = put_once(left, why);
      // A stream that takes some each time is busy, not ill: it is asked as long as it goes on so.
      if (refused.size() < left.size()) {
        attempt = 0;
        wait = kFirstBackOff / 2;
      }
      left = std::move(refused);
    } catch (const std::runtime_error& error) {
      throw aws::FunctionError("Stream.Refused",
                               fmt::format("putting {} records on the stream {}: {}", left.size(),
                                           settings_.stream, error.what()));
    }
  }
}

std::vector<Record> Extraction::put_once(std::span<const Record> records, std::string& why) {
  json::array entries;
  for (const Record& record : records) {
    entries.push_back(json::object{{"Data", base::to_base64(record.data)},
                                   {"PartitionKey", record.partition_key}});
  }
  const json::value output =
      aws_.json("kinesis", "Kinesis_20131202.PutRecords",
                json::object{{"StreamName", settings_.stream}, {"Records", std::move(entries)}});
  const json::array& results = output.at("Records").as_array();
  if (results.size() != records.size()) {
    throw std::runtime_error(
        fmt::format("{} records were put and {} answered", records.size(), results.size()));
  }
  std::vector<Record> refused;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const json::value* const code = results[i].as_object().if_contains("ErrorCode");
    if (code == nullptr || code->is_null()) continue;
    const json::value* const message = results[i].as_object().if_contains("ErrorMessage");
    why = fmt::format("{} {}", json::value_to<std::string>(*code),
                      message != nullptr && message->is_string()
                          ? json::value_to<std::string>(*message)
                          : std::string());
    refused.push_back(records[i]);
  }
  return refused;
}

}  // namespace fn_extraction
