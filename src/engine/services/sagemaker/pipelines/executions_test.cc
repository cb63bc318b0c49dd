// Pipelines of shell scripts, from Start to their end.
#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kDefinition = R"({
  "Version": "2020-12-01",
  "Parameters": [
    {"Name": "Depth", "Type": "Integer", "DefaultValue": 4},
    {"Name": "Limit", "Type": "Float", "DefaultValue": 12.0},
    {"Name": "Image", "Type": "String", "DefaultValue": "beer"}],
  "Steps": [
    {"Name": "Prep", "Type": "Processing", "Arguments": {
      "ProcessingResources": {"ClusterConfig":
        {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
      "AppSpecification": {"ImageUri": {"Get": "Parameters.Image"},
                           "ContainerEntrypoint": ["/opt/program/beer", "prep"]},
      "RoleArn": "arn:aws:iam::123456789012:role/some-role",
      "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://lake/in/",
        "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}],
      "ProcessingOutputConfig": {"Outputs": [{"OutputName": "train", "S3Output": {
        "S3Uri": {"Std:Join": {"On": "/", "Values":
          ["s3://lake/runs", {"Get": "Execution.PipelineExecutionId"}, "train"]}},
        "LocalPath": "/opt/ml/processing/train", "S3UploadMode": "EndOfJob"}}]}}},
    {"Name": "Train_it", "Type": "Training", "Arguments": {
      "AlgorithmSpecification": {"TrainingImage": {"Get": "Parameters.Image"},
                                 "TrainingInputMode": "File"},
      "RoleArn": "arn:aws:iam::123456789012:role/some-role",
      "HyperParameters": {"depth": {"Std:Join": {"Values": [{"Get": "Parameters.Depth"}]}}},
      "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
      "StoppingCondition": {"MaxRuntimeInSeconds": 60},
      "OutputDataConfig": {"S3OutputPath": "s3://lake/models"},
      "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix",
        "S3Uri": {"Get": "Steps.Prep.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}}}}]}},
    {"Name": "Judge", "Type": "Processing", "Arguments": {
      "ProcessingResources": {"ClusterConfig":
        {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
      "AppSpecification": {"ImageUri": {"Get": "Parameters.Image"},
                           "ContainerEntrypoint": ["/opt/program/beer", "judge"]},
      "RoleArn": "arn:aws:iam::123456789012:role/some-role",
      "ProcessingInputs": [{"InputName": "model", "S3Input": {
        "S3Uri": {"Get": "Steps.Train_it.ModelArtifacts.S3ModelArtifacts"},
        "LocalPath": "/opt/ml/processing/model", "S3DataType": "S3Prefix", "S3InputMode": "File"}}],
      "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": {
        "S3Uri": "s3://lake/report/", "LocalPath": "/opt/ml/processing/report",
        "S3UploadMode": "EndOfJob"}}]}},
      "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "report",
                         "FilePath": "report.json"}]},
    {"Name": "Check", "Type": "Condition", "Arguments": {
      "Conditions": [{"Type": "LessThanOrEqualTo",
        "LeftValue": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Judge.PropertyFiles.Report"},
                                      "Path": "mae.value"}},
        "RightValue": {"Get": "Parameters.Limit"}}],
      "IfSteps": [{"Name": "Keep-RegisterModel", "Type": "RegisterModel", "Arguments": {
        "ModelPackageGroupName": "Ibu", "ModelApprovalStatus": "Approved",
        "ModelMetrics": {"Bias": {}, "Explainability": {}},
        "InferenceSpecification": {
          "Containers": [{"Image": {"Get": "Parameters.Image"}, "Environment": {},
            "ModelDataUrl": {"Get": "Steps.Train_it.ModelArtifacts.S3ModelArtifacts"}}],
          "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}}}],
      "ElseSteps": [{"Name": "Reject", "Type": "Fail", "Arguments": {"ErrorMessage":
        {"Std:Join": {"On": " ", "Values": ["MAE above", {"Get": "Parameters.Limit"}]}}}}]}}
  ]})";

constexpr const char* kProgram = R"(
  case $1 in
    prep) test ! -e $root/processing/in/broken; cat $root/processing/in/* > $root/processing/train/data ;;
    train) grep -q '"depth":"[45]"' $root/input/config/hyperparameters.json
           cp $root/input/data/train/data $root/model/model.txt ;;
    judge) test -s $root/processing/model/model.tar.gz
           echo '{"mae": {"value": 9.5}}' > $root/processing/report/report.json ;;
  esac)";

struct PipelineExecutions : testing::Test {
  Bench bench;
  PipelineExecutions() {
    bench.put("in/beer", "a beer");
    bench.program("beer", kProgram);
    create_pipeline(*bench.sagemaker, bench.call,
                    {.PipelineName = "IbuPipeline",
                     .PipelineDefinition = kDefinition,
                     .RoleArn = "arn:aws:iam::123456789012:role/some-role"});
  }

  std::string start(const std::map<std::string, std::string>& parameters = {}) {
    return bench.sagemaker->start_pipeline_execution("IbuPipeline", parameters);
  }
  void wait(const std::string& arn, const std::string& status) {
    bench.wait_for_event({"Pipeline Execution Status Change", arn,
                          R"("currentPipelineExecutionStatus":")" + status + '"'});
  }
  api::DescribePipelineExecutionResponse about(const std::string& arn) {
    return describe_pipeline_execution(*bench.sagemaker, bench.call, {.PipelineExecutionArn = arn});
  }
  std::vector<api::PipelineExecutionStep> steps(const std::string& arn) {
    return *list_pipeline_execution_steps(*bench.sagemaker, bench.call,
                                          {.PipelineExecutionArn = arn, .SortOrder = "Ascending"})
                .PipelineExecutionSteps;
  }
  std::vector<std::string> outcome(const std::string& arn) {
    std::vector<std::string> lines;
    for (const auto& step : steps(arn)) lines.push_back(*step.StepName + " " + *step.StepStatus);
    return lines;
  }
};

TEST_F(PipelineExecutions, GoFromStartToARegisteredModel) {
  const std::string arn = start({{"Depth", "5"}});
  EXPECT_THAT(
      arn,
      testing::MatchesRegex(
          "arn:aws:sagemaker:us-east-1:123456789012:pipeline/ibupipeline/execution/[a-z0-9]{12}"));
  wait(arn, "Succeeded");
  EXPECT_EQ(about(arn).PipelineExecutionStatus, "Succeeded");
  EXPECT_THAT(outcome(arn), ElementsAre("Prep Succeeded", "Train_it Succeeded", "Judge Succeeded",
                                        "Check Succeeded", "Keep-RegisterModel Succeeded"));
  const auto all = steps(arn);
  EXPECT_EQ(all[3].Metadata->Condition->Outcome, "True");
  EXPECT_EQ(all[4].Metadata->RegisterModel->Arn,
            "arn:aws:sagemaker:us-east-1:123456789012:model-package/ibu/1");
  const std::string id = arn.substr(arn.rfind('/') + 1);
  EXPECT_EQ(bench.get("runs/" + id + "/train/data"), "a beer");
  EXPECT_THAT(*all[1].Metadata->TrainingJob->Arn,
              HasSubstr("training-job/pipelines-" + id + "-train-it-"));
  const auto package = describe_model_package(
      *bench.sagemaker, bench.call, {.ModelPackageName = *all[4].Metadata->RegisterModel->Arn});
  EXPECT_THAT(
      *package.InferenceSpecification->Containers[0].ModelDataUrl,
      testing::MatchesRegex("s3://lake/models/pipelines-.*-Train-it-.*/output/model.tar.gz"));
  const auto given = list_pipeline_parameters_for_execution(*bench.sagemaker, bench.call,
                                                            {.PipelineExecutionArn = arn});
  EXPECT_EQ(given.PipelineParameters->at(0).Value, "5");
  EXPECT_EQ(given.PipelineParameters->at(1).Value, "12.0");
}

