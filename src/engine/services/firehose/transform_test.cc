// The transformation: what the function is asked, and what its answers lead to.
#include "engine/services/firehose/test_engine.h"
#include "engine/services/test_meter.h"

namespace engine::firehose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Transforming : public FirehoseTest {
 protected:
  Transforming() { create(with_function(from_kinesis("clean"))); }
  std::vector<json::object> failed() { return lines(only_object("bad/processing-failed/")); }
};

TEST_F(Transforming, AsksTheFunctionWithAwsEvent) {
  put("pale", "key \"1\"");
  deliver("clean");
  EXPECT_EQ(last_function, kFunction);
  EXPECT_EQ(last_event.at("deliveryStreamArn").as_string(),
            "arn:aws:firehose:us-east-1:123456789012:deliverystream/clean");
  EXPECT_EQ(last_event.at("sourceKinesisStreamArn").as_string(),
            "arn:aws:kinesis:us-east-1:123456789012:stream/beers");
  EXPECT_EQ(last_event.at("region").as_string(), "us-east-1");
  EXPECT_EQ(last_event.at("invocationId").as_string().size(), 36u);
  const json::object& record = last_event.at("records").as_array().at(0).as_object();
  EXPECT_EQ(record.at("data").as_string(), base::to_base64("pale"));
  EXPECT_EQ(record.at("approximateArrivalTimestamp").as_int64(), 1'767'225'600'000);
  const json::object& metadata = record.at("kinesisRecordMetadata").as_object();
  EXPECT_EQ(metadata.at("partitionKey").as_string(), "key \"1\"");
  EXPECT_EQ(metadata.at("sequenceNumber").as_string().size(), 56u);
  EXPECT_EQ(metadata.at("subsequenceNumber").as_int64(), 0);
}

TEST_F(Transforming, DeliversOkDropsDroppedAndKeepsFailed) {
  transform = [](const std::string& id, const std::string& data) {
    const std::string result = data == "water" ? "Dropped"
                               : data == "mud" ? "ProcessingFailed"
                                               : "Ok";
    return std::vector<json::object>{answer(id, result, "<" + data + ">")};
  };
  for (const char* data : {"ale", "water", "mud", "stout"}) put(data);
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "<ale><stout>");
  const auto bad = failed();
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(raw(bad[0]), "mud");
  EXPECT_EQ(bad[0].at("errorCode").as_string(), "Lambda.FunctionError");
  EXPECT_EQ(bad[0].at("attemptsMade").as_int64(), 1);
  EXPECT_EQ(bad[0].at("arrivalTimestamp").as_int64(), 1'767'225'600'000);
  EXPECT_EQ(bad[0].at("lambdaArn").as_string(), kFunction);
  EXPECT_EQ(firehose->metrics("clean").dropped_records, 1u);
  EXPECT_EQ(firehose->pending("clean"), 0u);
}

TEST_F(Transforming, MovesOnWhenEverythingWasDropped) {
  transform = [](const std::string& id, const std::string&) {
    return std::vector<json::object>{answer(id, "Dropped", "")};
  };
  put("water");
  deliver("clean");
  EXPECT_THAT(objects(), IsEmpty());
  EXPECT_EQ(firehose->pending("clean"), 0u);
}

TEST_F(Transforming, NoticesLostAndDoubledRecords) {
  transform = [](const std::string& id, const std::string& data) {
    if (data == "lost") return std::vector<json::object>{};
    std::vector<json::object> answers{answer(id, "Ok", data)};
    if (data == "double") answers.push_back(answer(id, "Ok", data));
    return answers;
  };
  for (const char* data : {"ale", "lost", "double"}) put(data);
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "ale");
  const auto bad = failed();
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(raw(bad[0]), "lost");
  EXPECT_EQ(bad[0].at("errorCode").as_string(), "Lambda.MissingRecordId");
  EXPECT_EQ(raw(bad[1]), "double");
  EXPECT_EQ(bad[1].at("errorCode").as_string(), "Lambda.DuplicatedRecordId");
}

