// Transform jobs with a real serving process.
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/testing.h"
#include "test_places.h"

#include <filesystem>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Transforms : testing::Test {
  Bench bench{{.create_wait = 60s}};
  Transforms() {
    bench.programs["image"] = BEER_BIN_DIR "/sagemaker_test_model";
    make_model("good", "m");
    bench.put("in/a.csv", "1\n2\n");
    bench.put("in/deep/b.csv", "3\n");
  }

  void make_model(const std::string& name, const std::string& text) {
    const std::string folder = bench.folder.path() + "/" + name;
    std::filesystem::create_directories(folder);
    io::write_file(folder + "/model.txt", text);
    pack_folder(folder, folder + ".tar.gz");
    bench.put("models/" + name, io::read_file(folder + ".tar.gz"));
    create_model(*bench.sagemaker, bench.call,
                 {.ModelName = name,
                  .PrimaryContainer = api::ContainerDefinition{
                      .Image = "image", .ModelDataUrl = "s3://lake/models/" + name}});
  }

  api::CreateTransformJobRequest request(const std::string& name) {
    api::CreateTransformJobRequest request{.TransformJobName = name, .ModelName = "good"};
    request.TransformInput.DataSource.S3DataSource = {"S3Prefix", "s3://lake/in/"};
    request.TransformInput.ContentType = "text/csv";
    request.TransformInput.SplitType = "Line";
    request.TransformOutput.S3OutputPath = "s3://lake/out";
    request.TransformOutput.AssembleWith = "Line";
    request.TransformResources = {.InstanceType = "ml.m5.large", .InstanceCount = 1};
    return request;
  }
  api::DescribeTransformJobResponse transformed(const api::CreateTransformJobRequest& request) {
    create_transform_job(*bench.sagemaker, bench.call, request);
    return describe_transform_job(*bench.sagemaker, bench.call,
                                  {.TransformJobName = request.TransformJobName});
  }
};

TEST_F(Transforms, LeaveAnOutputForEachInput) {
  auto wanted = request("Score");
  wanted.BatchStrategy = "SingleRecord";
  wanted.MaxConcurrentTransforms = 3;
  const auto job = transformed(wanted);
  ASSERT_EQ(job.TransformJobStatus, "Completed") << job.FailureReason.value_or("");
  EXPECT_EQ(job.TransformJobArn, "arn:aws:sagemaker:us-east-1:123456789012:transform-job/score");
  EXPECT_TRUE(job.TransformStartTime && job.TransformEndTime);
  EXPECT_EQ(bench.get("out/a.csv.out"), "m:1\nm:2\n");
  EXPECT_EQ(bench.get("out/deep/b.csv.out"), "m:3\n");
  bench.wait_for_event({"Transform Job State Change", R"("TransformJobStatus":"Completed")"});
  EXPECT_TRUE(std::filesystem::is_empty(bench.folder.path() + "/jobs"));
}

TEST_F(Transforms, KeepTheOutputsOfTheInputsThatWereGood) {
  bench.put("in/bad.csv", "refuse");
  const auto job = transformed(request("t"));
  EXPECT_EQ(job.TransformJobStatus, "Failed");
  EXPECT_EQ(job.FailureReason, "ClientError: See job logs for more information");
  EXPECT_EQ(bench.get("out/bad.csv.out"), "(nothing)");
  EXPECT_EQ(bench.get("out/deep/b.csv.out"), "m:3\n");
}

TEST_F(Transforms, FailWithTheModel) {
  bench.put("in/bad.csv", "die");
  auto wanted = request("t");
  EXPECT_EQ(transformed(wanted).FailureReason, "AlgorithmError: See job logs for more information");
  make_model("broken", "broken");
  wanted = request("u");
  wanted.ModelName = "broken";
  EXPECT_THAT(*transformed(wanted).FailureReason,
              HasSubstr("AlgorithmError: it ended with exit code 4 before it answered /ping; its "
                        "last line was: the model is broken"));
}

TEST_F(Transforms, FailWithoutInputs) {
  auto wanted = request("t");
  wanted.TransformInput.DataSource.S3DataSource.S3Uri = "s3://lake/nothing/";
  EXPECT_THAT(*transformed(wanted).FailureReason,
              HasSubstr("ClientError: No S3 objects found under S3 URL \"s3://lake/nothing/\""));
  wanted = request("u");
  wanted.TransformInput.CompressionType = "Gzip";
  EXPECT_EQ(transformed(wanted).FailureReason, "ClientError: See job logs for more information");
}

TEST_F(Transforms, ThatAnEngineLeftAreDoneByTheNext) {
  const std::string go = bench.folder.path() + "/go";
  bench.program("slow", "while [ ! -e " + go + " ]; do sleep 0.01; done; exec " BEER_BIN_DIR
                        "/sagemaker_test_model \"$@\"");
  bench.programs["image"] = bench.programs["slow"];
  bench.settings.create_wait = 0s;
  bench.restart();
  create_transform_job(*bench.sagemaker, bench.call, request("t"));
  io::write_file(go, "");
  bench.restart();
  bench.wait_for_event({"Transform Job State Change", R"("TransformJobStatus":"Completed")"});
  EXPECT_EQ(bench.get("out/a.csv.out"), "m:1\n2\n");
  EXPECT_EQ(bench.get("out/deep/b.csv.out"), "m:3\n");
}

TEST_F(Transforms, AreRefusedForWhatCantBe) {
  const auto refused = [&](auto change) {
    auto wanted = request("t");
    change(wanted);
    return bench.refusal([&] { create_transform_job(*bench.sagemaker, bench.call, wanted); });
  };
  EXPECT_EQ(refused([](auto& r) { r.ModelName = "None"; }),
            "ValidationException: Could not find model "
            "\"arn:aws:sagemaker:us-east-1:123456789012:model/none\".");
  EXPECT_THAT(refused([](auto& r) { r.MaxPayloadInMB = 101; }), HasSubstr("must not exceed 100"));
  EXPECT_THAT(refused([](auto& r) {
                r.MaxPayloadInMB = 30;
                r.MaxConcurrentTransforms = 4;
              }),
              HasSubstr("must not exceed 100"));
  EXPECT_THAT(refused([](auto& r) {
                r.TransformInput.SplitType = "None";
                r.BatchStrategy = "SingleRecord";
              }),
              HasSubstr("SingleRecord needs a SplitType"));
  EXPECT_THAT(refused([](auto& r) { r.DataProcessing.emplace().InputFilter = "$..a"; }),
              HasSubstr("JSONPath"));
  EXPECT_THAT(refused([](auto& r) {
                r.TransformInput.ContentType = "text/libsvm";
                r.DataProcessing.emplace().JoinSource = "Input";
              }),
              HasSubstr("needs a ContentType"));
  EXPECT_THAT(refused([](auto& r) {
                r.TransformInput.DataSource.S3DataSource.S3DataType = "AugmentedManifestFile";
              }),
              HasSubstr("AugmentedManifestFile is not supported"));
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_THAT(refused([](auto&) {}), HasSubstr("ResourceInUse"));
}

}  // namespace
}  // namespace engine::sagemaker
