// What events tell of a row.
#include "engine/services/sagemaker/state_changes.h"

#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <cmath>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

bool is_time(std::string_view member) { return member.ends_with("Time") || member == "Timestamp"; }

/// Seconds to milliseconds, in all members that are times. Maps of strings have no numbers, so what
/// a hyperparameter is called doesn't matter.
void put_times_in_milliseconds(json::value& value) {
  if (value.is_array()) {
    for (json::value& item : value.as_array()) put_times_in_milliseconds(item);
  }
  if (!value.is_object()) return;
  for (auto& member : value.as_object()) {
    json::value& inner = member.value();
    if (inner.is_number() && is_time(member.key())) {
      inner = std::llround(inner.to_number<double>() * 1000);
    } else {
      put_times_in_milliseconds(inner);
    }
  }
}

json::object tags_of(const SageMaker::Impl& state, const std::string& arn) {
  json::object tags;
  const auto row = state.tags.find(base::to_lower(arn));
  if (!row || !row->Tags) return tags;
  for (const api::Tag& tag : *row->Tags) tags[tag.Key] = tag.Value;
  return tags;
}

}  // namespace

void emit_change(const SageMaker::Impl& state, std::string_view detail_type, const std::string& arn,
                 const std::string& row) {
  json::value detail = json::parse(row);
  put_times_in_milliseconds(detail);
  detail.as_object()["Tags"] = tags_of(state, arn);
  state.emit(detail_type, json::serialize(detail), {arn});
}

}  // namespace engine::sagemaker
