// From the bytes of a request to a filled input, and from an output to the bytes of an answer.
#pragma once

#include "engine/protocol/operation.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// Which operation a request asks for, and the values its path held.
struct Route {
  const Operation* operation = nullptr;
  std::vector<std::pair<std::string_view, std::string>> labels;  ///< {FunctionName} → decoded text
};

/// Finds the operation by the service's protocol: X-Amz-Target, Action, or method, path and query.
/// `route.operation` is null when the service has none such.
Route find_route(const ServiceDefinition& service, const http::Request& request,
                 const http::Body& body);

/// The name of what was asked for, as far as it can be told, for errors and logs of unknown operations.
std::string asked_for(const ServiceDefinition& service, const http::Request& request,
                      const http::Body& body);

/// Reads the request into `input` and validates it. Throws AwsError: SerializationException (the bytes
/// don't parse) or the service's validation error with AWS's sentence.
void read_input(const ServiceDefinition& service, const Route& route, const http::Request& request,
                const http::Body& body, void* input);

http::Response write_output(const ServiceDefinition& service, const Operation& operation,
                            const Call& call, const void* output);

http::Response write_error(const ServiceDefinition& service, const AwsError& error,
                           std::string_view request_id);

}  // namespace engine
