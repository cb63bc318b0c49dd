// What the containers of jobs find: pipes, shards, several hosts, checkpoints.
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/jobs/test_requests.h"
#include "engine/services/sagemaker/testing.h"

#include <filesystem>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct Runs : testing::Test {
  Bench bench{{.create_wait = 60s, .sync_every = 5ms, .stop_grace = 10s}};
  Runs() {
    bench.put("in/a.csv", "a\n");
    bench.put("in/b.csv", "b\n");
    bench.put("in/c.csv", "c\n");
  }

  api::DescribeTrainingJobResponse about(const std::string& name) {
    return describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = name});
  }
  api::DescribeTrainingJobResponse trained(const api::CreateTrainingJobRequest& request) {
    create_training_job(*bench.sagemaker, bench.call, request);
    return about(request.TrainingJobName);
  }
  /// A file of the job's model.
  std::string model(const std::string& job, const std::string& file) {
    const std::string archive = bench.folder.path() + "/" + job + ".tar.gz";
    io::write_file(archive, bench.get("models/" + job + "/output/model.tar.gz"));
    unpack_into(archive, archive + ".d");
    return io::read_file(archive + ".d/" + file);
  }
  std::string refused(const api::CreateTrainingJobRequest& request) {
    return bench.refusal([&] { create_training_job(*bench.sagemaker, bench.call, request); });
  }
};

TEST_F(Runs, PipesGiveTheDataOfEachEpochAnew) {
  bench.program("image", R"(
    cat $root/input/data/train_0 > $root/model/first
    cat $root/input/data/train_1 > $root/model/second
    grep -q '"TrainingInputMode":"Pipe"' $root/input/config/inputdataconfig.json)");
  auto request = training("t", "image");
  request.AlgorithmSpecification->TrainingInputMode = "Pipe";
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(model("t", "first"), "a\nb\nc\n");
  EXPECT_EQ(model("t", "second"), "a\nb\nc\n");
}

TEST_F(Runs, PipesUnpackAndFrameAndShuffle) {
  bench.program("image", R"(
    mkfifo_left=$(ls $root/input/data | grep -c train_)
    cat $root/input/data/train_0 > $root/model/first; test $mkfifo_left = 1)");
  const std::string plain = bench.folder.path() + "/plain", packed = plain + ".gz";
  io::write_file(plain, "hello");
  ASSERT_EQ(std::system(("gzip -k " + plain).c_str()), 0);
  bench.put("gz/x.gz", io::read_file(packed));
  auto request = training("t", "image");
  auto& channel = request.InputDataConfig->at(0);
  channel.InputMode = "Pipe";
  channel.CompressionType = "Gzip";
  channel.RecordWrapperType = "RecordIO";
  channel.ShuffleConfig = api::ShuffleConfig{.Seed = 3};
  channel.DataSource.S3DataSource->S3Uri = "s3://lake/gz/";
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(model("t", "first"), std::string("\x0a\x23\xd7\xce\x05\0\0\0hello\0\0\0", 16));
}

TEST_F(Runs, ShardsGoToHostsThatKnowEachOther) {
  bench.program("image", R"sh(
    host=$(sed 's/.*"current_host":"\([a-z0-9-]*\)".*/\1/' $root/input/config/resourceconfig.json)
    grep -q '"hosts":\["algo-1","algo-2"\]' $root/input/config/resourceconfig.json
    ls $root/input/data/train > $root/model/$host; echo $host > $root/model/shared)sh");
  auto request = training("t", "image");
  request.ResourceConfig->InstanceCount = 2;
  request.InputDataConfig->at(0).DataSource.S3DataSource->S3DataDistributionType = "ShardedByS3Key";
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(model("t", "algo-1"), "a.csv\nc.csv\n");
  EXPECT_EQ(model("t", "algo-2"), "b.csv\n");
  EXPECT_EQ(model("t", "shared"), "algo-1\n");
  EXPECT_TRUE(std::filesystem::is_empty(bench.folder.path() + "/jobs"));
}

