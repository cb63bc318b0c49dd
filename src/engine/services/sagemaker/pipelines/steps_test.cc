// Each type of step, from what it is told to what it makes.
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/pipelines/retry.h"
#include "engine/services/sagemaker/pipelines/test_pipelines.h"
#include "test_places.h"

#include <atomic>
#include <filesystem>

namespace engine::sagemaker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Lambda -----------------------------------------------------------------------------------------

constexpr const char* kLambda = R"(
  {"Name": "Ask", "Type": "Lambda", "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
   "Arguments": {"run": {"Get": "Execution.PipelineName"}},
   "OutputParameters": [{"OutputName": "n", "OutputType": "Integer"},
                        {"OutputName": "good", "OutputType": "Boolean"}]},
  {"Name": "Judge", "Type": "Condition", "Arguments": {"Conditions": [
     {"Type": "GreaterThan", "LeftValue": {"Get": "Steps.Ask.OutputParameters['n']"}, "RightValue": 3},
     {"Type": "Equals", "LeftValue": {"Get": "Steps.Ask.OutputParameters['good']"},
      "RightValue": true}]}})";

struct LambdaSteps : TestPipelines {};

TEST_F(LambdaSteps, CallTheirFunctionAndGiveItsOutputs) {
  std::string called;
  bench.function = [&](const std::string& name, const std::string& payload) {
    called = name + " " + payload;
    return FunctionAnswer{R"({"n": 4, "good": true, "more": []})", ""};
  };
  make(kLambda);
  const std::string arn = run();
  EXPECT_EQ(called, R"(arn:aws:lambda:us-east-1:123456789012:function:f {"run":"P"})");
  const auto ask = *step(arn, "Ask").Metadata->Lambda;
  EXPECT_EQ(ask.Arn, "arn:aws:lambda:us-east-1:123456789012:function:f");
  ASSERT_EQ(ask.OutputParameters->size(), 2u);
  EXPECT_EQ(ask.OutputParameters->at(0).Value, "4");
  EXPECT_EQ(ask.OutputParameters->at(1).Value, "true");
  EXPECT_EQ(step(arn, "Judge").Metadata->Condition->Outcome, "True");
}

TEST_F(LambdaSteps, FailWithWhatTheFunctionSaid) {
  bench.function = [](const std::string&, const std::string&) {
    return FunctionAnswer{R"({"errorMessage": "no hops"})", "Unhandled"};
  };
  make(kLambda);
  EXPECT_THAT(*step(run("Failed"), "Ask").FailureReason, HasSubstr("no hops"));
}

TEST_F(LambdaSteps, FailWithoutTheFunctionOrADeclaredOutput) {
  make(kLambda);
  EXPECT_THAT(*step(run("Failed"), "Ask").FailureReason,
              HasSubstr("Failed to invoke lambda:InvokeFunction"));
  bench.function = [](const std::string&, const std::string&) {
    return FunctionAnswer{R"({"n": 4})", ""};
  };
  EXPECT_THAT(*step(run("Failed"), "Ask").FailureReason, HasSubstr("output parameter \"good\""));
}

// QualityCheck -----------------------------------------------------------------------------------

