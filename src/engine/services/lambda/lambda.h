// Lambda as other services see it: a function that is invoked with a payload.
#pragma once

#include "engine/services/context.h"
#include "engine/services/kinesis/kinesis.h"
#include "engine/services/logs/logs.h"
#include "engine/services/s3/s3.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::lambda {

struct InvokeResult {
  std::string payload;           ///< the function's answer, or its error as JSON
  std::string function_error;    ///< "" | "Handled" | "Unhandled"
  std::string log_tail;          ///< the last 4 KiB of what the invocation logged
  std::string executed_version;  ///< "$LATEST"
};

/// Puts an event on the default bus of EventBridge; durable when it returns.
using EventSink = std::function<void(std::string_view source, std::string_view detail_type, std::string_view detail,
                                     const std::vector<std::string>& resources)>;

/// Thread-safe. Functions are given by name, "name:qualifier" or ARN. A function is a zip of which the
/// `bootstrap` speaks the Runtime API (runtime provided.al2023); it runs as warm local processes, each
/// serving one invocation at a time.
class Lambda {
 public:
  /// `runner` is the job_runner executable; empty: beside this executable.
  Lambda(Context& context, s3::S3& s3, logs::Logs& logs, kinesis::Kinesis& kinesis, CallbackSource callback,
         EventSink put_event, std::string runner = {});
  ~Lambda();

  /// Invokes and waits. A function that fails is an answer (function_error); AwsError is thrown when it
  /// can't be invoked at all (ResourceNotFoundException, TooManyRequestsException, …).
  /// `request_id` is what the function and its log call the invocation; empty: a new one.
  InvokeResult invoke(std::string_view function, std::string_view payload, std::string request_id = {});

  /// Queues an asynchronous invocation; it is tried up to three times, each time under the same request
  /// id. Durable when it returns.
  void invoke_async(std::string_view function, std::string_view payload, std::string request_id = {});

  bool has_function(std::string_view function) const;
  /// What AddPermission made, as a policy document; nothing when nobody was given any.
  std::optional<std::string> policy(std::string_view function) const;

  /// Ends every function process and every event source mapping's work. Invocations under way fail;
  /// asynchronous ones, and those of streams, are tried again at the next start.
  void stop();

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::lambda
