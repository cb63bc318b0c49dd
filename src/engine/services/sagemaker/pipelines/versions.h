// Versions of pipelines: 1, 2, 3, …, one for each update.
#pragma once

#include "engine/services/sagemaker/state.h"

#include <optional>
#include <string>

namespace engine::sagemaker::pipelines {

/// The pipeline as `row` has it becomes its next version: `batch` makes that so. Answers its
/// number. `previous` is what the pipeline was before: of an earlier release, it has no version yet
/// and becomes the first.
std::int64_t add_version(SageMaker::Impl& state, storage::Batch& batch, const std::string& pipeline,
                         const api::DescribePipelineResponse& row,
                         const std::optional<api::DescribePipelineResponse>& previous = {});

/// The number of the last one; nothing when the pipeline has none.
std::optional<std::int64_t> last_version(const SageMaker::Impl& state, const std::string& pipeline);

/// The pipeline as it was then. Throws AwsError (ResourceNotFound).
api::DescribePipelineResponse pipeline_version(const SageMaker::Impl& state,
                                               const std::string& pipeline, std::int64_t version);

/// An execution of that version has begun.
void note_execution(SageMaker::Impl& state, const std::string& pipeline, std::int64_t version,
                    const std::string& execution_arn);

void forget_versions(const SageMaker::Impl& state, const std::string& pipeline,
                     storage::Batch& batch);

}  // namespace engine::sagemaker::pipelines
