// Each error of CloudWatch Logs, named once.
#pragma once

#include "engine/protocol/error.h"

#include <string>

namespace engine::logs {

inline AwsError no_such_group() {
  return {"ResourceNotFoundException", "The specified log group does not exist."};
}
inline AwsError no_such_stream() {
  return {"ResourceNotFoundException", "The specified log stream does not exist."};
}
inline AwsError group_exists() {
  return {"ResourceAlreadyExistsException", "The specified log group already exists"};
}
inline AwsError stream_exists() {
  return {"ResourceAlreadyExistsException", "The specified log stream already exists"};
}
inline AwsError invalid_token() { return {"InvalidParameterException", "The specified nextToken is invalid."}; }
inline AwsError invalid(const std::string& sentence) { return {"InvalidParameterException", sentence}; }

}  // namespace engine::logs
