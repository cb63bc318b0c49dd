// Each error of CloudWatch, named once, by its code in the query protocol.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::cloudwatch {

inline AwsError no_such_alarm(std::string_view name) {
  return {"ResourceNotFound", fmt::format("Alarm {} does not exist", name), 404};
}
/// The tag operations' error, a later one than the alarms'.
inline AwsError no_such_resource(std::string_view arn) {
  return {"ResourceNotFoundException", fmt::format("The resource {} does not exist.", arn), 404};
}
inline AwsError invalid(const std::string& sentence) { return {"ValidationError", sentence}; }
inline AwsError null_member(std::string_view member) {
  return invalid(fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: Member "
                             "must not be null", member));
}
inline AwsError invalid_value(const std::string& sentence) { return {"InvalidParameterValue", sentence}; }
inline AwsError invalid_combination(const std::string& sentence) { return {"InvalidParameterCombination", sentence}; }
inline AwsError missing_parameter(const std::string& sentence) { return {"MissingParameter", sentence}; }
inline AwsError invalid_format(const std::string& sentence) { return {"InvalidFormat", sentence}; }
inline AwsError invalid_token() { return {"InvalidNextToken", "The value supplied as the next token is not valid."}; }
inline AwsError limit_exceeded(const std::string& sentence) { return {"LimitExceeded", sentence}; }

}  // namespace engine::cloudwatch
