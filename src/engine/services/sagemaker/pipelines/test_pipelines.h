// Small pipelines for tests: steps as text, an engine that runs them, what became of each.
#pragma once

#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {

inline constexpr const char* kTestRole = "arn:aws:iam::123456789012:role/some-role";

/// A processing step that runs the image "beer" with these words; `more` are members of its
/// arguments, `beside` of the step, each ending in a comma.
inline std::string processing_step(const std::string& name, const std::string& words,
                                   const std::string& more = "", const std::string& beside = "") {
  return fmt::format(R"({{"Name": "{}", "Type": "Processing", {} "Arguments": {{ {}
    "ProcessingResources": {{"ClusterConfig":
      {{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}}},
    "AppSpecification": {{"ImageUri": "beer", "ContainerEntrypoint": ["x"],
                         "ContainerArguments": [{}]}},
    "RoleArn": "{}"}}}})",
                     name, beside, more, words.empty() ? "\"-\"" : words, kTestRole);
}

struct TestPipelines : testing::Test {
  Bench bench;

  explicit TestPipelines(Settings settings = {}) : bench(std::move(settings)) {
    bench.program("beer", "");
  }

  static std::string document(const std::string& steps, const std::string& parameters = "") {
    return R"({"Version": "2020-12-01", "Parameters": [)" + parameters + R"(], "Steps": [)" +
           steps + "]}";
  }
  void make(const std::string& steps, const std::string& parameters = "") {
    api::CreatePipelineRequest request{.PipelineName = "P",
                                       .PipelineDefinition = document(steps, parameters)};
    request.RoleArn = kTestRole;
    create_pipeline(*bench.sagemaker, bench.call, request);
  }
  void remake(const std::string& steps, const std::string& parameters = "") {
    update_pipeline(*bench.sagemaker, bench.call,
                    {.PipelineName = "P", .PipelineDefinition = document(steps, parameters)});
  }
  std::string start(api::StartPipelineExecutionRequest request = {}) {
    request.PipelineName = "P";
    return *start_pipeline_execution(*bench.sagemaker, bench.call, request).PipelineExecutionArn;
  }
  std::string start_with(const std::string& name, const std::string& value) {
    api::StartPipelineExecutionRequest request;
    request.PipelineParameters = {{name, value}};
    return start(request);
  }
  void wait(const std::string& arn, const std::string& status) {
    bench.wait_for_event({"Pipeline Execution Status Change", arn,
                          R"("currentPipelineExecutionStatus":")" + status + '"'});
  }
  /// Runs it to its end; the ARN.
  std::string run(const std::string& status = "Succeeded") {
    const std::string arn = start();
    wait(arn, status);
    return arn;
  }
  void wait_for_step(const std::string& arn, const std::string& step, const std::string& status) {
    bench.wait_for_event({"Step Status Change", arn, R"("stepName":")" + step + '"',
                          R"("currentStepStatus":")" + status + '"'});
  }

  api::DescribePipelineExecutionResponse about(const std::string& arn) {
    return describe_pipeline_execution(*bench.sagemaker, bench.call, {.PipelineExecutionArn = arn});
  }
  std::vector<api::PipelineExecutionStep> steps(const std::string& arn) {
    return *list_pipeline_execution_steps(*bench.sagemaker, bench.call,
                                          {.PipelineExecutionArn = arn, .SortOrder = "Ascending"})
                .PipelineExecutionSteps;
  }
  api::PipelineExecutionStep step(const std::string& arn, const std::string& name) {
    for (const auto& row : steps(arn)) {
      if (row.StepName == name) return row;
    }
    ADD_FAILURE() << "no step " << name;
    return {};
  }
  std::vector<std::string> outcome(const std::string& arn) {
    std::vector<std::string> lines;
    for (const auto& row : steps(arn)) lines.push_back(*row.StepName + " " + *row.StepStatus);
    return lines;
  }
};

}  // namespace engine::sagemaker