TEST_F(Runs, AHostThatFailsEndsTheOthers) {
  bench.program("image", R"(
    grep -q '"current_host":"algo-2"' $root/input/config/resourceconfig.json && exit 3
    while :; do sleep 0.01; done)");
  auto request = training("t", "image");
  request.ResourceConfig->InstanceCount = 2;
  const auto job = trained(request);
  EXPECT_EQ(job.TrainingJobStatus, "Failed");
  EXPECT_THAT(*job.FailureReason, HasSubstr("exit code: 3"));
}

TEST_F(Runs, HostsFindEachOtherByName) {
  bench.program("image", R"sh(
    if [ -n "$SM_ML_ROOT" ]; then echo "no namespaces" > $root/model/names; exit 0; fi
    getent hosts algo-1 algo-2 | sed 's/[[:space:]][[:space:]]*/ /g' > $root/model/names)sh");
  auto request = training("t", "image");
  request.ResourceConfig->InstanceCount = 2;
  request.OutputDataConfig.CompressionType = "NONE";
  ASSERT_EQ(trained(request).TrainingJobStatus, "Completed");
  const std::string names = bench.get("models/t/output/model/names");
  if (names == "no namespaces\n") GTEST_SKIP() << "no mount namespace may be made here";
  EXPECT_THAT(names, testing::MatchesRegex("127\\.[0-9.]+\\.1 algo-1\n127\\.[0-9.]+\\.2 algo-2\n"));
}

TEST_F(Runs, InstanceGroupsHaveChannelsOfTheirOwn) {
  bench.program("image", R"sh(
    config=$root/input/config
    host=$(sed 's/.*"current_host":"\([a-z0-9-]*\)".*/\1/' $config/resourceconfig.json)
    group=$(sed 's/.*"current_group_name":"\([a-z]*\)".*/\1/' $config/resourceconfig.json)
    type=$(sed 's/.*"current_instance_type":"\([a-z0-9.]*\)".*/\1/' $config/resourceconfig.json)
    echo $group $type $(ls $root/input/data) $(ls $root/input/data/large 2>/dev/null) \
      $(grep -c '"large"' $config/inputdataconfig.json) > $root/model/$host)sh");
  auto request = training("t", "image");
  request.OutputDataConfig.CompressionType = "NONE";
  request.ResourceConfig = api::ResourceConfig{};
  request.ResourceConfig->InstanceGroups = std::vector<api::InstanceGroup>{
      {"ml.m5.large", 1, "readers"}, {"ml.c5.large", 2, "learners"}};
  auto channel = request.InputDataConfig->at(0);
  channel.ChannelName = "large";
  channel.DataSource.S3DataSource->InstanceGroupNames = std::vector<std::string>{"learners"};
  channel.DataSource.S3DataSource->S3DataDistributionType = "ShardedByS3Key";
  request.InputDataConfig->push_back(channel);
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(bench.get("models/t/output/model/algo-1"), "readers ml.m5.large train 0\n");
  EXPECT_EQ(bench.get("models/t/output/model/algo-2"),
            "learners ml.c5.large large train a.csv c.csv 1\n");
  EXPECT_EQ(bench.get("models/t/output/model/algo-3"),
            "learners ml.c5.large large train b.csv 1\n");
  request.TrainingJobName = "u";
  request.InputDataConfig->at(1).DataSource.S3DataSource->InstanceGroupNames->at(0) = "others";
  EXPECT_THAT(bench.refusal([&] { create_training_job(*bench.sagemaker, bench.call, request); }),
              HasSubstr("there is no instance group \"others\""));
  request.ResourceConfig->InstanceCount = 1;
  EXPECT_THAT(bench.refusal([&] { create_training_job(*bench.sagemaker, bench.call, request); }),
              HasSubstr("either InstanceGroups or"));
}

