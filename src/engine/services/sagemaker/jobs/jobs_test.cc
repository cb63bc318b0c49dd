// Jobs whose programs are shell scripts, through the operations.
#include "engine/jobs/control_groups.h"
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/jobs/test_requests.h"
#include "engine/services/sagemaker/testing.h"

#include <filesystem>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct Jobs : testing::Test {
  Bench bench{{.create_wait = 60s, .stop_grace = 10s}};
  Jobs() { bench.put("in/deep/beer.csv", "ibu\n40\n"); }

  api::DescribeProcessingJobResponse processed(const api::CreateProcessingJobRequest& request) {
    create_processing_job(*bench.sagemaker, bench.call, request);
    return describe_processing_job(*bench.sagemaker, bench.call,
                                   {.ProcessingJobName = request.ProcessingJobName});
  }
  api::DescribeTrainingJobResponse trained(const api::CreateTrainingJobRequest& request) {
    create_training_job(*bench.sagemaker, bench.call, request);
    return describe_training_job(*bench.sagemaker, bench.call,
                                 {.TrainingJobName = request.TrainingJobName});
  }
};

TEST_F(Jobs, ProcessingTakesItsInputsAndLeavesItsOutputs) {
  bench.program("image", R"(
    test "$1" = go; test "$COLOUR" = amber; test "$OMP_NUM_THREADS" = 1; test -n "$AWS_ENDPOINT_URL"
    grep -q '"ProcessingJobArn"' $root/config/processingjobconfig.json
    mkdir $root/processing/out/sub
    cp $root/processing/in/deep/beer.csv $root/processing/out/sub/
    echo spoiled > $root/processing/in/deep/beer.csv
    ln -s /etc/passwd $root/processing/out/link
    mkdir -p $root/output; echo "all beers seen" > $root/output/message)");
  auto request = processing("Prep", "image");
  request.Environment = std::map<std::string, std::string>{{"COLOUR", "amber"}};
  const auto job = processed(request);
  EXPECT_EQ(job.ProcessingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(job.ProcessingJobArn, "arn:aws:sagemaker:us-east-1:123456789012:processing-job/prep");
  EXPECT_EQ(job.ExitMessage, "all beers seen");
  EXPECT_EQ(bench.get("out/sub/beer.csv"), "ibu\n40\n");
  EXPECT_EQ(bench.get("in/deep/beer.csv"), "ibu\n40\n") << "a job must not write into the lake";
  EXPECT_EQ(bench.get("out/link"), "(nothing)");
  EXPECT_TRUE(std::filesystem::is_empty(bench.folder.path() + "/jobs"));
}

TEST_F(Jobs, TrainingLeavesItsModelAndItsMetrics) {
  bench.program("image", R"(
    test "$1" = train; test "$TRAINING_JOB_NAME" = Learn
    grep -q '{"depth":"4"}' $root/input/config/hyperparameters.json
    grep -q '"ContentType":"text/csv"' $root/input/config/inputdataconfig.json
    printf '[0]\tvalidation-mae:9.5\n[1]\tvalidation-mae:8.25\n'
    cp $root/input/data/train/deep/beer.csv $root/model/model.csv)");
  auto request = training("Learn", "image");
  request.AlgorithmSpecification->MetricDefinitions =
      std::vector<api::MetricDefinition>{{"mae", ".*\\[[0-9]+\\].*validation-mae:(\\S+)"},
                                         {"old", ".*\\[[0-9]+\\]#011validation-mae:(\\S+)"},
                                         {"never", "rmse:(\\S+)"}};
  const auto job = trained(request);
  ASSERT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(job.ModelArtifacts.S3ModelArtifacts, "s3://lake/models/Learn/output/model.tar.gz");
  ASSERT_EQ(job.FinalMetricDataList->size(), 2u);
  EXPECT_EQ(job.FinalMetricDataList->at(0).Value, 8.25);
  EXPECT_EQ(job.FinalMetricDataList->at(1).Value, 8.25);
  std::vector<std::string> path;
  for (const auto& transition : *job.SecondaryStatusTransitions) {
    path.push_back(transition.Status);
    EXPECT_TRUE(transition.EndTime);
  }
  EXPECT_THAT(path, ElementsAre("Starting", "Downloading", "Training", "Uploading", "Completed"));
  const std::string archive = bench.folder.path() + "/model.tar.gz";
  io::write_file(archive, bench.get("models/Learn/output/model.tar.gz"));
  unpack_into(archive, bench.folder.path() + "/unpacked");
  EXPECT_EQ(io::read_file(bench.folder.path() + "/unpacked/model.csv"), "ibu\n40\n");
}

TEST_F(Jobs, TellTheProgramTheImagesOwnWordsFirst) {
  bench.program("image", R"(echo "$@" > $root/model/words)");
  bench.words["image"] = {"xgboost"};
  const auto words = [&](const api::CreateTrainingJobRequest& request) {
    const auto job = trained(request);
    EXPECT_EQ(job.TrainingJobStatus, "Completed") << job.FailureReason.value_or("");
    const std::string archive = bench.folder.path() + "/" + request.TrainingJobName;
    io::write_file(archive,
                   bench.get("models/" + request.TrainingJobName + "/output/model.tar.gz"));
    unpack_into(archive, archive + ".d");
    return io::read_file(archive + ".d/words");
  };
  EXPECT_EQ(words(training("plain", "image")), "xgboost train\n");
  // As with Docker, an entrypoint of the job takes the place of the image's.
  auto request = training("own", "image");
  request.AlgorithmSpecification->ContainerEntrypoint = std::vector<std::string>{"/program", "go"};
  EXPECT_EQ(words(request), "go\n");
}

TEST_F(Jobs, GiveTheSameModelBytesForTheSameModel) {
  bench.program("image",
                "echo beer > $root/model/a; mkdir $root/model/d; echo b > $root/model/d/b");
  trained(training("one", "image"));
  trained(training("two", "image"));
  EXPECT_EQ(bench.get("models/one/output/model.tar.gz"),
            bench.get("models/two/output/model.tar.gz"));
}

TEST_F(Jobs, FailWithTheReasonTheProgramWroteDown) {
  bench.program("image", "mkdir -p $root/output; echo 'no hops' > $root/output/failure; exit 2");
  const auto job = trained(training("t", "image"));
  EXPECT_EQ(job.TrainingJobStatus, "Failed");
  EXPECT_EQ(job.SecondaryStatus, "Failed");
  EXPECT_EQ(job.FailureReason, "AlgorithmError: no hops, exit code: 2");
  EXPECT_EQ(bench.get("models/t/output/model.tar.gz"), "(nothing)");
}

TEST_F(Jobs, FailWithTheLastLineWhenNothingWasWrittenDown) {
  bench.program("image", "echo starting; echo 'out of yeast' >&2; exit 1");
  EXPECT_EQ(processed(processing("p", "image")).FailureReason,
            "AlgorithmError: out of yeast, exit code: 1");
}

TEST_F(Jobs, FailWhenTheProgramPutsALinkInTheWayOfItsOutputs) {
  io::write_file(bench.folder.path() + "/precious", "kept");
  bench.program("image", "rmdir $root/processing/out; ln -s " + bench.folder.path() +
                             " $root/processing/out");
  EXPECT_THAT(*processed(processing("p", "image")).FailureReason,
              HasSubstr("ClientError: The program left no folder at /opt/ml/processing/out"));
  EXPECT_EQ(io::read_file(bench.folder.path() + "/precious"), "kept");
}

TEST_F(Jobs, FailClearlyWithoutAProgramOrData) {
  EXPECT_THAT(*processed(processing("a", "unknown:1")).FailureReason,
              HasSubstr("No local program stands for the image \"unknown:1\""));
  bench.program("image", "true");
  auto request = processing("b", "image");
  request.ProcessingInputs->at(0).S3Input->S3Uri = "s3://lake/empty/";
  EXPECT_THAT(*processed(request).FailureReason, HasSubstr("No S3 objects found"));
  request = processing("c", "image");
  request.ProcessingInputs->at(0).S3Input->S3Uri = "s3://nowhere/x";
  EXPECT_THAT(*processed(request).FailureReason, HasSubstr("NoSuchBucket"));
  bench.program("writer", "echo x > $root/processing/out/x");
  request = processing("d", "writer");
  request.ProcessingOutputConfig->Outputs[0].S3Output->S3Uri = "s3://nowhere/x";
  const auto job = processed(request);
  EXPECT_EQ(job.ProcessingJobStatus, "Failed");
  EXPECT_THAT(*job.FailureReason, HasSubstr("Data upload failed: NoSuchBucket"));
}

TEST_F(Jobs, AreStoppedAndKeepTheModelTheyHad) {
  bench.settings.create_wait = 0s;
  bench.restart();
  bench.program("image", "echo early > $root/model/m; echo up; while :; do sleep 0.01; done");
  create_training_job(*bench.sagemaker, bench.call, training("t", "image"));
  while (describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"})
             .SecondaryStatus != "Training") {
    std::this_thread::yield();
  }
  stop_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"});
  bench.wait_for_event({"Training Job State Change", R"("TrainingJobStatus":"Stopped")"});
  const auto job = describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"});
  EXPECT_EQ(job.SecondaryStatus, "Stopped");
  EXPECT_NE(bench.get("models/t/output/model.tar.gz"), "(nothing)");
  EXPECT_THAT(
      bench.refusal(
          [&] { stop_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"}); }),
      HasSubstr(
          "ValidationException: The request was rejected because the training job is in status"));
}

TEST_F(Jobs, EndWhenTheirTimeIsOver) {
  bench.program("image", "while :; do sleep 0.01; done");
  auto request = training("t", "image");
  request.StoppingCondition->MaxRuntimeInSeconds = 1;
  const auto job = trained(request);
  EXPECT_EQ(job.TrainingJobStatus, "Stopped");
  EXPECT_EQ(job.SecondaryStatus, "MaxRuntimeExceeded");
}

TEST_F(Jobs, FailWhenTheEngineWasStoppedUnderThem) {
  bench.settings.create_wait = 0s;
  bench.restart();
  bench.program("image", "while :; do sleep 0.01; done");
  create_processing_job(*bench.sagemaker, bench.call, processing("p", "image"));
  bench.restart();
  const auto job =
      describe_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "p"});
  EXPECT_EQ(job.ProcessingJobStatus, "Failed");
  EXPECT_THAT(*job.FailureReason, HasSubstr("The engine stopped"));
}

TEST_F(Jobs, KeepTheAnswerBackUntilTheyEndWithoutAThread) {
  bench.settings.answer_later = true;
  bench.restart();
  const std::string go = bench.folder.path() + "/go";
  bench.program("image", "while [ ! -e " + go + " ]; do sleep 0.01; done");
  Call call{.request = bench.request};
  create_training_job(*bench.sagemaker, call, training("t", "image"));
  EXPECT_EQ(describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"})
                .TrainingJobStatus,
            "InProgress");
  EXPECT_EQ(call.headers.get("Content-Type"), "application/x-amz-json-1.1");
  ASSERT_NE(call.events, nullptr);
  EXPECT_EQ(call.events->next(), "");
  Ending woken;
  call.events->on_ready([&] { woken.set(); });
  io::write_file(go, "");
  ASSERT_TRUE(woken.wait_for(60s));
  EXPECT_EQ(describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"})
                .TrainingJobStatus,
            "Completed");
  EXPECT_THAT(*call.events->next(), HasSubstr("training-job/t\"}"));
  EXPECT_EQ(call.events->next(), std::nullopt);
}

TEST_F(Jobs, AnswerAfterAWhileWhetherTheyHaveEndedOrNot) {
  bench.settings.answer_later = true;
  bench.settings.create_wait = 1ms;
  bench.restart();
  bench.program("image", "while :; do sleep 0.01; done");
  Call call{.request = bench.request};
  create_processing_job(*bench.sagemaker, call, processing("p", "image"));
  Ending woken;
  call.events->on_ready([&] { woken.set(); });
  while (*call.events->next() == "") woken.wait_for(1ms);
  EXPECT_EQ(describe_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "p"})
                .ProcessingJobStatus,
            "InProgress");
}

