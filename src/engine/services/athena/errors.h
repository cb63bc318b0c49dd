// Athena's errors: those of a request, and those a query fails with.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace engine::athena {

inline AwsError invalid_request(std::string_view message) {
  return {
      "InvalidRequestException", std::string(message), 400, {{"AthenaErrorCode", "INVALID_INPUT"}}};
}
inline AwsError invalid_token() { return invalid_request("The pagination token is invalid."); }
inline AwsError no_such_workgroup(std::string_view name) {
  return invalid_request(fmt::format("WorkGroup {} is not found.", name));
}
inline AwsError workgroup_exists() { return invalid_request("WorkGroup is already created"); }
inline AwsError no_such_execution(std::string_view id) {
  return invalid_request(fmt::format("QueryExecution {} was not found", id));
}
inline AwsError no_such_named_query(std::string_view id) {
  return invalid_request(fmt::format("NamedQuery {} does not exist", id));
}
inline AwsError no_such_statement(std::string_view name) {
  return {"ResourceNotFoundException", fmt::format("PreparedStatement {} was not found", name),
          400};
}
inline AwsError metadata_failure(std::string_view message) {
  return {"MetadataException", std::string(message)};
}
inline AwsError too_many_queries() {
  return {"TooManyRequestsException",
          "You have exceeded the limit for the number of queries you can run concurrently. Please "
          "reduce the number of concurrent queries submitted by this account.",
          400,
          {{"Reason", "CONCURRENT_QUERY_LIMIT_EXCEEDED"}}};
}

/// A query that fails: its sentence becomes the execution's StateChangeReason.
struct QueryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A query that was stopped.
struct QueryCancelled : QueryError {
  explicit QueryCancelled(const char* why = "Query cancelled by user") : QueryError(why) {}
};

}  // namespace engine::athena
