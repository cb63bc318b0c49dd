// Versions of pipelines: kept, listed, named.
#include "engine/services/sagemaker/pipelines/versions.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"

namespace engine::sagemaker {
namespace pipelines {
namespace {

using Pipeline = api::DescribePipelineResponse;
using Summary = api::PipelineVersionSummary;

std::string row_key(const std::string& pipeline, std::int64_t version) {
  return fmt::format("{}/{:010}", pipeline, version);
}

void put(const SageMaker::Impl& state, storage::Batch& batch, const std::string& pipeline,
         std::int64_t version, const Pipeline& row) {
  const Summary summary{.PipelineArn = row.PipelineArn,
                        .PipelineVersionId = version,
                        .CreationTime = row.LastModifiedTime};
  batch.put(state.pipeline_versions.name(), row_key(pipeline, version), to_json(summary));
  batch.put(state.version_pipelines.name(), row_key(pipeline, version), to_json(row));
}

}  // namespace

std::optional<std::int64_t> last_version(const SageMaker::Impl& state,
                                         const std::string& pipeline) {
  const auto all = state.pipeline_versions.all(pipeline + "/");
  return all.empty() ? std::nullopt : all.back().PipelineVersionId;
}

std::int64_t add_version(SageMaker::Impl& state, storage::Batch& batch, const std::string& pipeline,
                         const Pipeline& row, const std::optional<Pipeline>& previous) {
  std::int64_t version = last_version(state, pipeline).value_or(0) + 1;
  if (version == 1 && previous) put(state, batch, pipeline, version++, *previous);
  put(state, batch, pipeline, version, row);
  return version;
}

Pipeline pipeline_version(const SageMaker::Impl& state, const std::string& pipeline,
                          std::int64_t version) {
  auto row = state.version_pipelines.find(row_key(pipeline, version));
  const auto summary = state.pipeline_versions.find(row_key(pipeline, version));
  if (!row || !summary) {
    throw AwsError("ResourceNotFound", fmt::format("Pipeline '{}' has no version {}.",
                                                   state.arn("pipeline", pipeline), version));
  }
  row->PipelineVersionDisplayName = summary->PipelineVersionDisplayName;
  row->PipelineVersionDescription = summary->PipelineVersionDescription;
  return *row;
}

void note_execution(SageMaker::Impl& state, const std::string& pipeline, std::int64_t version,
                    const std::string& execution_arn) {
  state.pipeline_versions.change(row_key(pipeline, version), [&](Summary& row) {
    row.LastExecutionPipelineExecutionArn = execution_arn;
  });
}

void forget_versions(const SageMaker::Impl& state, const std::string& pipeline,
                     storage::Batch& batch) {
  for (const std::string* table :
       {&state.pipeline_versions.name(), &state.version_pipelines.name()}) {
    for (const auto& row : state.context.catalog.scan(*table, pipeline + "/")) {
      batch.remove(*table, row.key);
    }
  }
}

}  // namespace pipelines

api::op::ListPipelineVersions::Output list_pipeline_versions(
    SageMaker& sagemaker, Call&, const api::op::ListPipelineVersions::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.PipelineName, "pipeline");
  if (!state.pipelines.has(key)) throw no_such_pipeline(state.arn("pipeline", key));
  auto all = state.pipeline_versions.all(key + "/");
  std::erase_if(all, [&](const api::PipelineVersionSummary& version) {
    const Timestamp created = version.CreationTime.value_or(Timestamp{});
    return (input.CreatedAfter && created < *input.CreatedAfter) ||
           (input.CreatedBefore && created > *input.CreatedBefore);
  });
  if (input.SortOrder != "Ascending") std::reverse(all.begin(), all.end());
  auto page = page_of(std::move(all), input.NextToken, input.MaxResults, 100, bad_token());
  return {.PipelineVersionSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::UpdatePipelineVersion::Output update_pipeline_version(
    SageMaker& sagemaker, Call&, const api::op::UpdatePipelineVersion::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.PipelineArn, "pipeline");
  if (!state.pipelines.has(key)) throw no_such_pipeline(input.PipelineArn);
  pipelines::pipeline_version(state, key, input.PipelineVersionId);  // or ResourceNotFound
  state.pipeline_versions.change(
      fmt::format("{}/{:010}", key, input.PipelineVersionId),
      [&](api::PipelineVersionSummary& row) {
        if (input.PipelineVersionDisplayName) {
          row.PipelineVersionDisplayName = input.PipelineVersionDisplayName;
        }
        if (input.PipelineVersionDescription) {
          row.PipelineVersionDescription = input.PipelineVersionDescription;
        }
      });
  return {.PipelineArn = state.arn("pipeline", key), .PipelineVersionId = input.PipelineVersionId};
}

}  // namespace engine::sagemaker