TEST_F(Jobs, CanBeDeletedOnceTheyHaveEnded) {
  bench.program("image", "true");
  trained(training("t", "image"));
  processed(processing("p", "image"));
  delete_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "T"});
  delete_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "p"});
  EXPECT_TRUE(list_training_jobs(*bench.sagemaker, bench.call, {}).TrainingJobSummaries.empty());
  EXPECT_THAT(bench.refusal([&] {
    delete_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "t"});
  }),
              HasSubstr("ResourceNotFound"));
  trained(training("t", "image"));

  bench.settings.create_wait = 0s;
  bench.restart();
  bench.program("image", "while :; do sleep 0.01; done");
  create_processing_job(*bench.sagemaker, bench.call, processing("busy", "image"));
  EXPECT_THAT(bench.refusal([&] {
    delete_processing_job(*bench.sagemaker, bench.call, {.ProcessingJobName = "busy"});
  }),
              HasSubstr("ResourceInUse"));
}

TEST_F(Jobs, AreRefusedForWhatCantBe) {
  bench.program("image", "true");
  const auto refused = [&](auto change) {
    auto request = processing("p", "image");
    change(request);
    return bench.refusal([&] { create_processing_job(*bench.sagemaker, bench.call, request); });
  };
  EXPECT_THAT(refused([](auto& r) { r.ProcessingInputs->at(0).S3Input->LocalPath = "/etc"; }),
              HasSubstr("/opt/ml/processing/"));
  EXPECT_THAT(refused([](auto& r) {
                r.ProcessingInputs->at(0).S3Input->LocalPath = "/opt/ml/processing/../../../etc";
              }),
              HasSubstr("/opt/ml/processing/"));
  EXPECT_THAT(refused([](auto& r) { r.ProcessingInputs->at(0).S3Input->S3Uri = "http://x"; }),
              HasSubstr("not a valid S3 URI"));
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_THAT(refused([](auto&) {}), HasSubstr("ResourceInUse: Job name must be unique"));
  auto request = training("t", "image");
  request.AlgorithmSpecification->MetricDefinitions =
      std::vector<api::MetricDefinition>{{"m", "("}};
  EXPECT_THAT(bench.refusal([&] { create_training_job(*bench.sagemaker, bench.call, request); }),
              HasSubstr("regular expression '('"));
  EXPECT_THAT(bench.refusal([&] {
    describe_training_job(*bench.sagemaker, bench.call, {.TrainingJobName = "none"});
  }),
              HasSubstr("ValidationException: Requested resource not found"));
}

