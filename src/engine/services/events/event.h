// An event on the bus, and the JSON that carries it.
#pragma once

#include "engine/services/context.h"

#include <string>
#include <vector>

namespace engine::events {

struct Event {
  std::string id;
  std::string detail_type;
  std::string source;
  Timestamp time;
  std::vector<std::string> resources;
  std::string detail = "{}";  ///< a JSON object, kept as it was written
};

/// AWS's envelope, members in AWS's order; the time is in whole seconds.
std::string to_text(const Event& event, const Context& context);

/// What a rule with a schedule sends.
Event scheduled_event(Context& context, const std::string& rule_arn, Timestamp time);

}  // namespace engine::events
