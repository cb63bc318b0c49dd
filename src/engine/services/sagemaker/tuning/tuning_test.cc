// Tuning jobs whose programs are shell scripts, and the space they search.
#include "engine/services/sagemaker/testing.h"
#include "engine/services/sagemaker/tuning/search_space.h"

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

api::ParameterRanges numbers(const std::string& scale, const std::string& min,
                             const std::string& max) {
  return {.ContinuousParameterRanges =
              std::vector<api::ContinuousParameterRange>{{"x", min, max, scale}}};
}

/// The share of the points below `limit`.
double share_below(const SearchSpace& space, double limit) {
  std::mt19937_64 random(5);
  int below = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) below += std::stod(space.draw(random).at("x")) < limit ? 1 : 0;
  return static_cast<double>(below) / kDraws;
}

TEST(SearchSpace, DrawsByTheScaleOfARange) {
  EXPECT_NEAR(share_below({numbers("Linear", "1", "101"), "Random"}, 51), 0.5, 0.03);
  EXPECT_NEAR(share_below({numbers("Logarithmic", "0.01", "100"), "Random"}, 1), 0.5, 0.03);
  EXPECT_NEAR(share_below({numbers("ReverseLogarithmic", "0", "0.9999"), "Random"}, 0.99), 0.5,
              0.03);
}

TEST(SearchSpace, DrawsBothEndsOfAnIntegerRange) {
  const SearchSpace space(
      {.IntegerParameterRanges = std::vector<api::IntegerParameterRange>{{"x", "3", "5", {}}}},
      "Random");
  std::mt19937_64 random(1);
  std::map<std::string, int> seen;
  for (int i = 0; i < 3000; ++i) ++seen[space.draw(random).at("x")];
  ASSERT_EQ(seen.size(), 3u);
  for (const auto& [value, times] : seen) EXPECT_NEAR(times, 1000, 120) << value;
}