/// A check of the dataset at lake/data, beside its Arguments with `beside`, as the SDK writes it.
std::string quality_check(const std::string& beside, const std::string& output = "out") {
  return fmt::format(
      R"({{"Name": "Check", "Type": "QualityCheck", "CheckType": "DATA_QUALITY",
           "SuppliedBaselineStatistics": null, {} "Arguments": {{
    "ProcessingResources": {{"ClusterConfig":
      {{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}}},
    "AppSpecification": {{"ImageUri": "monitor"}},
    "RoleArn": "{}",
    "ProcessingInputs": [{{"InputName": "baseline_dataset_input", "AppManaged": false, "S3Input":
      {{"S3Uri": "s3://lake/data", "LocalPath": "/opt/ml/processing/input/baseline_dataset_input",
        "S3DataType": "S3Prefix", "S3InputMode": "File"}}}}],
    "ProcessingOutputConfig": {{"Outputs": [{{"OutputName": "quality_check_output",
      "AppManaged": false, "S3Output": {{"S3Uri": "s3://lake/{}",
        "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}}}}]}},
    "Environment": {{"dataset_format": "{{}}"}}}}}})",
      beside, kTestRole, output);
}

/// Its job stands for Model Monitor: with a baseline there is one violation, if that says so.
struct QualityCheckSteps : TestPipelines {
  QualityCheckSteps() {
    bench.program("monitor", R"(
      out=$root/processing/output; mkdir -p $out
      echo '{}' > $out/statistics.json; echo '{}' > $out/constraints.json
      base=$root/processing/baseline/constraints/strict.json
      if [ -f $base ]; then cp $base $out/constraint_violations.json; fi)");
    bench.put("data/a.csv", "1");
    bench.put("base/strict.json", R"({"violations": [{"feature_name": "abv"}]})");
  }
  api::QualityCheckStepMetadata checked(const std::string& arn) {
    return *step(arn, "Check").Metadata->QualityCheck;
  }
};

TEST_F(QualityCheckSteps, MakeTheFirstBaselineAndGiveItToOtherSteps) {
  make(quality_check(R"("SkipCheck": true, "RegisterNewBaseline": true, )") + R"(,
    {"Name": "Look", "Type": "Condition", "Arguments": {"Conditions": [
      {"Type": "Equals", "RightValue": "s3://lake/out/statistics.json", "LeftValue":
        {"Get": "Steps.Check.BaselineUsedForDriftCheckStatistics"}}]}})");
  const std::string arn = run();
  const auto made = checked(arn);
  EXPECT_EQ(made.CheckType, "DATA_QUALITY");
  EXPECT_EQ(made.CalculatedBaselineConstraints, "s3://lake/out/constraints.json");
  EXPECT_EQ(made.BaselineUsedForDriftCheckConstraints, "s3://lake/out/constraints.json");
  EXPECT_EQ(made.SkipCheck, true);
  EXPECT_FALSE(made.ViolationReport);
  EXPECT_THAT(*made.CheckJobArn, HasSubstr(":processing-job/"));
  EXPECT_EQ(step(arn, "Look").Metadata->Condition->Outcome, "True");
}

TEST_F(QualityCheckSteps, FailOnViolationsOfASuppliedBaselineUnlessToldNotTo) {
  const std::string supplied = R"("SuppliedBaselineConstraints": "s3://lake/base/strict.json", )";
  make(quality_check(supplied));
  const std::string arn = run("Failed");
  EXPECT_THAT(*step(arn, "Check").FailureReason,
              HasSubstr("with 1 violations. See the violation report "
                        "s3://lake/out/constraint_violations.json"));
  EXPECT_EQ(checked(arn).BaselineUsedForDriftCheckConstraints, "s3://lake/base/strict.json");
  remake(quality_check(supplied + R"("FailOnViolation": false, )"));
  EXPECT_EQ(checked(run()).ViolationReport, "s3://lake/out/constraint_violations.json");
}

TEST_F(QualityCheckSteps, TakeTheBaselineOfTheGroupsNewestApprovedModel) {
  const auto add = [&](const std::string& constraints, const std::string& approval) {
    api::CreateModelPackageInput package{.ModelPackageGroupName = "Beers"};
    package.ModelApprovalStatus = approval;
    api::MetricsSource source;
    source.ContentType = "application/json";
    source.S3Uri = constraints;
    package.DriftCheckBaselines.emplace().ModelDataQuality.emplace().Constraints = source;
    create_model_package(*bench.sagemaker, bench.call, package);
  };
  create_model_package_group(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Beers"});
  const std::string named = R"("ModelPackageGroupName": "Beers", )";
  make(quality_check(named));
  EXPECT_THAT(*step(run("Failed"), "Check").FailureReason, HasSubstr("no baseline to check"));
  add("s3://lake/base/strict.json", "Approved");
  add("s3://lake/base/newer.json", "PendingManualApproval");
  EXPECT_THAT(*step(run("Failed"), "Check").FailureReason, HasSubstr("violation report"));
  EXPECT_EQ(checked(run("Failed")).ModelPackageGroupName, "Beers");
}

TEST_F(QualityCheckSteps, AreTakenFromTheCacheWhenNothingHasChanged) {
  make(quality_check(R"("SkipCheck": true, "RegisterNewBaseline": true,
                        "CacheConfig": {"Enabled": true, "ExpireAfter": "P30D"}, )"));
  const std::string first = run();
  const std::string again = run();
  EXPECT_EQ(step(again, "Check").CacheHitResult->SourcePipelineExecutionArn, first);
  EXPECT_EQ(checked(again).CheckJobArn, checked(first).CheckJobArn);
}

TEST_F(QualityCheckSteps, AreRefusedWithoutAKnownTypeOrProperty) {
  EXPECT_THAT(
      [&] {
        std::string text = quality_check("") + R"(, {"Name": "F", "Type": "Fail", "Arguments":
          {"ErrorMessage": {"Get": "Steps.Check.ExitMessage"}}})";
        text.replace(text.find("DATA_QUALITY"), 12, "TASTE");
        make(text);
      },
      testing::Throws<AwsError>(testing::Property(
          &AwsError::what,
          testing::AllOf(HasSubstr("no CheckType \"TASTE\""), HasSubstr("has no such property")))));
}

// Callback ---------------------------------------------------------------------------------------

constexpr const char* kCallback = R"(
  {"Name": "Wait", "Type": "Callback", "Arguments": {},
   "OutputParameters": [{"OutputName": "verdict", "OutputType": "String"}]},
  {"Name": "Judge", "Type": "Condition", "Arguments": {"Conditions": [
     {"Type": "Equals", "LeftValue": {"Get": "Steps.Wait.OutputParameters['verdict']"},
      "RightValue": "good"}]}})";

struct CallbackSteps : TestPipelines {
  CallbackSteps() { make(kCallback); }

  std::string begin() {
    const std::string arn = start();
    wait_for_step(arn, "Wait", "Executing");
    return arn;
  }
  std::string token(const std::string& arn) {
    return *step(arn, "Wait").Metadata->Callback->CallbackToken;
  }
  std::string succeed(const std::string& token, const std::string& verdict) {
    api::SendPipelineExecutionStepSuccessRequest request{.CallbackToken = token};
    request.OutputParameters = {{"verdict", verdict}};
    return *send_pipeline_execution_step_success(*bench.sagemaker, bench.call, request)
                .PipelineExecutionArn;
  }
};

TEST_F(CallbackSteps, WaitForWhoHasTheirToken) {
  const std::string arn = begin();
  EXPECT_THAT(token(arn), testing::MatchesRegex("[a-zA-Z0-9]{10}"));
  EXPECT_EQ(succeed(token(arn), "good"), arn);
  wait(arn, "Succeeded");
  EXPECT_EQ(step(arn, "Wait").Metadata->Callback->OutputParameters->at(0).Value, "good");
  EXPECT_EQ(step(arn, "Judge").Metadata->Condition->Outcome, "True");
}

TEST_F(CallbackSteps, FailWhenToldSo) {
  const std::string arn = begin();
  send_pipeline_execution_step_failure(*bench.sagemaker, bench.call,
                                       {.CallbackToken = token(arn), .FailureReason = "too sour"});
  wait(arn, "Failed");
  EXPECT_EQ(step(arn, "Wait").FailureReason, "too sour");
}

TEST_F(CallbackSteps, GoOnWaitingForTheSameTokenAfterTheEngineWasGone) {
  const std::string arn = begin();
  const std::string before = token(arn);
  bench.restart();
  EXPECT_EQ(token(arn), before);
  EXPECT_EQ(about(arn).PipelineExecutionStatus, "Executing");
  succeed(before, "bad");
  wait(arn, "Succeeded");
  EXPECT_EQ(step(arn, "Judge").Metadata->Condition->Outcome, "False");
  EXPECT_EQ(step(arn, "Wait").AttemptCount, 0);
}

TEST_F(CallbackSteps, TakeOneAnswer) {
  const std::string arn = begin();
  const std::string key = token(arn);
  EXPECT_THAT(bench.refusal([&] {
    send_pipeline_execution_step_success(*bench.sagemaker, bench.call, {.CallbackToken = key});
  }),
              HasSubstr("ValidationException: The step declares the output parameter \"verdict\""));
  succeed(key, "good");
  wait(arn, "Succeeded");
  EXPECT_EQ(succeed(key, "good"), arn);
  EXPECT_THAT(bench.refusal([&] { succeed(key, "bad"); }), HasSubstr("ConflictException"));
  EXPECT_THAT(bench.refusal([&] { succeed("0123456789", "good"); }), HasSubstr("ResourceNotFound"));
}

TEST_F(CallbackSteps, AreStoppedWithTheirExecution) {
  const std::string arn = begin();
  stop_pipeline_execution(*bench.sagemaker, bench.call, {.PipelineExecutionArn = arn});
  wait(arn, "Stopped");
  EXPECT_THAT(outcome(arn), ElementsAre("Wait Stopped"));
}

// Retries ----------------------------------------------------------------------------------------

TEST(Retries, WaitLongerEachTimeUntilTheyAreUsedUp) {
  using namespace std::chrono_literals;
  const base::Timestamp began{};
  pipelines::Step step;
  step.retries = {{.exceptions = {"Step.THROTTLING"}, .interval_seconds = 2, .max_attempts = 3},
                  {.exceptions = {"Step.SERVICE_FAULT"}, .expire_after_minutes = 1}};
  pipelines::Retries retries(step, began);
  EXPECT_EQ(retries.next("Step.THROTTLING", began), 2s);
  EXPECT_EQ(retries.next("Step.THROTTLING", began), 4s);
  EXPECT_EQ(retries.next("Step.THROTTLING", began), 8s);
  EXPECT_EQ(retries.next("Step.THROTTLING", began), std::nullopt);
  EXPECT_EQ(retries.next("Step.SERVICE_FAULT", began + 58s), 1s);
  EXPECT_EQ(retries.next("Step.SERVICE_FAULT", began + 59s), std::nullopt);
  EXPECT_EQ(retries.next("", began), std::nullopt);
}

TEST_F(LambdaSteps, AreTriedAgainAsTheirPolicySays) {
  int calls = 0;
  bench.function = [&](const std::string&, const std::string&) {
    if (++calls < 3) throw AwsError("TooManyRequestsException", "Rate Exceeded");
    return FunctionAnswer{"{}", ""};
  };
  make(R"({"Name": "Ask", "Type": "Lambda", "FunctionArn": "f",
           "RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 0,
                              "MaxAttempts": 2}]})");
  EXPECT_EQ(step(run(), "Ask").AttemptCount, 2);
  calls = -10;
  EXPECT_EQ(step(run("Failed"), "Ask").AttemptCount, 2);
}

// Transform and Tuning ---------------------------------------------------------------------------

TEST_F(TestPipelines, TransformWithTheModelTheyHaveMade) {
  bench.programs["model"] = BEER_BIN_DIR "/sagemaker_test_model";
  const std::string folder = bench.folder.path() + "/packed";
  std::filesystem::create_directories(folder);
  io::write_file(folder + "/model.txt", "m");
  pack_folder(folder, folder + ".tar.gz");
  bench.put("m.tar.gz", io::read_file(folder + ".tar.gz"));
  bench.put("batch/a.csv", "1");
  make(fmt::format(R"({{"Name": "Make-CreateModel", "Type": "Model", "Arguments": {{
      "ExecutionRoleArn": "{}", "PrimaryContainer": {{"Image": "model", "Environment": {{}},
      "ModelDataUrl": "s3://lake/m.tar.gz"}}}}}},
    {{"Name": "Score", "Type": "Transform", "CacheConfig": {{"Enabled": true}}, "Arguments": {{
      "ModelName": {{"Get": "Steps.Make-CreateModel.ModelName"}},
      "TransformInput": {{"ContentType": "text/csv", "DataSource": {{"S3DataSource":
        {{"S3DataType": "S3Prefix", "S3Uri": "s3://lake/batch"}}}}}},
      "TransformOutput": {{"S3OutputPath": "s3://lake/scored"}},
      "TransformResources": {{"InstanceCount": 1, "InstanceType": "ml.m5.large"}}}}}},
    {{"Name": "End", "Type": "Fail", "Arguments": {{"ErrorMessage":
      {{"Get": "Steps.Score.TransformOutput.S3OutputPath"}}}}}})",
                   kTestRole));
  const std::string arn = run("Failed");
  EXPECT_EQ(step(arn, "End").FailureReason, "s3://lake/scored");
  EXPECT_THAT(*step(arn, "Score").Metadata->TransformJob->Arn,
              HasSubstr("transform-job/pipelines-"));
  EXPECT_EQ(bench.get("scored/a.csv.out"), "m:1");
}

