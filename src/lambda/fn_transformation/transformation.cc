// The function: Firehose's batch of beers in, the same batch as rows out.
#include "lambda/fn_transformation/transformation.h"

#include "beer/cleaned.h"
#include "lib/aws/lambda_runtime.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace fn_transformation {
namespace {

namespace json = boost::json;

/// What an answer's record costs besides its data.
constexpr std::size_t kRecordOverhead = 80;

struct Counts {
  std::size_t failed = 0;
  std::string first_reason;

  void add(std::string_view reason) {
    if (failed++ == 0) first_reason = reason;
  }
};

base::Timestamp arrival(const json::object& record) {
  const json::value* time = record.if_contains("approximateArrivalTimestamp");
  if (time != nullptr && time->is_int64()) {
    return base::Timestamp(base::Milliseconds(time->get_int64()));
  }
  return base::system_clock().now();
}

/// The row's line, or in `reason` why there is none.
std::string row_of(const json::object& record, std::string& reason) {
  const auto bytes = base::from_base64(record.at("data").as_string());
  if (!bytes) {
    reason = "its data is not base64";
    return {};
  }
  try {
    return beer::clean(base::trim(*bytes), arrival(record)).to_json() + "\n";
  } catch (const beer::InvalidBeer& error) {
    reason = error.what();
    return {};
  }
}

/// Firehose concatenates what it is given: the line's end is ours to add.
json::object answer_record(const json::object& record, std::size_t& room, Counts& counts) {
  std::string reason;
  std::string row = row_of(record, reason);
  json::object answer{{"recordId", record.at("recordId")}};
  const bool ok = reason.empty();
  const std::string data = ok ? base::to_base64(row) : std::string(record.at("data").as_string());
  if (data.size() > room) {
    counts.add("the answer is full");
    answer["result"] = "ProcessingFailed";
    return answer;
  }
  room -= data.size();
  if (!ok) counts.add(reason);
  answer["result"] = ok ? "Ok" : "ProcessingFailed";
  answer["data"] = data;
  return answer;
}

json::array records_in(std::string_view event) {
  boost::system::error_code failed;
  json::value value = json::parse(event, failed);
  json::object* const object = failed ? nullptr : value.if_object();
  json::value* const records = object == nullptr ? nullptr : object->if_contains("records");
  if (records == nullptr || !records->is_array()) {
    throw aws::FunctionError("InvalidEvent",
                             "this is not a Firehose transformation event: it has no \"records\"");
  }
  for (const json::value& record : records->get_array()) {
    const json::object* const fields = record.if_object();
    const auto has_text = [&](std::string_view name) {
      const json::value* const field = fields->if_contains(name);
      return field != nullptr && field->is_string();
    };
    if (fields == nullptr || !has_text("recordId") || !has_text("data")) {
      throw aws::FunctionError("InvalidEvent", "a record of the event has no recordId or no data");
    }
  }
  return std::move(records->get_array());
}

}  // namespace

std::string transform(std::string_view event, std::size_t max_answer_bytes) {
  const json::array records = records_in(event);
  std::size_t overhead = 32;
  for (const json::value& record : records) {
    overhead += kRecordOverhead + record.get_object().at("recordId").get_string().size();
  }
  std::size_t room = max_answer_bytes - std::min(max_answer_bytes, overhead);
  Counts counts;
  json::array answers;
  answers.reserve(records.size());
  for (const json::value& record : records) {
    answers.push_back(answer_record(record.get_object(), room, counts));
  }
  if (counts.failed > 0) {
    base::log_warning("transformation", "{} of {} records failed; the first: {}", counts.failed,
                      records.size(), counts.first_reason);
  }
  return json::serialize(json::object{{"records", std::move(answers)}});
}

}  // namespace fn_transformation
