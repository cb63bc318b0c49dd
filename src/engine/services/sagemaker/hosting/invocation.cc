// What a model's refusals are called.
#include "engine/services/sagemaker/hosting/invocation.h"

#include "engine/services/sagemaker/errors.h"

namespace engine::sagemaker {
namespace {

/// AWS's sentence; status 0 is what it gives an answer that never came.
AwsError refusal(const char* whose, int status, const std::string& told,
                 const std::string& original, const std::string& log_arn) {
  return model_error(
      fmt::format("Received {} error ({}) from primary with message \"{}\".", whose, status, told),
      status, original, log_arn);
}

}  // namespace

AwsError refused_by_model(const http::Response& response, const std::string& body,
                          const std::string& log_arn) {
  return refusal(response.status >= 500 ? "server" : "client", response.status, body, body,
                 log_arn);
}

/// Verified: as users quote it from AWS.
AwsError timed_out(const std::string& log_arn) {
  const std::string told =
      "Your invocation timed out while waiting for a response from container primary. Review the "
      "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
  return refusal("server", 0, told, told, log_arn);
}

}  // namespace engine::sagemaker