TEST_F(PipelineExecutions, EndInTheFailStepWhenTheConditionDoesNotHold) {
  const std::string arn = start({{"Limit", "3.5"}});
  wait(arn, "Failed");
  EXPECT_THAT(outcome(arn), ElementsAre("Prep Succeeded", "Train_it Succeeded", "Judge Succeeded",
                                        "Check Succeeded", "Reject Failed"));
  const auto reject = steps(arn).back();
  EXPECT_EQ(reject.FailureReason, "MAE above 3.5");
  EXPECT_EQ(reject.Metadata->Fail->ErrorMessage, "MAE above 3.5");
  EXPECT_EQ(about(arn).FailureReason,
            "Step failure: One or multiple steps failed. Reject: MAE above 3.5");
}

TEST_F(PipelineExecutions, FailWithTheReasonOfTheStepAndCanBeRetried) {
  bench.put("in/broken", "x");
  const std::string arn = start();
  wait(arn, "Failed");
  EXPECT_THAT(outcome(arn), ElementsAre("Prep Failed"));
  EXPECT_THAT(*about(arn).FailureReason, HasSubstr("Prep: AlgorithmError"));
  bench.s3.delete_object("lake", "in/broken");
  retry_pipeline_execution(*bench.sagemaker, bench.call, {.PipelineExecutionArn = arn});
  wait(arn, "Succeeded");
  EXPECT_EQ(steps(arn)[0].AttemptCount, 1);
  EXPECT_FALSE(about(arn).FailureReason);
}

TEST_F(PipelineExecutions, FailWhenArgumentsDontMakeARequest) {
  const std::string arn = start({{"Image", "unknown"}});
  wait(arn, "Failed");
  EXPECT_THAT(*about(arn).FailureReason,
              HasSubstr("No local program stands for the image \"unknown\""));
}