TEST_F(Runs, AugmentedManifestsArePipedAttributeByAttribute) {
  bench.program("image", "cat $root/input/data/train_0 > $root/model/seen");
  bench.put("list.jsonl", "{\"beer-ref\":\"s3://lake/in/a.csv\",\"ibu\":40,\"style\":\"ale\"}\n"
                          "{\"beer-ref\":\"s3://lake/in/b.csv\",\"ibu\":{\"x\":1},\"style\":\"-\"}\n");
  auto request = training("t", "image");
  request.OutputDataConfig.CompressionType = "NONE";
  auto& channel = request.InputDataConfig->at(0);
  channel.DataSource.S3DataSource->S3DataType = "AugmentedManifestFile";
  channel.DataSource.S3DataSource->S3Uri = "s3://lake/list.jsonl";
  const auto refusal = [&] {
    return bench.refusal([&] { create_training_job(*bench.sagemaker, bench.call, request); });
  };
  EXPECT_THAT(refusal(), HasSubstr("needs the input mode Pipe"));
  channel.InputMode = "Pipe";
  EXPECT_THAT(refusal(), HasSubstr("needs AttributeNames"));
  channel.DataSource.S3DataSource->AttributeNames =
      std::vector<std::string>{"style", "beer-ref", "ibu"};
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(bench.get("models/t/output/model/seen"),
            "ale" + bench.get("in/a.csv") + "40-" + bench.get("in/b.csv") + "{\"x\":1}");
  request.TrainingJobName = "u";
  channel.DataSource.S3DataSource->AttributeNames = std::vector<std::string>{"colour"};
  EXPECT_THAT(*trained(request).FailureReason, HasSubstr("has no attribute colour in line 1"));
}

TEST_F(Runs, ProcessingHasShardsAndHostsToo) {
  bench.program("image", R"sh(
    host=$(sed 's/.*"current_host":"\([a-z0-9-]*\)".*/\1/' $root/config/resourceconfig.json)
    ls $root/processing/in > $root/processing/out/$host)sh");
  auto request = processing("p", "image");
  request.ProcessingResources.ClusterConfig.InstanceCount = 3;
  request.ProcessingInputs->at(0).S3Input->S3DataDistributionType = "ShardedByS3Key";
  create_processing_job(*bench.sagemaker, bench.call, request);
  const auto job =
      describe_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "p"});
  ASSERT_EQ(job.ProcessingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(bench.get("out/algo-1"), "a.csv\n");
  EXPECT_EQ(bench.get("out/algo-3"), "c.csv\n");
}

TEST_F(Runs, ContinuousOutputsAppearWhileTheProgramRuns) {
  const std::string go = bench.folder.path() + "/go";
  bench.program("image", "echo half > $root/processing/out/early; while [ ! -e " + go +
                             " ]; do sleep 0.01; done");
  auto request = processing("p", "image");
  request.ProcessingOutputConfig->Outputs[0].S3Output->S3UploadMode = "Continuous";
  bench.settings.create_wait = 0s;
  bench.restart();
  create_processing_job(*bench.sagemaker, bench.call, request);
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (bench.get("out/early") != "half\n" && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(describe_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "p"})
                .ProcessingJobStatus,
            "InProgress");
  io::write_file(go, "");
  bench.wait_for_event({"Processing Job State Change", "Completed"});
}

TEST_F(Runs, ModelsNeedNoArchive) {
  bench.program("image", "echo m > $root/model/m; echo d > $root/output/data/d");
  auto request = training("t", "image");
  request.OutputDataConfig.CompressionType = "NONE";
  const auto job = trained(request);
  EXPECT_EQ(job.ModelArtifacts.S3ModelArtifacts, "s3://lake/models/t/output/model/");
  EXPECT_EQ(bench.get("models/t/output/model/m"), "m\n");
  EXPECT_EQ(bench.get("models/t/output/data/d"), "d\n");
}

TEST_F(Runs, CheckpointsGoToS3AndComeBack) {
  bench.put("ckpt/old", "before\n");
  bench.put("ckpt-other/x", "not ours\n");
  bench.program("image", R"sh(
    cat $root/checkpoints/old; test "$(ls $root/checkpoints)" = old
    echo after > $root/checkpoints/new)sh");
  auto request = training("t", "image");
  request.CheckpointConfig = api::CheckpointConfig{.S3Uri = "s3://lake/ckpt"};
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(bench.get("ckpt/new"), "after\n");
}

