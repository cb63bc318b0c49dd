// The EventBridge events of executions and their steps, as AWS words them.
#pragma once

#include "engine/models/sagemaker.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker::pipelines {

inline constexpr std::string_view kExecutionEvent =
    "SageMaker Model Building Pipeline Execution Status Change";
inline constexpr std::string_view kStepEvent =
    "SageMaker Model Building Pipeline Execution Step Status Change";

/// What both events are about: the pipeline and the execution.
std::vector<std::string> event_resources(const api::DescribePipelineExecutionResponse& execution);

std::string execution_event(const api::DescribePipelineExecutionResponse& execution,
                            const std::string& previous_status);
std::string step_event(const api::DescribePipelineExecutionResponse& execution,
                       const std::string& type, const api::PipelineExecutionStep& step,
                       const std::string& previous_status);

}  // namespace engine::sagemaker::pipelines
