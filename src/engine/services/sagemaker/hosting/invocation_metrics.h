// What an endpoint's variant measures of each request, as AWS/SageMaker names it.
#pragma once

#include "engine/services/context.h"

#include <chrono>
#include <string>

namespace engine::sagemaker {

/// One request to a variant: made when the request came, told what the model did, and measured when this
/// goes, however that comes about. Used by one thread.
/// Verified: "SageMaker AI endpoint invocation metrics" of AWS's developer guide: names, units, and that
/// the error metrics get a 0 for a request that went well.
class InvocationMetrics {
 public:
  using Clock = std::chrono::steady_clock;

  InvocationMetrics(const Context& context, const std::string& endpoint, const std::string& variant,
                    Clock::time_point came);
  ~InvocationMetrics();
  InvocationMetrics(const InvocationMetrics&) = delete;
  InvocationMetrics& operator=(const InvocationMetrics&) = delete;

  /// The request is handed to the model now.
  void asked();
  /// The model has answered. Without it, it is taken for a failure of the model: 5xx.
  void answered(int status);

 private:
  const Context& context_;
  std::string values_;
  Clock::time_point came_, asked_, answered_;
  int status_ = 0;
};

}  // namespace engine::sagemaker
