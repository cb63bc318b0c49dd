// Invoke: wait for the answer, queue it, or only check.
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

namespace engine::lambda {
namespace {

constexpr std::size_t kLargestEvent = 262'144;  ///< of an asynchronous invocation

void check_json(std::string_view payload) {
  if (payload.empty()) return;
  boost::json::error_code error;
  boost::json::parse(payload, error);
  if (error) {
    throw AwsError("InvalidRequestContentException",
                   "Could not parse request body into json: " + error.message(), 400);
  }
}

}  // namespace

api::InvokeOutput invoke(Lambda& lambda, Call& call, const api::InvokeInput& input) {
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  const std::string named = reference.name + ":" + reference.qualifier;
  const std::string payload = input.Payload.value_or("");
  const std::string type = input.InvocationType.value_or("RequestResponse");
  check_json(payload);
  api::InvokeOutput output;
  if (type == "DryRun") {
    lambda.impl().configuration(reference);
    output.StatusCode = 204;
    return output;
  }
  if (type == "Event") {
    if (payload.size() > kLargestEvent) throw payload_too_large(payload.size());
    lambda.invoke_async(named, payload.empty() ? "{}" : payload, call.request_id);
    output.StatusCode = 202;
    return output;
  }
  InvokeResult result = lambda.invoke(named, payload, call.request_id);
  output.StatusCode = 200;
  output.Payload = std::move(result.payload);
  output.ExecutedVersion = result.executed_version;
  if (!result.function_error.empty()) output.FunctionError = result.function_error;
  if (input.LogType.value_or("None") == "Tail") output.LogResult = base::to_base64(result.log_tail);
  return output;
}

}  // namespace engine::lambda