TEST_F(Transforming, FailsRecordsWithAnAnswerThatMakesNoSense) {
  transform = [](const std::string& id, const std::string& data) {
    if (data == "odd") return std::vector<json::object>{answer(id, "Fine", data)};
    return std::vector<json::object>{{{"recordId", id}, {"result", "Ok"}, {"data", "%%%"}}};
  };
  put("odd");
  put("not base64");
  deliver("clean");
  EXPECT_THAT(objects("good/"), IsEmpty());
  EXPECT_EQ(failed().size(), 2u);
}

TEST_F(Transforming, PassesOverAnswersForRecordsNobodySent) {
  transform = [](const std::string& id, const std::string& data) {
    if (data == "lie") return std::vector<json::object>{answer("nobody", "Ok", data)};
    return std::vector<json::object>{answer(id, "Ok", data), answer(id + "0", "Ok", "forged")};
  };
  put("ale");
  put("lie");
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "ale");
  ASSERT_EQ(failed().size(), 1u);
  EXPECT_EQ(raw(failed()[0]), "lie");
  EXPECT_EQ(failed()[0].at("errorCode").as_string(), "Lambda.MissingRecordId");
}

/// A delivery whose function is asked once more, and what its records fail with.
class TransformingBadly : public FirehoseTest {
 protected:
  TransformingBadly() {
    auto input = with_function(from_kinesis("clean"));
    (*input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors)[0]
        .Parameters->push_back({"NumberOfRetries", "1"});
    create(input);
  }
  std::string error_code() {
    put("ale");
    deliver_while_time_passes("clean");
    EXPECT_EQ(asked_at.size(), 2u);
    deliver("clean");
    EXPECT_THAT(objects("good/"), IsEmpty());
    EXPECT_EQ(firehose->pending("clean"), 0u);
    const auto bad = lines(only_object("bad/processing-failed/"));
    EXPECT_EQ(raw(bad.at(0)), "ale");
    EXPECT_EQ(bad.at(0).at("attemptsMade").as_int64(), 2);
    return std::string(bad.at(0).at("errorCode").as_string());
  }
};

TEST_F(TransformingBadly, KeepsTheRecordsOfAFunctionThatHangs) {
  instead = [] {
    return lambda::InvokeResult{
        R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"})",
        "Unhandled", "", "$LATEST"};
  };
  EXPECT_EQ(error_code(), "Lambda.FunctionTimedOut");
}

TEST_F(TransformingBadly, KeepsTheRecordsOfAFunctionThatCrashes) {
  instead = [] {
    return lambda::InvokeResult{
        R"({"errorType":"Runtime.ExitError","errorMessage":"exit status 1"})", "Unhandled", "",
        "$LATEST"};
  };
  EXPECT_EQ(error_code(), "Lambda.FunctionError");
}

TEST_F(TransformingBadly, KeepsTheRecordsOfAnAnswerOverSixMebibytes) {
  instead = [] {
    return lambda::InvokeResult{"{\"records\":[]," + std::string(6 << 20, ' ') + "}", "", "",
                                "$LATEST"};
  };
  EXPECT_EQ(error_code(), "Lambda.FunctionError");
}

TEST_F(TransformingBadly, KeepsTheRecordsWhileThereIsNoFunction) {
  instead = []() -> lambda::InvokeResult {
    throw AwsError("ResourceNotFoundException", "Function not found");
  };
  EXPECT_EQ(error_code(), "Lambda.ResourceNotFound");
}

TEST_F(TransformingBadly, KeepsTheRecordsOfAFunctionThatIsTooBusy) {
  instead = []() -> lambda::InvokeResult {
    throw AwsError("TooManyRequestsException", "Rate Exceeded.");
  };
  EXPECT_EQ(error_code(), "Lambda.InvokeLimitExceeded");
}

TEST_F(TransformingBadly, IsNotBlamedWhenTheEngineStops) {
  std::atomic<bool> asked = false;
  instead = [&] {
    asked = true;
    return lambda::InvokeResult{"{}", "Unhandled", "", "$LATEST"};
  };
  put("ale");
  start(true);
  while (!asked) std::this_thread::yield();
  firehose->stop();  // in the midst of the back-off
  EXPECT_EQ(firehose->pending("clean"), 1u);
  instead = nullptr;
  start();
  deliver("clean");
  EXPECT_EQ(only_object(""), "ALE");
}