TEST_F(TestPipelines, TuneAndReferToTheBestJob) {
  bench.program("beer", R"sh(
    x=$(sed 's/.*"x":"\([^"]*\)".*/\1/' $root/input/config/hyperparameters.json)
    echo "loss=$x"; echo "$x" > $root/model/m)sh");
  make(fmt::format(R"json({{"Name": "Tune", "Type": "Tuning", "CacheConfig": {{"Enabled": true}},
    "Arguments": {{
      "HyperParameterTuningJobConfig": {{"Strategy": "Grid",
        "HyperParameterTuningJobObjective": {{"Type": "Minimize", "MetricName": "loss"}},
        "ResourceLimits": {{"MaxParallelTrainingJobs": 2}},
        "ParameterRanges": {{"CategoricalParameterRanges": [
          {{"Name": "x", "Values": ["7", "3", "5"]}}]}}}},
      "TrainingJobDefinition": {{"AlgorithmSpecification": {{"TrainingImage": "beer",
          "TrainingInputMode": "File", "MetricDefinitions": [
            {{"Name": "loss", "Regex": "loss=(.*)"}}]}},
        "RoleArn": "{}", "OutputDataConfig": {{"S3OutputPath": "s3://lake/tuned"}},
        "ResourceConfig": {{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
        "StoppingCondition": {{"MaxRuntimeInSeconds": 60}}}}}}}},
    {{"Name": "End", "Type": "Fail", "Arguments": {{"ErrorMessage": {{"Std:Join": {{"On": " ",
      "Values": [{{"Get": "Steps.Tune.BestTrainingJob.TunedHyperParameters['x']"}},
        {{"Get": "Steps.Tune.TrainingJobSummaries[1].TunedHyperParameters['x']"}}]}}}}}}}})json",
                   kTestRole));
  const std::string arn = run("Failed");
  EXPECT_EQ(step(arn, "End").FailureReason, "3 5") << step(arn, "Tune").FailureReason.value_or("");
  EXPECT_THAT(*step(arn, "Tune").Metadata->TuningJob->Arn,
              HasSubstr("hyper-parameter-tuning-job/"));
  EXPECT_TRUE(step(run("Failed"), "Tune").CacheHitResult);
}