TEST(SearchSpace, RefusesRangesThatAreNone) {
  const auto refused = [](const api::ParameterRanges& ranges, const std::string& strategy) {
    try {
      const SearchSpace space(ranges, strategy);
    } catch (const AwsError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused(numbers("Linear", "a", "1"), "Random"), HasSubstr("\"a\" is not a number"));
  EXPECT_THAT(refused(numbers("Linear", "2", "1"), "Random"), HasSubstr("greater than MaxValue"));
  EXPECT_THAT(refused(numbers("Logarithmic", "0", "1"), "Random"), HasSubstr("greater than 0"));
  EXPECT_THAT(refused(numbers("ReverseLogarithmic", "0", "1"), "Random"), HasSubstr("below 1"));
  EXPECT_THAT(refused(numbers("Linear", "0", "1"), "Grid"), HasSubstr("categorical"));
  EXPECT_THAT(refused({}, "Random"), HasSubstr("at least one range"));
}

struct Tunings : testing::Test {
  Bench bench{{.create_wait = 60s, .stop_grace = 10s}};

  /// A job whose loss is its hyperparameter x.
  Tunings() {
    bench.program("image", R"sh(
      x=$(sed 's/.*"x":"\([^"]*\)".*/\1/' $root/input/config/hyperparameters.json)
      echo "loss=$x"; echo "$x" > $root/model/m)sh");
  }

  api::CreateHyperParameterTuningJobRequest request(const std::string& name) {
    api::CreateHyperParameterTuningJobRequest request{.HyperParameterTuningJobName = name};
    auto& config = request.HyperParameterTuningJobConfig;
    config.Strategy = "Random";
    config.HyperParameterTuningJobObjective =
        api::HyperParameterTuningJobObjective{.Type = "Minimize", .MetricName = "loss"};
    config.ResourceLimits = {.MaxNumberOfTrainingJobs = 4, .MaxParallelTrainingJobs = 2};
    config.ParameterRanges = numbers("Linear", "1", "9");
    config.RandomSeed = 7;
    auto& definition = request.TrainingJobDefinition.emplace();
    definition.AlgorithmSpecification = {
        .TrainingImage = "image",
        .TrainingInputMode = "File",
        .MetricDefinitions = std::vector<api::MetricDefinition>{{"loss", "loss=(\\S+)"}}};
    definition.RoleArn = "arn:aws:iam::123456789012:role/r";
    definition.OutputDataConfig.S3OutputPath = "s3://lake/models/";
    definition.ResourceConfig =
        api::ResourceConfig{.InstanceType = "ml.m5.large", .InstanceCount = 1};
    definition.StoppingCondition = {.MaxRuntimeInSeconds = 60};
    definition.StaticHyperParameters = std::map<std::string, std::string>{{"a", "b"}};
    return request;
  }
  api::DescribeHyperParameterTuningJobResponse about(const std::string& name) {
    return describe_hyper_parameter_tuning_job(*bench.sagemaker, bench.call,
                                               {.HyperParameterTuningJobName = name});
  }
  std::vector<api::HyperParameterTrainingJobSummary> jobs(const std::string& name) {
    return list_training_jobs_for_hyper_parameter_tuning_job(
               *bench.sagemaker, bench.call,
               {.HyperParameterTuningJobName = name, .SortBy = "Name", .SortOrder = "Ascending"})
        .TrainingJobSummaries;
  }
  api::DescribeHyperParameterTuningJobResponse tuned(
      const api::CreateHyperParameterTuningJobRequest& request) {
    create_hyper_parameter_tuning_job(*bench.sagemaker, bench.call, request);
    wait_for_end(request.HyperParameterTuningJobName);
    return about(request.HyperParameterTuningJobName);
  }
  void wait_for_end(const std::string& name) {
    bench.wait_for_event({"HyperParameter Tuning Job State Change",
                          "\"HyperParameterTuningJobName\":\"" + name + "\"",
                          "HyperParameterTuningEndTime"});
  }
};

TEST_F(Tunings, FindTheBestOfTheirTrainingJobs) {
  const auto tuning = tuned(request("Tune"));
  ASSERT_EQ(tuning.HyperParameterTuningJobStatus, "Completed") << tuning.FailureReason.value_or("");
  EXPECT_EQ(tuning.HyperParameterTuningJobArn,
            "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/tune");
  EXPECT_EQ(tuning.TrainingJobStatusCounters.Completed, 4);
  EXPECT_EQ(tuning.TrainingJobStatusCounters.InProgress, 0);
  EXPECT_EQ(tuning.ObjectiveStatusCounters.Succeeded, 4);
  const auto all = jobs("Tune");
  ASSERT_EQ(all.size(), 4u);
  const auto& best = *tuning.BestTrainingJob;
  for (const auto& job : all) {
    EXPECT_THAT(job.TrainingJobName, MatchesRegex("Tune-00[1-4]-[0-9a-f]{8}"));
    EXPECT_EQ(job.ObjectiveStatus, "Succeeded");
    const auto& metric = *job.FinalHyperParameterTuningJobObjectiveMetric;
    EXPECT_FLOAT_EQ(metric.Value, std::stod(job.TunedHyperParameters.at("x")));
    EXPECT_LE(best.FinalHyperParameterTuningJobObjectiveMetric->Value, metric.Value);
    const auto training = describe_training_job(*bench.sagemaker, bench.call,
                                                {.TrainingJobName = job.TrainingJobName});
    EXPECT_EQ(training.TuningJobArn, tuning.HyperParameterTuningJobArn);
    EXPECT_EQ(training.HyperParameters->at("a"), "b");
  }
}

TEST_F(Tunings, DrawTheSamePointsForTheSameSeed) {
  tuned(request("One"));
  tuned(request("Two"));
  const auto one = jobs("One"), two = jobs("Two");
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(one[i].TunedHyperParameters, two[i].TunedHyperParameters);
  }
}

TEST_F(Tunings, TryEveryPointOfAGrid) {
  auto wanted = request("Grid");
  auto& config = wanted.HyperParameterTuningJobConfig;
  config.Strategy = "Grid";
  config.ResourceLimits.MaxNumberOfTrainingJobs.reset();
  config.ParameterRanges = api::ParameterRanges{
      .CategoricalParameterRanges =
          std::vector<api::CategoricalParameterRange>{{"x", {"3", "2"}}, {"y", {"p", "q"}}}};
  const auto tuning = tuned(wanted);
  EXPECT_EQ(tuning.HyperParameterTuningJobStatus, "Completed");
  std::set<Point> points;
  for (const auto& job : jobs("Grid")) points.insert(job.TunedHyperParameters);
  EXPECT_EQ(points.size(), 4u);
  EXPECT_EQ(tuning.BestTrainingJob->TunedHyperParameters.at("x"), "2");
}

TEST_F(Tunings, FailWhenNoTrainingJobSucceeds) {
  bench.program("image", "exit 1");
  auto wanted = request("t");
  wanted.HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs = 20;
  const auto tuning = tuned(wanted);
  EXPECT_EQ(tuning.HyperParameterTuningJobStatus, "Failed");
  EXPECT_THAT(*tuning.FailureReason, HasSubstr("No training job succeeded after"));
  EXPECT_LT(jobs("t").size(), 9u);
}

TEST_F(Tunings, EndWhenTheTargetIsReached) {
  auto wanted = request("t");
  wanted.HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs = 100;
  wanted.HyperParameterTuningJobConfig.TuningJobCompletionCriteria.emplace()
      .TargetObjectiveMetricValue = 8.9;
  EXPECT_EQ(tuned(wanted).HyperParameterTuningJobStatus, "Completed");
  EXPECT_LT(jobs("t").size(), 30u);
}