TEST_F(Runs, SpotJobsGoOnFromTheirCheckpointsAfterACrash) {
  bench.program("image", R"(
    if [ -e $root/checkpoints/half ]; then cp $root/checkpoints/half $root/model/m; exit 0; fi
    echo half > $root/checkpoints/half; while :; do sleep 0.01; done)");
  auto request = training("t", "image");
  request.CheckpointConfig = api::CheckpointConfig{.S3Uri = "s3://lake/ckpt"};
  request.EnableManagedSpotTraining = true;
  request.StoppingCondition->MaxWaitTimeInSeconds = 60;
  bench.settings.create_wait = 0s;
  bench.restart();
  create_training_job(*bench.sagemaker, bench.call, request);
  while (bench.get("ckpt/half") != "half\n") std::this_thread::yield();
  bench.restart();
  bench.wait_for_event({"Training Job State Change", R"("TrainingJobStatus":"Completed")"});
  EXPECT_EQ(model("t", "m"), "half\n");
  std::vector<std::string> path;
  const auto job = about("t");
  for (const auto& transition : *job.SecondaryStatusTransitions) {
    path.push_back(transition.Status);
  }
  EXPECT_THAT(path, ElementsAre("Starting", "Downloading", "Training", "Interrupted", "Starting",
                                "Downloading", "Training", "Uploading", "Completed"));
}

TEST_F(Runs, AreRefusedForWhatCantBe) {
  const auto changed = [&](auto change) {
    auto request = training("t", "image");
    change(request);
    return refused(request);
  };
  EXPECT_EQ(changed([](auto& r) { r.EnableManagedSpotTraining = true; }),
            "ValidationException: Invalid MaxWaitTimeInSeconds. It must be present and be greater "
            "than or equal to MaxRuntimeInSeconds.");
  EXPECT_THAT(changed([](auto& r) { r.StoppingCondition->MaxWaitTimeInSeconds = 90; }),
              HasSubstr("EnableManagedSpotTraining is false"));
  EXPECT_THAT(changed([](auto& r) { r.ResourceConfig->InstanceCount = 9; }),
              HasSubstr("ResourceLimitExceeded: The job asks for 9 instances"));
  EXPECT_THAT(changed([](auto& r) {
                r.InputDataConfig->at(0).DataSource.S3DataSource->S3DataType =
                    "Converse";
              }),
              HasSubstr("S3DataType Converse is not supported"));
  EXPECT_THAT(changed([](auto& r) { r.InputDataConfig->at(0).RecordWrapperType = "RecordIO"; }),
              HasSubstr("needs the input mode Pipe"));
  EXPECT_THAT(changed([](auto& r) {
                r.CheckpointConfig =
                    api::CheckpointConfig{.S3Uri = "s3://lake/c", .LocalPath = "/tmp/c"};
              }),
              HasSubstr("must be below /opt/ml"));
}

TEST_F(Runs, MetricsGoToCloudWatchAsTheyAreSeen) {
  std::vector<std::string> seen;
  bench.context.meter = Meter([&](const Measurement& m) {
    seen.push_back(
        fmt::format("{} {} {}={} {}", m.name_space, m.metric, m.dimension, m.resource, m.value));
  });
  bench.program("image", R"(printf '[0]\tvalidation-mae:9.5\n[1]\tvalidation-mae:8.25\n')");
  auto request = training("t", "image");
  request.AlgorithmSpecification->MetricDefinitions =
      std::vector<api::MetricDefinition>{{"validation:mae", "validation-mae:(\\S+)"}};
  trained(request);
  EXPECT_THAT(seen,
              ElementsAre("/aws/sagemaker/TrainingJobs validation:mae TrainingJobName=t 9.5",
                          "/aws/sagemaker/TrainingJobs validation:mae TrainingJobName=t 8.25"));
}

}  // namespace
}  // namespace engine::sagemaker
