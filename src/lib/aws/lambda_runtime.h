// The Lambda Runtime API from a function's side: next event, response or error, again.
// Source: "Using the Lambda runtime API", AWS Lambda developer guide.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aws {

/// What a function sees of its invocation.
struct Invocation {
  std::string_view payload;  ///< the event, JSON text
  std::string request_id;
  std::string function_arn;
  long long deadline_ms = 0;  ///< epoch milliseconds
};

/// Thrown by a handler to report a function error of this type and sentence.
class FunctionError : public std::runtime_error {
 public:
  FunctionError(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}
  const std::string& type() const { return type_; }

 private:
  std::string type_;
};

using LambdaHandler = std::function<std::string(const Invocation&)>;

/// Serves invocations from AWS_LAMBDA_RUNTIME_API until the runtime goes away. `initialise` runs once
/// and makes the handler; what it throws is reported as an init error. Gives main's exit code.
int run_lambda(const std::function<LambdaHandler()>& initialise);

}  // namespace aws
