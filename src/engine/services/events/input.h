// What a target is given of an event: all of it, a constant, a part, or a text made from parts.
// Source: "Amazon EventBridge input transformation", EventBridge user guide.
#pragma once

#include "engine/models/events.h"

#include <boost/json/fwd.hpp>

#include <map>
#include <string>
#include <string_view>

namespace engine::events {

/// The rule by which an event came, for the names that begin with "aws.events.".
struct Origin {
  std::string rule_arn, rule_name;
  std::string ingestion_time;
};

/// The part of `value` that a path names ($, $.a.b, $.a[0]), or null.
const boost::json::value* find_path(const boost::json::value& value, std::string_view path);

/// Throws AwsError ValidationException for an Input, InputPath or InputTransformer that can't work.
void check_input(const api::Target& target);

/// The payload for the target. `event` is the event's text.
std::string input_of(const api::Target& target, const std::string& event, const Origin& origin);

/// A pipeline's parameters; a value that is a path is taken from the event.
std::map<std::string, std::string> parameters_of(const api::Target& target,
                                                 const std::string& event);

}  // namespace engine::events