// Conditions and their branches ------------------------------------------------------------------

TEST_F(TestPipelines, ChooseBranchesOfBranches) {
  make(R"({"Name": "Outer", "Type": "Condition", "Arguments": {
    "Conditions": [{"Type": "Not", "Expression": {"Type": "Or", "Conditions": [
      {"Type": "In", "QueryValue": {"Get": "Parameters.N"}, "Values": [1, 2]},
      {"Type": "GreaterThan", "LeftValue": {"Get": "Parameters.N"}, "RightValue": 9.5}]}}],
    "IfSteps": [{"Name": "Inner", "Type": "Condition", "Arguments": {
      "Conditions": [{"Type": "LessThan", "LeftValue": {"Get": "Parameters.N"}, "RightValue": 5}],
      "IfSteps": [)" +
           processing_step("Small", "") + R"(], "ElseSteps": [)" + processing_step("Middle", "") +
           R"(]}}],
    "ElseSteps": [{"Name": "Odd", "Type": "Fail", "Arguments": {"ErrorMessage":
      {"Std:Join": {"On": "=", "Values": ["N", {"Get": "Parameters.N"}]}}}}]}})",
       R"({"Name": "N", "Type": "Integer"})");
  const auto ends = [&](const char* n, const char* status) {
    const std::string arn = start_with("N", n);
    wait(arn, status);
    return outcome(arn);
  };
  EXPECT_THAT(ends("3", "Succeeded"),
              ElementsAre("Outer Succeeded", "Inner Succeeded", "Small Succeeded"));
  EXPECT_THAT(ends("7", "Succeeded"),
              ElementsAre("Outer Succeeded", "Inner Succeeded", "Middle Succeeded"));
  EXPECT_THAT(ends("10", "Failed"), ElementsAre("Outer Succeeded", "Odd Failed"));
}

