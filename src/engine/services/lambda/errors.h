// Each error of Lambda, named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::lambda {

inline AwsError no_such_function(std::string_view arn) {
  return {"ResourceNotFoundException", fmt::format("Function not found: {}", arn), 404};
}
inline AwsError no_such_resource(const std::string& sentence) { return {"ResourceNotFoundException", sentence, 404}; }
inline AwsError function_exists(std::string_view name) {
  return {"ResourceConflictException", fmt::format("Function already exist: {}", name), 409};
}
inline AwsError conflict(const std::string& sentence) { return {"ResourceConflictException", sentence, 409}; }
inline AwsError in_use(const std::string& sentence) { return {"ResourceInUseException", sentence, 400}; }
inline AwsError invalid(const std::string& sentence) { return {"InvalidParameterValueException", sentence, 400}; }
inline AwsError no_access_to_stream(std::string_view arn) {
  return invalid(fmt::format("Cannot access stream {}. Please ensure the role can perform the GetRecords, GetShardIterator, "
                             "DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.", arn));
}
inline AwsError role_cannot_be_assumed() { return {"AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.", 403}; }
inline AwsError bad_zip(const std::string& why) {
  return invalid("Could not unzip uploaded file. Please check your file, then try to upload again. (" + why + ")");
}
inline AwsError throttled() {
  return {"TooManyRequestsException", "Rate Exceeded.", 429, {{"Reason", "ReservedFunctionConcurrentInvocationLimitExceeded"}}};
}
inline AwsError payload_too_large(std::size_t size) {
  return {"RequestTooLargeException",
          fmt::format("Request must be smaller than 6291456 bytes for the InvokeFunction operation, it has {}", size), 413};
}

}  // namespace engine::lambda
