// Selective executions: some steps run, what they need is taken from an earlier execution.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/services/sagemaker/pipelines/definition.h"

#include <vector>

namespace engine::sagemaker::pipelines {

/// The rows of the steps that aren't selected but that a selected one needs, as `source` has them.
/// Throws AwsError (ValidationException) when a selected step doesn't exist, or when something it
/// needs is neither selected nor has succeeded in the source.
std::vector<api::PipelineExecutionStep> reused_steps(
    const Definition& definition, const api::SelectiveExecutionConfig& config,
    const std::vector<api::PipelineExecutionStep>& source);

}  // namespace engine::sagemaker::pipelines