TEST_F(TestPipelines, FailWhenAConditionComparesUnlikeThings) {
  bench.put("report.json", R"({"mae": "low"})");
  make(R"({"Name": "C", "Type": "Condition", "Arguments": {"Conditions": [{"Type": "LessThan",
    "LeftValue": {"Std:JsonGet": {"S3Uri": "s3://lake/report.json", "Path": "$.mae"}},
    "RightValue": 3}]}})");
  EXPECT_THAT(*step(run("Failed"), "C").FailureReason, HasSubstr("have no order"));
}

// Parallelism, selection, versions ---------------------------------------------------------------

TEST_F(TestPipelines, RunNoMoreStepsAtOnceThanTheirParallelismAllows) {
  std::atomic<int> at_once = 0, most = 0;
  std::mutex meeting;
  std::condition_variable met;
  int waiting = 0;
  bench.function = [&](const std::string&, const std::string&) {
    const int now = ++at_once;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    std::unique_lock lock(meeting);  // two at a time meet; one alone would wait for ever
    if (++waiting % 2 == 0) met.notify_all();
    const int mine = waiting;
    met.wait(lock, [&] { return waiting > mine || mine % 2 == 0; });
    --at_once;
    return FunctionAnswer{"{}", ""};
  };
  std::string steps;
  for (int i = 0; i < 8; ++i) {
    steps += fmt::format(R"({}{{"Name": "L{}", "Type": "Lambda", "FunctionArn": "f"}})",
                         i > 0 ? "," : "", i);
  }
  make(steps);
  api::StartPipelineExecutionRequest request;
  request.ParallelismConfiguration = api::ParallelismConfiguration{.MaxParallelExecutionSteps = 2};
  const std::string arn = start(request);
  wait(arn, "Succeeded");
  EXPECT_EQ(most, 2);
  EXPECT_EQ(about(arn).ParallelismConfiguration->MaxParallelExecutionSteps, 2);
}

