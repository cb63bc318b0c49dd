// The EventBridge events that tell of a resource's new status.
#pragma once

#include "engine/services/sagemaker/state.h"

#include <string>
#include <string_view>

namespace engine::sagemaker {

inline constexpr std::string_view kTrainingJobEvent = "SageMaker Training Job State Change";
inline constexpr std::string_view kProcessingJobEvent = "SageMaker Processing Job State Change";
inline constexpr std::string_view kTransformJobEvent = "SageMaker Transform Job State Change";
inline constexpr std::string_view kTuningJobEvent =
    "SageMaker HyperParameter Tuning Job State Change";
inline constexpr std::string_view kEndpointEvent = "SageMaker Endpoint State Change";
inline constexpr std::string_view kModelPackageEvent = "SageMaker Model Package State Change";

/// Emits an event about the resource of that ARN. Its detail is `row`, what Describe gives as JSON,
/// but for the times, which are in milliseconds there, and the tags, which are members.
/// Verified: AWS's page "Events that Amazon SageMaker AI sends to Amazon EventBridge".
void emit_change(const SageMaker::Impl& state, std::string_view detail_type, const std::string& arn,
                 const std::string& row);

template <class Row>
void emit_change(const SageMaker::Impl& state, std::string_view detail_type, const std::string& arn,
                 const Row& row) {
  emit_change(state, detail_type, arn, to_json(row));
}

}  // namespace engine::sagemaker
