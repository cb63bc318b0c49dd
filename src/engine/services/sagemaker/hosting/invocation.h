// What a model is asked, and what its refusals are called.
#pragma once

#include "engine/protocol/error.h"
#include "lib/http/message.h"

#include <optional>
#include <string>

namespace engine::sagemaker {

inline constexpr const char* kCustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";

/// AWS's error for an answer of the model that isn't a success.
AwsError refused_by_model(const http::Response& response, const std::string& body,
                          const std::string& log_arn);
/// The same for a model that didn't answer in time.
AwsError timed_out(const std::string& log_arn);

}  // namespace engine::sagemaker
