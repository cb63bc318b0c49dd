// One warm process of a function, and the Runtime API it asks for work.
// Source: "Using the Lambda runtime API", AWS Lambda developer guide.
#pragma once

#include "engine/services/logs/logs.h"
#include "lib/base/clock.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace engine::lambda {

struct InstanceSpec {
  std::string function_arn;
  std::string version;             ///< "$LATEST" or a number
  std::string code;                ///< the unpacked package: the process's working directory
  std::string scratch;             ///< a folder of the instance's own, removed with it
  std::string runner;              ///< job_runner; empty: beside this executable
  std::map<std::string, std::string> environment;  ///< complete but for AWS_LAMBDA_RUNTIME_API
  int memory_mb = 128;
  std::chrono::milliseconds timeout{3000};  ///< of an invocation, and 10 s for the start
  std::string log_group, log_stream;  ///< "" when its role may not log
  base::Timestamp good_until = base::Timestamp::max();  ///< on the wall clock: then its keys are too old
};

/// What an invocation came to.
struct Outcome {
  std::string payload;
  std::string function_error;  ///< "" | "Handled" | "Unhandled"
  std::string log_tail;
  bool taken = true;  ///< false: the process had ended before it took the event; another may
};

/// Runs one invocation at a time. The process starts with the object and is killed with it; when it
/// ends by itself, or an invocation times out, the instance is dead and a new one is needed.
class Instance {
 public:
  Instance(InstanceSpec spec, logs::Logs& logs, const base::Clock& clock);
  ~Instance();

  /// Hands the payload to the process and waits for its answer, at most for the timeout of real time.
  Outcome invoke(const std::string& request_id, std::string_view payload);

  /// Kills the process; an invocation under way ends as one whose process died.
  void kill();

  /// False once the process has ended or must not be used again.
  bool usable() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::lambda