TEST_F(Tunings, StopTheirTrainingJobsWhenTheyAreStopped) {
  bench.program("image", "while :; do sleep 0.01; done");
  create_hyper_parameter_tuning_job(*bench.sagemaker, bench.call, request("t"));
  bench.wait_for_event({"Training Job State Change", "t-001"});
  stop_hyper_parameter_tuning_job(*bench.sagemaker, bench.call,
                                  {.HyperParameterTuningJobName = "t"});
  wait_for_end("t");
  EXPECT_EQ(about("t").HyperParameterTuningJobStatus, "Stopped");
  for (const auto& job : jobs("t")) EXPECT_EQ(job.TrainingJobStatus, "Stopped");
  EXPECT_THAT(bench.refusal([&] {
    stop_hyper_parameter_tuning_job(*bench.sagemaker, bench.call,
                                    {.HyperParameterTuningJobName = "t"});
  }),
              HasSubstr("in status Stopped"));
}

TEST_F(Tunings, StopATrainingJobThatIsWorseThanMost) {
  // The hopeless one shows its loss and then would go on for ever.
  bench.program("image", R"sh(
      x=$(sed 's/.*"x":"\([^"]*\)".*/\1/' $root/input/config/hyperparameters.json)
      echo "loss=$x"; [ "$x" != 99 ] || while :; do sleep 0.01; done)sh");
  auto wanted = request("t");
  auto& config = wanted.HyperParameterTuningJobConfig;
  config.Strategy = "Grid";
  config.TrainingJobEarlyStoppingType = "Auto";
  config.ResourceLimits.MaxNumberOfTrainingJobs.reset();
  config.ParameterRanges = api::ParameterRanges{
      .CategoricalParameterRanges =
          std::vector<api::CategoricalParameterRange>{{"x", {"1", "2", "3", "99"}}}};
  const auto tuning = tuned(wanted);
  EXPECT_EQ(tuning.HyperParameterTuningJobStatus, "Completed");
  EXPECT_EQ(tuning.TrainingJobStatusCounters.Stopped, 1);
  EXPECT_EQ(tuning.ObjectiveStatusCounters.Succeeded, 4);
  EXPECT_EQ(tuning.BestTrainingJob->TunedHyperParameters.at("x"), "1");
}

TEST_F(Tunings, GoOnAfterARestart) {
  bench.program("image",
                R"(echo up; while [ ! -e )" + bench.folder.path() + R"(/go ]; do sleep 0.01; done
      echo loss=1)");
  create_hyper_parameter_tuning_job(*bench.sagemaker, bench.call, request("t"));
  bench.wait_for_event({"Training Job State Change", "t-001"});
  bench.restart();
  io::write_file(bench.folder.path() + "/go", "");
  wait_for_end("t");
  const auto tuning = about("t");
  EXPECT_EQ(tuning.HyperParameterTuningJobStatus, "Completed");
  const auto all = jobs("t");
  ASSERT_EQ(all.size(), 4u);
  std::set<Point> points;
  for (const auto& job : all) points.insert(job.TunedHyperParameters);
  EXPECT_EQ(points.size(), 4u);
}

TEST_F(Tunings, AreRefusedForWhatCantBe) {
  const auto refused = [&](auto change) {
    auto wanted = request("t");
    change(wanted);
    return bench.refusal(
        [&] { create_hyper_parameter_tuning_job(*bench.sagemaker, bench.call, wanted); });
  };
  EXPECT_EQ(refused([](auto& r) { r.HyperParameterTuningJobConfig.Strategy = "Bayesian"; }),
            "ValidationException: The strategy Bayesian is not supported, use Random or Grid.");
  EXPECT_EQ(refused([](auto& r) { r.WarmStartConfig.emplace(); }),
            "ValidationException: WarmStartConfig is not supported.");
  EXPECT_THAT(refused([](auto& r) {
                r.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective->MetricName = "no";
              }),
              HasSubstr("The objective metric for the hyperparameter tuning job, no, isn't valid"));
  EXPECT_THAT(
      refused([](auto& r) { (*r.TrainingJobDefinition->StaticHyperParameters)["x"] = "1"; }),
      HasSubstr("both static and tuned"));
  EXPECT_THAT(refused([](auto& r) {
                r.HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs.reset();
              }),
              HasSubstr("MaxNumberOfTrainingJobs is required"));
  EXPECT_THAT(bench.refusal([&] { about("none"); }), HasSubstr("ResourceNotFound"));
}

}  // namespace
}  // namespace engine::sagemaker