constexpr const char* kOutput = R"("ProcessingOutputConfig": {"Outputs": [{"OutputName": "out",
  "S3Output": {"S3Uri": {"Std:Join": {"On": "/", "Values": ["s3://lake",
    {"Get": "Execution.PipelineExecutionId"}]}}, "LocalPath": "/opt/ml/processing/out",
    "S3UploadMode": "EndOfJob"}}]},)";
constexpr const char* kInputOfFirst = R"("ProcessingInputs": [{"InputName": "in", "S3Input": {
  "S3Uri": {"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"},
  "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}],)";

TEST_F(TestPipelines, RunTheSelectedStepsOnWhatAnEarlierExecutionMade) {
  bench.program("beer", R"(case $1 in first) echo beer > $root/processing/out/x ;;
                                      second) grep beer $root/processing/in/x ;; esac)");
  make(processing_step("First", "\"first\"", kOutput) + "," +
       processing_step("Second", "\"second\"", kInputOfFirst) + "," +
       processing_step("Third", "\"third\""));
  const std::string source = run();
  api::StartPipelineExecutionRequest request;
  request.SelectiveExecutionConfig.emplace();
  request.SelectiveExecutionConfig->SourcePipelineExecutionArn = source;
  request.SelectiveExecutionConfig->SelectedSteps = {{"Second"}};
  const std::string arn = start(request);
  wait(arn, "Succeeded");
  EXPECT_THAT(outcome(arn), ElementsAre("First Succeeded", "Second Succeeded"));
  EXPECT_EQ(step(arn, "First").SelectiveExecutionResult->SourcePipelineExecutionArn, source);
  EXPECT_EQ(step(arn, "First").Metadata->ProcessingJob->Arn,
            step(source, "First").Metadata->ProcessingJob->Arn);
  EXPECT_FALSE(step(arn, "Second").SelectiveExecutionResult);
  EXPECT_EQ(about(arn).SelectiveExecutionConfig->SelectedSteps[0].StepName, "Second");

  request.SelectiveExecutionConfig->SelectedSteps = {{"Fourth"}};
  EXPECT_THAT(bench.refusal([&] { start(request); }), HasSubstr("no step \"Fourth\""));
  request.SelectiveExecutionConfig->SelectedSteps = {{"Second"}};
  request.SelectiveExecutionConfig->SourcePipelineExecutionArn.reset();
  EXPECT_THAT(bench.refusal([&] { start(request); }), HasSubstr("needs \"First\""));
}

