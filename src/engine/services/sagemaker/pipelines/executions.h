// The executions under way.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/services/sagemaker/pipelines/callbacks.h"
#include "engine/services/sagemaker/pipelines/execution.h"
#include "engine/services/sagemaker/pipelines/step_facts.h"
#include "engine/services/sagemaker/state.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace engine::sagemaker {

/// Thread-safe. Keys are those of SageMaker::Impl::executions.
class Executions {
 public:
  explicit Executions(SageMaker::Impl& state) : state_(state), callbacks_(state.context) {}

  /// Writes the execution's rows and begins it. Answers its ARN; throws AwsError.
  std::string start(const api::StartPipelineExecutionRequest& request);
  void stop(const std::string& key);
  /// Puts a Failed or Stopped one back to work on the steps that haven't succeeded.
  void retry(const std::string& key,
             const std::optional<api::ParallelismConfiguration>& parallelism);
  /// Goes on with what the last engine left.
  void resume();
  void abandon();

  pipelines::Callbacks& callbacks() { return callbacks_; }
  /// Why each step of the execution ran or didn't have to, as JSON (StepCache); steps that nothing
  /// is cached of are left out. Throws AwsError.
  std::string explanation(const std::string& key) const;

 private:
  void begin(const std::string& key);
  void put_reused_steps(storage::Batch& batch, const pipelines::Definition& definition,
                        const api::SelectiveExecutionConfig& config, const std::string& pipeline,
                        const std::string& key) const;

  SageMaker::Impl& state_;
  pipelines::Callbacks callbacks_;
  pipelines::ProgramDigests programs_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<pipelines::Execution>> live_;
};

}  // namespace engine::sagemaker
