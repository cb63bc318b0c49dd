// Decompression, log messages, de-aggregation.
#include "engine/services/firehose/prepare.h"

#include "engine/services/firehose/gzip.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>

namespace engine::firehose {
namespace {

// A record of 1,000 KiB could inflate to a gigabyte.
constexpr std::size_t kMaxInflated = 64 << 20;
// Verified: AWS takes a record apart into at most that many.
constexpr std::size_t kMaxParts = 500;
constexpr std::string_view kSpace = " \t\r\n";

/// Why a record can't be prepared.
struct Unfit : std::invalid_argument {
  Unfit(std::string_view code, const std::string& message)
      : std::invalid_argument(message), code(code) {}
  std::string code;
};

// Deviation: AWS does not document its codes for these; these are named as its others are.
constexpr std::string_view kDecompressionFailed = "Decompression.Failed";
constexpr std::string_view kNotLogs = "CloudWatchLogProcessing.Failed";
constexpr std::string_view kDeaggregationFailed = "RecordDeAggregation.Failed";

std::string decompress(std::string_view bytes) {
  auto inflated = gunzip(bytes, kMaxInflated);
  if (inflated) return std::move(*inflated);
  throw Unfit(
      kDecompressionFailed,
      fmt::format("The record is not GZIP, is damaged, or is over {} MiB when decompressed.",
                  kMaxInflated >> 20));
}

/// The messages of a CloudWatch Logs document, a line each. Nothing for its control messages, which
/// only ask whether anybody listens.
std::optional<std::string> log_messages(std::string_view document) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array events;
  std::string_view type;
  if (parser.parse(document.data(), document.size()).get(root) != simdjson::SUCCESS ||
      root["messageType"].get_string().get(type) != simdjson::SUCCESS ||
      root["logEvents"].get_array().get(events) != simdjson::SUCCESS) {
    throw Unfit(kNotLogs, "The record is not a document of CloudWatch Logs.");
  }
  if (type != "DATA_MESSAGE") return std::nullopt;
  std::string lines;
  for (const simdjson::dom::element event : events) {
    std::string_view message;
    if (event["message"].get_string().get(message) != simdjson::SUCCESS) {
      throw Unfit(kNotLogs, "A log event has no message.");
    }
    lines.append(message) += '\n';
  }
  return lines;
}

/// Where the JSON object that `text` begins with ends, 0 when it doesn't.
std::size_t end_of_object(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

std::vector<std::string_view> split(std::string_view text, const DeaggregateSettings& by) {
  auto pieces = by.delimiter.empty() ? split_json(text) : split_delimited(text, by.delimiter);
  if (pieces.size() > kMaxParts) {
    throw std::invalid_argument(
        fmt::format("The record holds {} records; {} is the most.", pieces.size(), kMaxParts));
  }
  return pieces;
}

void append_parts(const SourceRecord& whole, const std::vector<std::string_view>& pieces,
                  std::deque<SourceRecord>& parts) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    SourceRecord part{whole.shard, {}};
    part.record = {whole.record.offset, whole.record.sequence_number, whole.record.partition_key,
                   std::string(pieces[i]), whole.record.arrival};
    part.part = i;
    part.last = i + 1 == pieces.size();
    if (part.last) part.original = whole.original;
    parts.push_back(std::move(part));
  }
}

}  // namespace

std::vector<std::string_view> split_json(std::string_view text) {
  simdjson::dom::parser parser;
  std::vector<std::string_view> objects;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return objects;
    const std::size_t end = text.front() == '{' ? end_of_object(text) : 0;
    if (end == 0 || parser.parse(text.data(), end).error() != simdjson::SUCCESS) {
      throw std::invalid_argument("The record is not JSON objects one after another.");
    }
    objects.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::vector<std::string_view> split_delimited(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(delimiter), text.size());
    if (end > 0) pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + delimiter.size(), text.size()));
  }
  return pieces;
}

void Preparer::run(SourceRecord record, std::deque<SourceRecord>& parts) const {
  const PrepareSettings& prepare = settings_.prepare;
  if (prepare.any() && settings_.backup) record.original = record.record.data;
  // What is refused goes to the error prefix as it came.
  const auto refuse = [&](std::string code, std::string message, std::string raw) {
    record.record.data = std::move(raw);
    record.refusal = Refusal{std::move(code), std::move(message)};
    parts.push_back(std::move(record));
  };
  const std::string came = prepare.any() ? record.record.data : "";
  try {
    if (prepare.decompress) record.record.data = decompress(record.record.data);
    if (prepare.log_messages) {
      auto lines = log_messages(record.record.data);
      record.dropped = !lines || lines->empty();
      record.record.data = std::move(lines).value_or("");
    }
    if (prepare.deaggregate && !record.dropped) {
      const auto pieces = split(record.record.data, *prepare.deaggregate);
      if (!pieces.empty()) return append_parts(record, pieces, parts);
      record.dropped = true;  // nothing was in it
    }
  } catch (const Unfit& error) {
    return refuse(error.code, error.what(), came);
  } catch (const std::invalid_argument& error) {
    return refuse(std::string(kDeaggregationFailed), error.what(), came);
  }
  parts.push_back(std::move(record));
}

}  // namespace engine::firehose
