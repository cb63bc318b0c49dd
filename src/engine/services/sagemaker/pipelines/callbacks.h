// Callback steps: they wait until somebody who knows their token answers.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/services/context.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace engine::sagemaker::pipelines {

struct CallbackAnswer {
  bool succeeded = false;
  std::vector<api::OutputParameter> outputs;
  std::string reason;  ///< of a failure
};

/// Tokens are durable from open() on, answers from answer() on: a step that waits goes on waiting
/// for the same token after the engine was gone. Thread-safe.
class Callbacks {
 public:
  explicit Callbacks(Context& context) : context_(context) {}

  /// A new token of ten characters for a step that declares these outputs.
  std::string open(const std::string& execution_arn, const std::string& step,
                   const std::vector<std::string>& outputs);

  /// Waits for the token's answer; nothing when `stop` is requested first.
  std::optional<CallbackAnswer> wait(const std::string& token, std::stop_token stop);

  /// Gives the token its answer, and the execution's ARN. ResourceNotFound when there is no such
  /// token, ConflictException when it has an answer already, ValidationException when an output the
  /// step declares is missing. The same answer again is taken.
  std::string answer(const std::string& token, const CallbackAnswer& answer);

  /// The token isn't waited for any more.
  void close(const std::string& token);

 private:
  std::optional<CallbackAnswer> find(const std::string& token) const;

  Context& context_;
  std::mutex mutex_;
  std::condition_variable_any answered_;
};

}  // namespace engine::sagemaker::pipelines
