// The results of a pipeline's earlier executions, for its steps to be taken from.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/state.h"

#include <optional>
#include <string>

namespace engine::sagemaker::pipelines {

/// Where a step's explanation is, under its row's name: "<execution>/<step>". JSON:
///
///   {"Step", "Type", "Cache": "Hit" | "Miss" | "Off", "Why": a sentence,
///    "Source": the execution the result is from, or that the changes are since,
///    "Changes": changes_between()}
inline constexpr const char* kExplanationsTable = "sagemaker/step_explanations";

/// AWS's step cache, and stricter: a hit also needs the inputs' bytes, the program and the outputs
/// of the earlier run to be what they were.
class StepCache {
 public:
  /// `pipeline` is its row's key.
  StepCache(SageMaker::Impl& state, std::string pipeline)
      : state_(state), pipeline_(std::move(pipeline)) {}

  struct Found {
    /// What the earlier step made; nothing when the step has to run.
    std::optional<api::PipelineExecutionStepMetadata> metadata;
    std::string source;  ///< the ARN of the execution it is from
    json::object explanation;
  };
  /// What is known of the step with these facts (facts_of()).
  Found find(const Step& step, const json::object& facts) const;

  /// The step has succeeded with these facts: `batch` makes that known.
  void remember(storage::Batch& batch, const Step& step, const json::object& facts,
                const std::string& execution_arn,
                const api::PipelineExecutionStepMetadata& metadata) const;

  /// Forgets the pipeline.
  static void forget(const storage::Catalog& catalog, const std::string& pipeline,
                     storage::Batch& batch);

 private:
  std::string step_key(const Step& step) const { return pipeline_ + "/" + step.name; }
  void explain_miss(const Step& step, const json::object& facts, json::object& explanation) const;
  json::object outputs_of(const api::PipelineExecutionStepMetadata& metadata) const;

  SageMaker::Impl& state_;
  const std::string pipeline_;
};

}  // namespace engine::sagemaker::pipelines
