// A pipeline in its role: what the role must be allowed for what a step calls.
#pragma once

#include "engine/services/sagemaker/pipelines/steps.h"

#include <string>
#include <string_view>

namespace engine::sagemaker::pipelines {

/// Throws AwsError AccessDenied unless the pipeline's role may call that on that, and hand over the role that the
/// arguments name, if any ("RoleArn", "ExecutionRoleArn").
void require_call(const StepRun& run, std::string_view action, const std::string& resource,
                  const json::object& arguments = {});

}  // namespace engine::sagemaker::pipelines