TEST_F(TestPipelines, HaveVersions) {
  make(processing_step("One", ""));
  remake(processing_step("Two", ""));
  update_pipeline_version(*bench.sagemaker, bench.call,
                          {.PipelineArn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p",
                           .PipelineVersionId = 1,
                           .PipelineVersionDisplayName = "first",
                           .PipelineVersionDescription = "the very first"});
  EXPECT_THAT(outcome(run()), ElementsAre("Two Succeeded"));
  api::StartPipelineExecutionRequest request;
  request.PipelineVersionId = 1;
  const std::string arn = start(request);
  wait(arn, "Succeeded");
  EXPECT_THAT(outcome(arn), ElementsAre("One Succeeded"));
  EXPECT_EQ(about(arn).PipelineVersionId, 1);
  const auto versions = *list_pipeline_versions(*bench.sagemaker, bench.call, {.PipelineName = "P"})
                             .PipelineVersionSummaries;
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].PipelineVersionId, 2);
  EXPECT_EQ(versions[1].PipelineVersionDisplayName, "first");
  EXPECT_EQ(versions[1].LastExecutionPipelineExecutionArn, arn);
  const auto first = describe_pipeline(*bench.sagemaker, bench.call,
                                       {.PipelineName = "P", .PipelineVersionId = 1});
  EXPECT_THAT(*first.PipelineDefinition, HasSubstr("\"One\""));
  EXPECT_EQ(first.PipelineVersionDescription, "the very first");
  request.PipelineVersionId = 7;
  EXPECT_THAT(bench.refusal([&] { start(request); }), HasSubstr("ResourceNotFound"));
}

TEST_F(TestPipelines, AreMadeOnceForOneToken) {
  api::CreatePipelineRequest request{.PipelineName = "Q",
                                     .PipelineDefinition = document(processing_step("One", ""))};
  request.RoleArn = kTestRole;
  request.ClientRequestToken = "a-token";
  const auto first = create_pipeline(*bench.sagemaker, bench.call, request);
  EXPECT_EQ(create_pipeline(*bench.sagemaker, bench.call, request).PipelineArn, first.PipelineArn);
  request.PipelineDescription = "another";
  EXPECT_THAT(bench.refusal([&] { create_pipeline(*bench.sagemaker, bench.call, request); }),
              HasSubstr("ConflictException"));
  request.ClientRequestToken = "b-token";
  EXPECT_THAT(bench.refusal([&] { create_pipeline(*bench.sagemaker, bench.call, request); }),
              HasSubstr("already exists"));
}

// The cache --------------------------------------------------------------------------------------

constexpr const char* kCached = R"("CacheConfig": {"Enabled": true, "ExpireAfter": "P30D"},)";
constexpr const char* kInput = R"("ProcessingInputs": [{"InputName": "in", "S3Input": {
  "S3Uri": "s3://lake/in/", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix",
  "S3InputMode": "File"}}],)";