TEST_F(Transforming, TriesAgainWithARealBackOff) {
  failures_to_come = 2;
  put("ale");
  deliver_while_time_passes("clean");
  ASSERT_EQ(asked_at.size(), 3u);
  EXPECT_GE(asked_at[1] - asked_at[0], std::chrono::seconds(1));
  EXPECT_GE(asked_at[2] - asked_at[1], std::chrono::seconds(2));
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "ALE");
}

TEST_F(Transforming, SendsTheBatchToTheErrorPrefixWhenEveryTryFailed) {
  failures_to_come = 4;
  put("ale");
  put("stout");
  deliver_while_time_passes("clean");
  EXPECT_EQ(asked_at.size(), 4u);
  put("pils");  // what comes behind is not held up
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "PILS");
  const auto bad = failed();
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(raw(bad[0]), "ale");
  EXPECT_EQ(bad[0].at("attemptsMade").as_int64(), 4);
  EXPECT_THAT(std::string(bad[0].at("errorMessage").as_string()), ::testing::HasSubstr("no beer"));
}

TEST_F(Transforming, KeepsAPayloadWithinSixMebibytes) {
  auto input = with_function(from_kinesis("large"));
  auto& parameters =
      *(*input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors)[0]
           .Parameters;
  parameters.push_back({"BufferSizeInMBs", "3"});
  create(input);
  for (int i = 0; i < 7; ++i) put(std::string(1'000'000, 'x'));
  std::size_t most = 0;
  transform = [&](const std::string& id, const std::string&) {
    most = std::max(most, last_event.at("records").as_array().size());
    return std::vector<json::object>{answer(id, "Dropped", "")};
  };
  deliver("large");
  EXPECT_LE(most, 4u);
  EXPECT_EQ(firehose->pending("large"), 0u);
}

TEST_F(Transforming, FollowsTheFunctionsBatchHints) {
  auto input = with_function(from_kinesis("slow"));
  auto& parameters =
      *(*input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors)[0]
           .Parameters;
  parameters[1].ParameterValue = "30";
  create(input);
  put("ale");
  firehose->deliver_now("slow");
  EXPECT_TRUE(asked_at.empty());
  clock.advance(std::chrono::seconds(29));
  put("stout");
  firehose->deliver_now("slow");
  EXPECT_TRUE(asked_at.empty());
  clock.advance(std::chrono::seconds(1));
  firehose->deliver_now("slow");
  EXPECT_EQ(asked_at.size(), 1u);
}

TEST_F(Transforming, MeasuresFromTheSourceToTheLake) {
  const TestMeter meter;
  context->meter = meter.meter();
  const auto values = [&](const std::string& metric) {
    return meter.values("AWS/Firehose " + metric + " DeliveryStreamName=clean");
  };
  transform = [](const std::string& id, const std::string& data) {
    return std::vector<json::object>{answer(id, data == "mud" ? "ProcessingFailed" : "Ok", data)};
  };
  for (const char* data : {"ale", "mud", "stout"}) put(data);
  deliver("clean");
  EXPECT_THAT(values("IncomingRecords"), ElementsAre(3));
  EXPECT_THAT(values("IncomingBytes"), ElementsAre(11));
  EXPECT_THAT(values("ExecuteProcessing.Success"), ElementsAre(1));
  EXPECT_EQ(values("ExecuteProcessing.Duration").size(), 1u);
  EXPECT_THAT(values("SucceedProcessing.Records"), ElementsAre(2));
  EXPECT_THAT(values("DeliveryToS3.Success"), ElementsAre(1));
  EXPECT_THAT(values("DeliveryToS3.Records"), ElementsAre(2));
  EXPECT_THAT(values("DeliveryToS3.Bytes"), ElementsAre(8));
}

}  // namespace
}  // namespace engine::firehose
