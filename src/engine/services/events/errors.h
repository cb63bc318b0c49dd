// Each error of EventBridge, named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::events {

inline AwsError no_such_rule(std::string_view name) {
  return {"ResourceNotFoundException",
          fmt::format("Rule {} does not exist on EventBus default.", name)};
}
inline AwsError no_such_bus(std::string_view name) {
  return {"ResourceNotFoundException", fmt::format("Event bus {} does not exist.", name)};
}
inline AwsError invalid(const std::string& sentence) { return {"ValidationException", sentence}; }
inline AwsError bad_schedule() { return invalid("Parameter ScheduleExpression is not valid."); }
inline AwsError limit_exceeded() {
  return {"LimitExceededException", "The requested resource exceeds the maximum number allowed."};
}

}  // namespace engine::events