TEST_F(Jobs, ThatTakeTooMuchMemoryFailAsAwsSaysIt) {
  if (!jobs::control_groups().memory)
    GTEST_SKIP() << "no control group for memory may be made here";
  bench.settings.limits.memory_bytes = 24 << 20;
  bench.restart();
  bench.program("image", "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}");
  const std::string reason =
      "ClientError: Please use an instance type with more memory, or reduce the size of job data "
      "processed on an instance., exit code: 137";
  EXPECT_EQ(trained(training("t", "image")).FailureReason, reason);
  EXPECT_EQ(processed(processing("p", "image")).FailureReason, reason);
}

TEST_F(Jobs, ThatWriteMoreThanTheirVolumeHoldsAreEnded) {
  bench.settings.disk_bytes = 1 << 20;
  bench.restart();
  bench.program("image", "head -c 3000000 /dev/zero > $root/model/large");
  EXPECT_THAT(*trained(training("one", "image")).FailureReason,
              HasSubstr("ClientError: No space left on device"));
  // Small files, too.
  bench.program("image", R"(
    i=0; while :; do head -c 10000 /dev/zero > $root/output/data/$((i % 300)); i=$((i+1)); done)");
  EXPECT_THAT(*trained(training("many", "image")).FailureReason,
              HasSubstr("ClientError: No space left on device"));
}