TEST_F(PipelineExecutions, AreStoppedWithTheirJobs) {
  bench.program("beer", "while :; do sleep 0.01; done");
  const std::string arn = start();
  bench.wait_for_event({"Step Status Change", arn, R"("currentStepStatus":"Executing")"});
  stop_pipeline_execution(*bench.sagemaker, bench.call, {.PipelineExecutionArn = arn});
  wait(arn, "Stopped");
  EXPECT_THAT(outcome(arn), ElementsAre("Prep Stopped"));
}

TEST_F(PipelineExecutions, GoOnAfterTheEngineWasGone) {
  bench.program("beer", R"(case $1 in prep) echo x > $root/processing/train/data ;;
                           *) while :; do sleep 0.01; done ;; esac)");
  const std::string arn = start();
  bench.wait_for_event(
      {"Step Status Change", arn, "Train_it", R"("currentStepStatus":"Executing")"});
  bench.program("beer", kProgram);
  bench.restart();
  wait(arn, "Succeeded");
  EXPECT_EQ(steps(arn)[0].AttemptCount, 0);  // Prep wasn't run again
  EXPECT_EQ(steps(arn)[1].AttemptCount, 1);
}

TEST_F(PipelineExecutions, AreRefusedForParametersThatDontFit) {
  const auto refused = [&](const std::map<std::string, std::string>& parameters) {
    return bench.refusal([&] { start(parameters); });
  };
  EXPECT_THAT(refused({{"Colour", "amber"}}), HasSubstr("no parameter \"Colour\""));
  EXPECT_THAT(refused({{"Depth", "deep"}}), HasSubstr("not of type Integer"));
  EXPECT_THAT(bench.refusal([&] { bench.sagemaker->start_pipeline_execution("None"); }),
              HasSubstr("ResourceNotFound: Pipeline 'arn:"));
}

TEST_F(PipelineExecutions, StartOnceForOneToken) {
  const api::StartPipelineExecutionRequest request{.PipelineName = "IbuPipeline",
                                                   .ClientRequestToken = "token"};
  const auto first = start_pipeline_execution(*bench.sagemaker, bench.call, request);
  const auto second = start_pipeline_execution(*bench.sagemaker, bench.call, request);
  EXPECT_EQ(first.PipelineExecutionArn, second.PipelineExecutionArn);
  wait(*first.PipelineExecutionArn, "Succeeded");
}

TEST_F(PipelineExecutions, RunIndependentStepsAtOnce) {
  // Each waits for the file of the other, so neither would end if they ran in turn.
  const std::string meet = bench.folder.path() + "/meet";
  bench.program("beer",
                "touch " + meet + "$1; while ! test -e " + meet + "$2; do sleep 0.01; done");
  const auto step = [](const std::string& name, const std::string& words) {
    return R"({"Name": ")" + name + R"(", "Type": "Processing", "Arguments": {
      "ProcessingResources": {"ClusterConfig":
        {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
      "AppSpecification": {"ImageUri": "beer", "ContainerEntrypoint": ["x", )" +
           words + R"(]},
      "RoleArn": "arn:aws:iam::123456789012:role/some-role"}})";
  };
  update_pipeline(
      *bench.sagemaker, bench.call,
      {.PipelineName = "IbuPipeline",
       .PipelineDefinition = R"({"Version": "2020-12-01", "Steps": [)" + step("A", R"("a", "b")") +
                             "," + step("B", R"("b", "a")") + "]}"});
  wait(start(), "Succeeded");
}

TEST_F(PipelineExecutions, BelongToAPipelineThatCanBeChangedAndDeleted) {
  EXPECT_THAT(bench.refusal([&] {
    create_pipeline(*bench.sagemaker, bench.call, {.PipelineName = "IbuPipeline"});
  }),
              HasSubstr("ValidationException: Pipeline names must be unique"));
  EXPECT_THAT(bench.refusal([&] {
    update_pipeline(*bench.sagemaker, bench.call,
                    {.PipelineName = "IbuPipeline", .PipelineDefinition = "{}"});
  }),
              HasSubstr("Unable to parse pipeline definition"));
  update_pipeline(*bench.sagemaker, bench.call,
                  {.PipelineName = "IbuPipeline", .PipelineDescription = "beers"});
  EXPECT_EQ(describe_pipeline(*bench.sagemaker, bench.call, {.PipelineName = "ibupipeline"})
                .PipelineDescription,
            "beers");
  const std::string arn = start();
  wait(arn, "Succeeded");
  EXPECT_EQ(list_pipeline_executions(*bench.sagemaker, bench.call, {.PipelineName = "IbuPipeline"})
                .PipelineExecutionSummaries->at(0)
                .PipelineExecutionStatus,
            "Succeeded");
  EXPECT_EQ(list_pipelines(*bench.sagemaker, bench.call, {}).PipelineSummaries->size(), 1u);
  delete_pipeline(*bench.sagemaker, bench.call, {.PipelineName = "IbuPipeline"});
  EXPECT_THAT(bench.refusal([&] { about(arn); }), HasSubstr("ResourceNotFound"));
}

}  // namespace
}  // namespace engine::sagemaker
