// Invocations, errors and latencies of a variant.
#include "engine/services/sagemaker/hosting/invocation_metrics.h"

namespace engine::sagemaker {
namespace {

double microseconds(std::chrono::steady_clock::duration span) {
  return std::chrono::duration<double, std::micro>(span).count();
}

}  // namespace

InvocationMetrics::InvocationMetrics(const Context& context, const std::string& endpoint,
                                     const std::string& variant, Clock::time_point came)
    : context_(context), values_(endpoint + "," + variant), came_(came), asked_(came), answered_(came) {}

void InvocationMetrics::asked() { asked_ = answered_ = Clock::now(); }

void InvocationMetrics::answered(int status) {
  answered_ = Clock::now();
  status_ = status;
}

InvocationMetrics::~InvocationMetrics() {
  const auto end = Clock::now();
  if (status_ == 0) answered_ = end;
  const auto measure = [&](std::string_view metric, double value, std::string_view unit = "None") {
    context_.meter({"AWS/SageMaker", metric, "EndpointName,VariantName", values_, value, unit});
  };
  measure("Invocations", 1);
  measure("InvocationsPerInstance", 1);
  measure("Invocation4XXErrors", status_ >= 400 && status_ < 500 ? 1 : 0);
  measure("Invocation5XXErrors", status_ == 0 || status_ >= 500 ? 1 : 0);
  measure("InvocationModelErrors", status_ == 0 || status_ >= 300 ? 1 : 0);
  measure("ModelLatency", microseconds(answered_ - asked_), "Microseconds");
  measure("OverheadLatency", microseconds((end - came_) - (answered_ - asked_)), "Microseconds");
}

}  // namespace engine::sagemaker