struct StepCaches : TestPipelines {
  StepCaches() {
    bench.put("in/a", "one beer");
    bench.program("beer", "test ! -d $root/processing/out || echo $1 > $root/processing/out/x");
    define(R"("mild")");
  }
  void define(const std::string& words, const std::string& beside = kCached) {
    const std::string steps =
        processing_step("First", words, std::string(kInput) + kOutput, beside) + "," +
        processing_step("Second", "", kInputOfFirst, beside);
    bench.sagemaker->impl().pipelines.has("p") ? remake(steps) : make(steps);
  }
  std::vector<std::string> explained(const std::string& arn) {
    std::vector<std::string> lines;
    const auto told = boost::json::parse(bench.sagemaker->explanation(arn));
    for (const auto& step : told.at("Steps").as_array()) {
      const auto text = [](const boost::json::value& value, const char* name) {
        const auto* found = value.as_object().if_contains(name);
        return found != nullptr ? std::string(found->as_string()) : std::string("-");
      };
      std::string line = text(step, "Step") + " " + text(step, "Cache") + ": " + text(step, "Why");
      if (const auto* changes = step.as_object().if_contains("Changes")) {
        for (const auto& change : changes->as_array()) {
          line += "; " + text(change, "What") + " " + text(change, "Before").substr(0, 9) + " → " +
                  text(change, "After").substr(0, 9);
        }
      }
      lines.push_back(line);
    }
    return lines;
  }
};

TEST_F(StepCaches, TakeTheResultOfAnEarlierExecution) {
  const std::string first = run();
  EXPECT_FALSE(step(first, "First").CacheHitResult);
  EXPECT_THAT(explained(first), ElementsAre("First Miss: it has never succeeded before",
                                            "Second Miss: it has never succeeded before"));
  bench.restart();
  const std::string second = run();
  EXPECT_EQ(step(second, "First").CacheHitResult->SourcePipelineExecutionArn, first);
  EXPECT_EQ(step(second, "First").Metadata->ProcessingJob->Arn,
            step(first, "First").Metadata->ProcessingJob->Arn);
  EXPECT_EQ(step(second, "Second").CacheHitResult->SourcePipelineExecutionArn, first);
  EXPECT_EQ(step(run(), "Second").CacheHitResult->SourcePipelineExecutionArn, first);
  EXPECT_EQ(bench.sagemaker->impl().processing_jobs.all().size(), 2u);
}

TEST_F(StepCaches, SayWhatHasChanged) {
  run();
  define(R"("wild")");
  EXPECT_THAT(explained(run())[0],
              "First Miss: what it depends on has changed; "
              "AppSpecification.ContainerArguments[0] mild → wild");
  bench.put("in/b", "another");
  EXPECT_THAT(explained(run())[0],
              "First Miss: what it depends on has changed; "
              "Inputs.in 1 objects → 2 objects");
  bench.program("beer", "test ! -d $root/processing/out || echo $1 $1 > $root/processing/out/x");
  EXPECT_THAT(explained(run())[0],
              testing::StartsWith("First Miss: what it depends on has changed; Program.beer "));
  const std::string hit = run();
  EXPECT_THAT(explained(hit), ElementsAre("First Hit: nothing it depends on has changed",
                                          "Second Hit: nothing it depends on has changed"));
}

TEST_F(StepCaches, DontTrustOutputsThatAreNotThereAnyMore) {
  const std::string first = run();
  const std::string key = first.substr(first.rfind('/') + 1) + "/x";
  bench.put(key, "overwritten");
  EXPECT_THAT(explained(run())[0], HasSubstr("what the earlier run wrote is not there"));
}

TEST_F(StepCaches, MissWhenTheyAreOff) {
  define(R"("mild")", "");
  run();
  const std::string second = run();
  EXPECT_FALSE(step(second, "First").CacheHitResult);
  EXPECT_THAT(explained(second)[0], HasSubstr("First Off: its CacheConfig isn't enabled"));
}

TEST_F(StepCaches, BelongToTheirPipeline) {
  run();
  delete_pipeline(*bench.sagemaker, bench.call, {.PipelineName = "P"});
  define(R"("mild")");
  EXPECT_FALSE(step(run(), "First").CacheHitResult);
}

}  // namespace
}  // namespace engine::sagemaker
