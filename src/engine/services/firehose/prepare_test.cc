// What happens to a record before the function: decompression, log messages, de-aggregation.
#include "engine/services/firehose/prepare.h"

#include "engine/services/firehose/gzip.h"
#include "engine/services/firehose/test_engine.h"

namespace engine::firehose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SplitJson, FindsObjectsThatFollowEachOther) {
  EXPECT_THAT(split_json(R"({"a":1}{"a":{"b":"}{"}} {"a":"\"}"}
)"),
              ElementsAre(R"({"a":1})", R"({"a":{"b":"}{"}})", R"({"a":"\"}"})"));
  EXPECT_THAT(split_json(" \n"), IsEmpty());
}

TEST(SplitJson, RefusesWhatIsNotObjects) {
  for (const char* text : {"[{\"a\":1}]", "{\"a\":1},{\"a\":2}", "{\"a\":1", "{a}", "1", "}{"}) {
    EXPECT_THROW(split_json(text), std::invalid_argument) << text;
  }
}

TEST(SplitDelimited, LeavesTheDelimitersAndEmptyPiecesOut) {
  EXPECT_THAT(split_delimited("ale####stout########", "####"), ElementsAre("ale", "stout"));
  EXPECT_THAT(split_delimited("###", "####"), ElementsAre("###"));
}

class Preparing : public FirehoseTest {
 protected:
  static void add(api::CreateDeliveryStreamInput& input, const std::string& type,
                  std::vector<api::ProcessorParameter> parameters) {
    auto& processing = input.ExtendedS3DestinationConfiguration->ProcessingConfiguration;
    if (!processing) processing.emplace().Enabled = true;
    if (!processing->Processors) processing->Processors.emplace();
    api::Processor processor;
    processor.Type = type;
    processor.Parameters = std::move(parameters);
    processing->Processors->push_back(std::move(processor));
  }
  static api::CreateDeliveryStreamInput taken_apart(api::CreateDeliveryStreamInput input) {
    add(input, "RecordDeAggregation", {{"SubRecordType", "JSON"}});
    return input;
  }
  static api::CreateDeliveryStreamInput logs_source(bool messages_only) {
    auto input = from_kinesis("logs");
    add(input, "Decompression", {{"CompressionFormat", "GZIP"}});
    add(input, "CloudWatchLogProcessing",
        {{"DataMessageExtraction", messages_only ? "true" : "false"}});
    return input;
  }
  std::vector<json::object> failed() { return lines(only_object("bad/processing-failed/")); }
  std::string error_of_the_only_failure() {
    const auto bad = failed();
    EXPECT_THAT(bad, SizeIs(1));
    return bad.empty() ? "" : std::string(bad[0].at("errorCode").as_string());
  }
};

TEST_F(Preparing, TakesJsonRecordsApartBeforeTheFunction) {
  auto input = with_function(from_kinesis("apart"));
  add(input, "RecordDeAggregation", {{"SubRecordType", "JSON"}});
  add(input, "AppendDelimiterToRecord", {{"Delimiter", "\\n"}});
  create(input);
  put("{\"a\":1}{\"a\":2}\n{\"a\":3}");
  deliver("apart");
  const json::array& asked = last_event.at("records").as_array();
  ASSERT_THAT(asked, SizeIs(3));
  EXPECT_NE(asked[0].at("recordId"), asked[1].at("recordId"));
  EXPECT_EQ(asked[2].at("kinesisRecordMetadata").at("partitionKey").as_string(), "a");
  EXPECT_EQ(only_object("good/"), "{\"A\":1}\n{\"A\":2}\n{\"A\":3}\n");
  EXPECT_EQ(firehose->pending("apart"), 0u);
}

TEST_F(Preparing, TakesDelimitedRecordsApart) {
  auto input = from_kinesis("apart");
  add(input, "RecordDeAggregation",
      {{"SubRecordType", "DELIMITED"}, {"Delimiter", base::to_base64("####")}});
  add(input, "AppendDelimiterToRecord", {{"Delimiter", "|"}});
  create(input);
  put("ale####stout");
  put("####");  // nothing in it
  deliver("apart");
  EXPECT_EQ(only_object(""), "ale|stout|");
  EXPECT_EQ(firehose->metrics("apart").dropped_records, 1u);
}

TEST_F(Preparing, NeverDeliversHalfARecord) {
  create(taken_apart(from_kinesis("apart")));  // 1 MiB is full
  const std::string beer = "{\"beer\":\"" + std::string(300 << 10, 'x') + "\"}";
  put(beer + beer + beer, "a");
  put(beer + beer + beer, "a");
  firehose->deliver_now("apart");
  EXPECT_THAT(only_object(""), SizeIs(6 * beer.size()));
  EXPECT_EQ(firehose->pending("apart"), 0u);
  start();
  deliver("apart");
  EXPECT_THAT(objects(), SizeIs(1));
}

TEST_F(Preparing, NeverDeliversHalfARecordThoughTheFunctionGotItInPieces) {
  auto input = taken_apart(with_function(from_kinesis("apart")));
  auto& parameters =
      *(*input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors)[0]
           .Parameters;
  parameters.push_back({"BufferSizeInMBs", "0.2"});
  input.ExtendedS3DestinationConfiguration->BufferingHints = api::BufferingHints{1, 0};
  create(input);
  const std::string beer = "{\"BEER\":\"" + std::string(300 << 10, 'X') + "\"}";
  put(beer + beer + beer, "a");
  firehose->deliver_now("apart");
  EXPECT_THAT(asked_at, SizeIs(3));
  EXPECT_THAT(only_object(""), SizeIs(3 * beer.size()));
  EXPECT_EQ(firehose->pending("apart"), 0u);
}

