// What the files of this folder share of the service: its tables, its threads, who it calls.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/protocol/operation.h"
#include "engine/services/sagemaker/jobs/pool.h"
#include "engine/services/sagemaker/later.h"
#include "engine/services/sagemaker/names.h"
#include "engine/services/sagemaker/sagemaker.h"
#include "engine/services/sagemaker/table.h"
#include "engine/services/sagemaker/tasks.h"

#include <memory>
#include <mutex>

namespace engine::sagemaker {

class Executions;
class AsyncInvocations;
class Hosting;

struct SageMaker::Impl {
  Impl(Context& context, s3::S3& s3, logs::Logs& logs, ImageSource images, CallbackSource callback,
       EventSink events, Settings settings, FunctionSource functions);
  ~Impl();

  Context& context;
  s3::S3& s3;
  logs::Logs& logs;
  const ImageSource images;
  const CallbackSource callback;
  const EventSink events;
  const Settings settings;
  const FunctionSource functions;

  // Keys are names in lower case, but for:
  Table<api::DescribeProcessingJobResponse> processing_jobs;
  Table<api::DescribeTrainingJobResponse> training_jobs;
  Table<api::DescribeTransformJobResponse> transform_jobs;
  Table<api::DescribeHyperParameterTuningJobResponse> tuning_jobs;
  Table<api::HyperParameterTrainingJobSummary> tuned_jobs;  ///< "<tuning job>/<training job>"
  Table<api::DescribePipelineResponse> pipelines;
  Table<api::PipelineVersionSummary> pipeline_versions;    ///< "<pipeline>/<version, ten digits>"
  Table<api::DescribePipelineResponse> version_pipelines;  ///< the same keys: as it was then
  Table<api::DescribePipelineExecutionResponse>
      executions;  ///< "<pipeline>/execution/<id>", as the two below
  Table<api::DescribePipelineDefinitionForExecutionResponse> definitions;
  Table<api::ListPipelineParametersForExecutionResponse> parameters;
  Table<api::DescribeModelPackageGroupOutput> package_groups;
  Table<api::DescribeModelPackageOutput> packages;    ///< "<group>/<version, ten digits>"
  Table<api::DescribeModelCardResponse> model_cards;  ///< "<card>/<version, ten digits>"
  // What clients have added to the lineage; the rest of it follows from the other tables.
  Table<api::DescribeArtifactResponse> artifacts;
  Table<api::DescribeActionResponse> actions;
  Table<api::DescribeContextResponse> lineage_contexts;
  Table<api::AssociationSummary> associations;  ///< "<source>|<destination>"
  Table<api::DescribeModelOutput> models;
  Table<api::DescribeEndpointConfigOutput> endpoint_configs;
  Table<api::DescribeEndpointOutput> endpoints;
  Table<api::DescribeNotebookInstanceOutput> notebooks;
  Table<api::DescribeNotebookInstanceLifecycleConfigOutput> notebook_lifecycles;
  Table<api::ListTagsOutput> tags;  ///< by ARN

  JobPool pool;  ///< keys "training-job/<name>" and so on
  Tasks tasks;   ///< executions and deployments
  HeldBodies held;
  std::unique_ptr<Executions> live_executions;
  std::unique_ptr<Hosting> hosting;
  std::unique_ptr<AsyncInvocations> async_invocations;

  std::string arn(std::string_view kind, std::string_view name) const {
    return arn_of(context, kind, name);
  }
  Timestamp now() const { return context.clock.now(); }

  /// Answers with `output` when what was just begun is over, or Settings::create_wait has passed.
  template <class Output>
  Output answer_after(Call& call, Ending& ending, Output output) {
    hold_answer(call, ending, to_json(output));
    return output;
  }
  void hold_answer(Call& call, Ending& ending, std::string body);

  /// Emits an event; a sink that throws is logged.
  void emit(std::string_view detail_type, std::string detail,
            const std::vector<std::string>& resources) const;
  /// The tags of something new: none are left of what had its ARN before.
  void put_tags(const std::string& arn, const std::optional<std::vector<api::Tag>>& given);
};

}  // namespace engine::sagemaker
