// The service's life: built, resumed, stopped.
#include "engine/services/sagemaker/sagemaker.h"

#include "engine/jobs/control_groups.h"
#include "engine/services/sagemaker/hosting/async_invocations.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/pipelines/executions.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/log.h"

#include <filesystem>

namespace engine::sagemaker {

SageMaker::Impl::Impl(Context& context, s3::S3& s3, logs::Logs& logs, ImageSource images,
                      CallbackSource callback, EventSink events, Settings settings,
                      FunctionSource functions)
    : context(context),
      s3(s3),
      logs(logs),
      images(std::move(images)),
      callback(std::move(callback)),
      events(std::move(events)),
      settings(std::move(settings)),
      functions(std::move(functions)),
      processing_jobs(context.catalog, "sagemaker/processing_jobs"),
      training_jobs(context.catalog, "sagemaker/training_jobs"),
      transform_jobs(context.catalog, "sagemaker/transform_jobs"),
      tuning_jobs(context.catalog, "sagemaker/tuning_jobs"),
      tuned_jobs(context.catalog, "sagemaker/tuned_training_jobs"),
      pipelines(context.catalog, "sagemaker/pipelines"),
      pipeline_versions(context.catalog, "sagemaker/pipeline_versions"),
      version_pipelines(context.catalog, "sagemaker/pipeline_version_definitions"),
      executions(context.catalog, "sagemaker/executions"),
      definitions(context.catalog, "sagemaker/execution_definitions"),
      parameters(context.catalog, "sagemaker/execution_parameters"),
      package_groups(context.catalog, "sagemaker/model_package_groups"),
      packages(context.catalog, "sagemaker/model_packages"),
      model_cards(context.catalog, "sagemaker/model_cards"),
      artifacts(context.catalog, "sagemaker/artifacts"),
      actions(context.catalog, "sagemaker/actions"),
      lineage_contexts(context.catalog, "sagemaker/contexts"),
      associations(context.catalog, "sagemaker/associations"),
      models(context.catalog, "sagemaker/models"),
      endpoint_configs(context.catalog, "sagemaker/endpoint_configs"),
      endpoints(context.catalog, "sagemaker/endpoints"),
      notebooks(context.catalog, "sagemaker/notebook_instances"),
      notebook_lifecycles(context.catalog, "sagemaker/notebook_lifecycles"),
      tags(context.catalog, "sagemaker/tags"),
      pool(this->settings.jobs_at_once, this->settings.waiting_jobs),
      live_executions(std::make_unique<Executions>(*this)),
      hosting(std::make_unique<Hosting>(*this)),
      async_invocations(std::make_unique<AsyncInvocations>(*this)) {}

SageMaker::Impl::~Impl() = default;

void SageMaker::Impl::emit(std::string_view detail_type, std::string detail,
                           const std::vector<std::string>& resources) const {
  if (!events) return;
  try {
    events(detail_type, std::move(detail), resources);
  } catch (const std::exception& error) {
    base::log_error("sagemaker", "the event \"{}\" is lost: {}", detail_type, error.what());
  }
}

void SageMaker::Impl::hold_answer(Call& call, Ending& ending, std::string body) {
  if (!settings.answer_later) {
    ending.wait_for(settings.create_wait);
    return;
  }
  if (settings.create_wait == std::chrono::milliseconds::zero()) return;
  const auto answer = held.hold(std::move(body), settings.create_wait);
  ending.when_over([held = std::weak_ptr(answer)] {
    if (const auto answer = held.lock()) answer->release();
  });
  call.events = answer;
  call.headers.set("Content-Type", "application/x-amz-json-1.1");
}

void SageMaker::Impl::put_tags(const std::string& arn,
                               const std::optional<std::vector<api::Tag>>& given) {
  if (given && !given->empty()) {
    tags.put(arn, {.Tags = *given});
  } else {
    tags.remove(arn);
  }
}

SageMaker::SageMaker(Context& context, s3::S3& s3, logs::Logs& logs, ImageSource images,
                     CallbackSource callback, EventSink events, Settings settings,
                     FunctionSource functions)
    : impl_(std::make_unique<Impl>(context, s3, logs, std::move(images), std::move(callback),
                                   std::move(events), std::move(settings), std::move(functions))) {}

SageMaker::~SageMaker() { stop(); }

void SageMaker::resume() {
  const auto& limits = impl_->settings.limits;
  if (limits.memory_bytes != 0 || limits.processes != 0) {
    base::log_info("sagemaker", "programs are held to their limits: {}", jobs::control_groups().text());
  }
  std::error_code ignored;
  std::filesystem::remove_all(jobs_folder(impl_->context), ignored);
  fail_interrupted_processing_jobs(*impl_);
  resume_training_jobs(*impl_);
  resume_transform_jobs(*impl_);
  resume_tuning_jobs(*impl_);
  impl_->live_executions->resume();
  impl_->hosting->resume();
  impl_->async_invocations->resume();
}

std::string SageMaker::start_pipeline_execution(
    std::string_view pipeline, const std::map<std::string, std::string>& parameters) {
  api::StartPipelineExecutionRequest request{.PipelineName = std::string(pipeline)};
  request.PipelineParameters.emplace();
  for (const auto& [name, value] : parameters) request.PipelineParameters->push_back({name, value});
  return impl_->live_executions->start(request);
}

std::string SageMaker::explanation(std::string_view execution) const {
  return impl_->live_executions->explanation(key_of(execution, "pipeline"));
}

void SageMaker::request_stop() { impl_->live_executions->abandon(); }

void SageMaker::stop() {
  impl_->live_executions->abandon();
  impl_->held.stop();
  impl_->pool.stop();
  impl_->async_invocations->stop();
  impl_->tasks.stop();
  impl_->hosting->stop();
}

}  // namespace engine::sagemaker