TEST_F(Jobs, RunNoLongerThanTheEngineLetsThem) {
  bench.settings.most_runtime = 1s;
  bench.restart();
  bench.program("image", "exec sleep 60");
  const auto job = trained(training("t", "image"));
  EXPECT_EQ(job.TrainingJobStatus, "Stopped");
  EXPECT_EQ(job.SecondaryStatus, "MaxRuntimeExceeded");
}

TEST_F(Jobs, AreListedInPagesAndTheOrderOfTheirKind) {
  bench.program("image", "true");
  for (const char* name : {"a", "b", "c"}) processed(processing(name, "image"));
  auto page = list_processing_jobs(*bench.sagemaker, bench.call, {.MaxResults = 2});
  ASSERT_EQ(page.ProcessingJobSummaries.size(), 2u);
  EXPECT_EQ(page.ProcessingJobSummaries[0].ProcessingJobName, "a");
  page = list_processing_jobs(*bench.sagemaker, bench.call, {.NextToken = page.NextToken});
  ASSERT_EQ(page.ProcessingJobSummaries.size(), 1u);
  EXPECT_EQ(page.ProcessingJobSummaries[0].ProcessingJobName, "c");
  EXPECT_FALSE(page.NextToken);
  EXPECT_TRUE(list_processing_jobs(*bench.sagemaker, bench.call, {.StatusEquals = "Failed"})
                  .ProcessingJobSummaries.empty());
}

TEST_F(Jobs, InputsKeepTheirPathsBelowThePrefix) {
  bench.put("in/manifest.json", R"([{"prefix": "s3://lake/in/"}, "deep/beer.csv"])");
  const std::string folder = bench.folder.path() + "/data";
  const auto laid_out = [&](const std::string& uri, const std::string& type,
                            const std::string& file) {
    std::filesystem::remove_all(folder);
    download(bench.s3, uri, type, folder);
    return std::filesystem::exists(folder + "/" + file);
  };
  EXPECT_TRUE(laid_out("s3://lake/in/", "S3Prefix", "deep/beer.csv"));
  EXPECT_TRUE(laid_out("s3://lake/in", "S3Prefix", "deep/beer.csv"));
  EXPECT_TRUE(laid_out("s3://lake/in/de", "S3Prefix", "deep/beer.csv"));
  EXPECT_TRUE(laid_out("s3://lake/in/deep/beer.csv", "S3Prefix", "beer.csv"));
  EXPECT_TRUE(laid_out("s3://lake", "S3Prefix", "in/deep/beer.csv"));
  EXPECT_TRUE(laid_out("s3://lake/in/manifest.json", "ManifestFile", "deep/beer.csv"));
}

}  // namespace
}  // namespace engine::sagemaker
