// An event on the bus.
#include "engine/services/events/event.h"

#include "engine/protocol/json.h"
#include "lib/base/time_text.h"

namespace engine::events {
namespace {

void member(std::string_view name, std::string_view value, std::string& out) {
  write_json_string(name, out);
  out += ':';
  write_json_string(value, out);
  out += ',';
}

}  // namespace

std::string to_text(const Event& event, const Context& context) {
  std::string out = "{";
  member("version", "0", out);
  member("id", event.id, out);
  member("detail-type", event.detail_type, out);
  member("source", event.source, out);
  member("account", context.account, out);
  member("time", base::to_iso8601(std::chrono::floor<std::chrono::seconds>(event.time)), out);
  member("region", context.region, out);
  out += "\"resources\":[";
  for (std::size_t i = 0; i < event.resources.size(); ++i) {
    if (i > 0) out += ',';
    write_json_string(event.resources[i], out);
  }
  return out + "],\"detail\":" + event.detail + "}";
}

Event scheduled_event(Context& context, const std::string& rule_arn, Timestamp time) {
  return {.id = context.ids.uuid(),
          .detail_type = "Scheduled Event",
          .source = "aws.events",
          .time = time,
          .resources = {rule_arn}};
}

}  // namespace engine::events
