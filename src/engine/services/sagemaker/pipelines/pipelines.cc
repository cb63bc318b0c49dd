// Pipelines: Create, Update, Describe, Delete, List.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/step_cache.h"
#include "engine/services/sagemaker/pipelines/step_rows.h"
#include "engine/services/sagemaker/pipelines/versions.h"
#include "engine/services/sagemaker/state.h"
#include "engine/services/sagemaker/tokens.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "pipeline";
using Pipeline = api::DescribePipelineResponse;

/// The definition from the request or from the S3 object it names, checked; nothing when it has
/// neither.
template <class Request>
std::optional<std::string> definition_in(const SageMaker::Impl& state, const Request& request) {
  std::optional<std::string> text = request.PipelineDefinition;
  if (text && request.PipelineDefinitionS3Location) {
    throw validation("Give either PipelineDefinition or PipelineDefinitionS3Location, not both.");
  }
  if (const auto& place = request.PipelineDefinitionS3Location) {
    // Deviation: objects have no versions here.
    if (place->VersionId && *place->VersionId != "null") {
      throw validation(
          "PipelineDefinitionS3Location: objects have no versions; leave VersionId out.");
    }
    try {
      text = state.s3.body(state.s3.object(place->Bucket, place->ObjectKey)).string();
    } catch (const AwsError& error) {
      throw validation(fmt::format("The pipeline definition s3://{}/{} can't be read: {}: {}",
                                   place->Bucket, place->ObjectKey, error.code, error.what()));
    }
  }
  if (text) pipelines::parse_definition(*text);
  return text;
}

}  // namespace

api::op::CreatePipeline::Output create_pipeline(SageMaker& sagemaker, Call&,
                                                const api::op::CreatePipeline::Input& input) {
  auto& state = sagemaker.impl();
  Pipeline pipeline{.PipelineArn = state.arn(kKind, input.PipelineName),
                    .PipelineName = input.PipelineName,
                    .PipelineDisplayName = input.PipelineDisplayName.value_or(input.PipelineName)};
  const std::string key = key_of(input.PipelineName, kKind);
  const IdempotentRequest request(state.context.catalog, "CreatePipeline", input.ClientRequestToken,
                                  input);
  const bool done_before = request.answer().has_value();
  if (state.pipelines.has(key)) {
    if (done_before) return {.PipelineArn = pipeline.PipelineArn};
    // The name first: the SDK's upsert goes on to UpdatePipeline when it is taken.
    throw pipeline_exists(input.PipelineName);
  }
  pipeline.PipelineDefinition = definition_in(state, input);
  if (!pipeline.PipelineDefinition) {
    throw validation("Either PipelineDefinition or PipelineDefinitionS3Location must be given.");
  }
  pipeline.PipelineDescription = input.PipelineDescription;
  pipeline.RoleArn = input.RoleArn;
  pipeline.PipelineStatus = "Active";
  pipeline.CreationTime = pipeline.LastModifiedTime = state.now();
  pipeline.ParallelismConfiguration = input.ParallelismConfiguration;
  storage::Batch batch;
  pipelines::add_version(state, batch, key, pipeline);
  request.remember(batch, *pipeline.PipelineArn);
  if (!state.pipelines.insert(key, pipeline, std::move(batch))) {
    throw pipeline_exists(input.PipelineName);
  }
  state.put_tags(*pipeline.PipelineArn, input.Tags);
  return {.PipelineArn = pipeline.PipelineArn};
}

/// Every update makes a version.
api::op::UpdatePipeline::Output update_pipeline(SageMaker& sagemaker, Call&,
                                                const api::op::UpdatePipeline::Input& input) {
  auto& state = sagemaker.impl();
  const auto definition = definition_in(state, input);
  const std::string key = key_of(input.PipelineName, kKind);
  const auto set = [](auto& to, const auto& from) {
    if (from) to = from;
  };
  std::int64_t version = 0;
  storage::Batch versions;
  const auto pipeline = state.pipelines.change(
      key,
      [&](Pipeline& row) {
        const Pipeline previous = row;
        set(row.PipelineDefinition, definition);
        set(row.PipelineDisplayName, input.PipelineDisplayName);
        set(row.PipelineDescription, input.PipelineDescription);
        set(row.RoleArn, input.RoleArn);
        set(row.ParallelismConfiguration, input.ParallelismConfiguration);
        row.LastModifiedTime = state.now();
        version = pipelines::add_version(state, versions, key, row, previous);
      },
      [&](storage::Batch batch) {
        batch.append(std::move(versions));
        state.context.catalog.commit(std::move(batch));
      });
  if (!pipeline) throw no_such_pipeline(state.arn(kKind, key));
  return {.PipelineArn = pipeline->PipelineArn, .PipelineVersionId = version};
}

api::op::DescribePipeline::Output describe_pipeline(SageMaker& sagemaker, Call&,
                                                    const api::op::DescribePipeline::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.PipelineName, kKind);
  auto pipeline = state.pipelines.find(key);
  if (!pipeline) throw no_such_pipeline(state.arn(kKind, key));
  const auto last = pipelines::last_version(state, key);
  if (!input.PipelineVersionId && !last) return *pipeline;
  const std::int64_t wanted = input.PipelineVersionId ? *input.PipelineVersionId : *last;
  auto version = pipelines::pipeline_version(state, key, wanted);
  version.LastRunTime = pipeline->LastRunTime;
  return version;
}

/// With its executions; not while one of them is under way.
api::op::DeletePipeline::Output delete_pipeline(SageMaker& sagemaker, Call&,
                                                const api::op::DeletePipeline::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.PipelineName, kKind);
  const std::string arn = state.arn(kKind, key);
  storage::Batch batch;
  for (const auto& execution : state.executions.all(key + "/")) {
    const std::string row = key_of(execution.PipelineExecutionArn.value_or(""), kKind);
    if (execution.PipelineExecutionStatus == "Executing" ||
        execution.PipelineExecutionStatus == "Stopping") {
      throw conflict(fmt::format("Pipeline {} has an execution under way: {}.", arn, row));
    }
    for (const auto* table :
         {&state.executions.name(), &state.definitions.name(), &state.parameters.name()}) {
      batch.remove(*table, row);
    }
    batch.remove(pipelines::kStepsTable, row);
  }
  for (const auto& row : state.context.catalog.scan(pipelines::kStepsTable, key + "/")) {
    batch.remove(pipelines::kStepsTable, row.key);
  }
  pipelines::forget_versions(state, key, batch);
  pipelines::StepCache::forget(state.context.catalog, key, batch);
  if (!state.pipelines.remove(key, std::move(batch))) throw no_such_pipeline(arn);
  return {.PipelineArn = arn};
}

api::op::ListPipelines::Output list_pipelines(SageMaker& sagemaker, Call&,
                                              const api::op::ListPipelines::Input& input) {
  std::vector<Listed<api::PipelineSummary>> all;
  for (const Pipeline& pipeline : sagemaker.impl().pipelines.all()) {
    const std::string name = pipeline.PipelineName.value_or("");
    if (!name.starts_with(input.PipelineNamePrefix.value_or(""))) continue;
    auto summary = converted<api::PipelineSummary>(pipeline);
    summary.LastExecutionTime = pipeline.LastRunTime;
    all.push_back({std::move(summary), name, pipeline.CreationTime.value_or(Timestamp{}),
                   pipeline.LastModifiedTime.value_or(Timestamp{}), ""});
  }
  auto page = list_page(input, std::move(all));
  return {.PipelineSummaries = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::sagemaker