TEST_F(Preparing, KeepsWhatCannotBeTakenApart) {
  create(taken_apart(from_kinesis("apart")));
  put("[{\"a\":1}]");
  deliver("apart");
  EXPECT_EQ(error_of_the_only_failure(), "RecordDeAggregation.Failed");
  EXPECT_EQ(raw(failed()[0]), "[{\"a\":1}]");
  EXPECT_THAT(objects("good/"), IsEmpty());
}

TEST_F(Preparing, TakesAtMostFiveHundredOutOfARecord) {
  create(taken_apart(from_kinesis("apart")));
  std::string many;
  for (int i = 0; i < 500; ++i) many += "{}";
  put(many);
  put(many + "{}");
  deliver("apart");
  EXPECT_EQ(only_object("good/"), many);
  EXPECT_EQ(raw(failed().at(0)), many + "{}");
}

TEST_F(Preparing, DecompressesAndBacksUpWhatCame) {
  auto input = from_kinesis("apart");
  add(input, "Decompression", {{"CompressionFormat", "GZIP"}});
  auto& s3 = *input.ExtendedS3DestinationConfiguration;
  s3.S3BackupMode = "Enabled";
  s3.S3BackupConfiguration.emplace().BucketARN = "arn:aws:s3:::lake";
  s3.S3BackupConfiguration->Prefix = "backup/";
  create(input);
  const std::string packed = gzip("a pale ale");
  put(packed);
  deliver("apart");
  EXPECT_EQ(only_object("good/"), "a pale ale");
  EXPECT_EQ(only_object("backup/"), packed);
}

TEST_F(Preparing, KeepsWhatCannotBeDecompressed) {
  auto input = from_kinesis("apart");
  add(input, "Decompression", {{"CompressionFormat", "GZIP"}});
  create(input);
  put("not gzip");
  deliver("apart");
  EXPECT_EQ(error_of_the_only_failure(), "Decompression.Failed");
  EXPECT_EQ(raw(failed()[0]), "not gzip");
}

TEST_F(Preparing, RefusesToInflateWithoutEnd) {
  EXPECT_FALSE(gunzip(gzip(std::string(2 << 20, 'x')), 1 << 20));
  EXPECT_EQ(gunzip(gzip(std::string(1 << 20, 'x')), 1 << 20).value().size(), 1u << 20);
  const std::string packed = gzip("a pale ale");
  EXPECT_FALSE(gunzip(packed.substr(0, packed.size() - 9), 1 << 20));
}

TEST_F(Preparing, DeliversTheMessagesOfLogsAndDropsTheirControlMessages) {
  create(logs_source(true));
  put(gzip(R"({"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"checking"}]})"));
  put(gzip(R"({"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[
      {"id":"1","timestamp":1,"message":"first"},{"id":"2","timestamp":2,"message":"second"}]})"));
  deliver("logs");
  EXPECT_EQ(only_object("good/"), "first\nsecond\n");
  EXPECT_EQ(firehose->metrics("logs").dropped_records, 1u);
  EXPECT_EQ(firehose->pending("logs"), 0u);
}

TEST_F(Preparing, DeliversWholeLogDocumentsWhenMessagesAreNotWanted) {
  create(logs_source(false));
  const std::string document = R"({"messageType":"DATA_MESSAGE","logEvents":[]})";
  put(gzip(document));
  deliver("logs");
  EXPECT_EQ(only_object("good/"), document);
}

TEST_F(Preparing, KeepsWhatIsNotALogDocument) {
  create(logs_source(true));
  put(gzip("{\"beer\":1}"));
  deliver("logs");
  EXPECT_EQ(error_of_the_only_failure(), "CloudWatchLogProcessing.Failed");
  EXPECT_EQ(raw(failed()[0]), gzip("{\"beer\":1}"));
}

TEST_F(Preparing, IsToldWhatItCanDo) {
  const auto refused = [&](const std::string& type,
                           std::vector<api::ProcessorParameter> parameters) {
    auto input = from_kinesis("refused");
    add(input, type, std::move(parameters));
    return code_of([&] { create(input); }) == "InvalidArgumentException";
  };
  EXPECT_TRUE(refused("RecordDeAggregation", {}));
  EXPECT_TRUE(refused("RecordDeAggregation", {{"SubRecordType", "XML"}}));
  EXPECT_TRUE(refused("RecordDeAggregation", {{"SubRecordType", "DELIMITED"}}));
  EXPECT_TRUE(refused("RecordDeAggregation", {{"SubRecordType", "DELIMITED"}, {"Delimiter", "#"}}));
  EXPECT_TRUE(refused("Decompression", {{"CompressionFormat", "ZIP"}}));
  EXPECT_TRUE(refused("CloudWatchLogProcessing", {{"DataMessageExtraction", "true"}}));
  auto twice = taken_apart(taken_apart(from_kinesis("refused")));
  EXPECT_EQ(code_of([&] { create(twice); }), "InvalidArgumentException");
}

}  // namespace
}  // namespace engine::firehose
