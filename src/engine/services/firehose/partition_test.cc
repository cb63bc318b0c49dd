// Dynamic partitioning, from the record's keys to the objects of each partition.
#include "engine/services/firehose/partition.h"

#include "engine/services/firehose/test_engine.h"

namespace engine::firehose {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class Partitioning : public FirehoseTest {
 protected:
  using Change = std::function<void(api::ExtendedS3DestinationConfiguration&)>;

  static api::Processor extraction(const std::string& query) {
    api::Processor processor;
    processor.Type = "MetadataExtraction";
    processor.Parameters = {{"MetadataExtractionQuery", query}, {"JsonParsingEngine", "JQ-1.6"}};
    return processor;
  }
  static api::CreateDeliveryStreamInput without_processors(const std::string& name) {
    auto input = from_kinesis(name);
    auto& s3 = *input.ExtendedS3DestinationConfiguration;
    s3.BufferingHints = api::BufferingHints{64, 60};
    s3.DynamicPartitioningConfiguration.emplace().Enabled = true;
    s3.DynamicPartitioningConfiguration->RetryOptions.emplace().DurationInSeconds = 120;
    return input;
  }
  /// Partitioned by the records' "style".
  static api::CreateDeliveryStreamInput by_style(const std::string& name = "beers") {
    auto input = without_processors(name);
    auto& s3 = *input.ExtendedS3DestinationConfiguration;
    s3.Prefix = "good/style=!{partitionKeyFromQuery:style}/";
    auto& processing = s3.ProcessingConfiguration.emplace();
    processing.Enabled = true;
    processing.Processors = {extraction("{style: .style}")};
    return input;
  }
  static api::CreateDeliveryStreamInput by_function() {
    auto input = with_function(without_processors("beers"));
    input.ExtendedS3DestinationConfiguration->Prefix =
        "good/!{partitionKeyFromLambda:brewery}/!{timestamp:yyyy}/";
    return input;
  }
  bool refused(api::CreateDeliveryStreamInput input, const Change& change) {
    change(*input.ExtendedS3DestinationConfiguration);
    const std::string code = code_of([&] { create(input); });
    if (code.empty()) delete_delivery_stream(*firehose, call, {input.DeliveryStreamName, {}});
    return code == "InvalidArgumentException";
  }
  static std::string beer(const std::string& style) { return "{\"style\":\"" + style + "\"}"; }
  std::vector<json::object> failed() { return lines(only_object("bad/processing-failed/")); }
};

TEST_F(Partitioning, PutsEveryPartitionIntoAnObjectOfItsOwn) {
  create(by_style());
  for (const char* style : {"IPA", "Stout", "IPA"}) put(beer(style));
  deliver("beers");
  EXPECT_THAT(objects(), SizeIs(2));
  EXPECT_EQ(only_object("good/style=IPA/"), beer("IPA") + beer("IPA"));
  EXPECT_EQ(only_object("good/style=Stout/"), beer("Stout"));
  EXPECT_THAT(objects("good/style=IPA/").begin()->first,
              MatchesRegex("good/style=IPA/beers-1-2026-01-01-00-00-00-[0-9a-f-]{36}"));
  EXPECT_EQ(firehose->pending("beers"), 0u);
  EXPECT_EQ(firehose->metrics("beers").delivered_records, 3u);
}

TEST_F(Partitioning, DeliversEveryPartitionOnceThoughTheEngineWasKilled) {
  create(by_style());
  put(beer("IPA"));
  put(beer("Stout"));
  firehose->deliver_now("beers");  // buffered, and then gone with the memory
  start();
  deliver("beers");
  start();
  deliver("beers");
  EXPECT_THAT(objects(), SizeIs(2));
}

TEST_F(Partitioning, AsksTheFunctionForItsKeys) {
  create(by_function());
  transform = [](const std::string& id, const std::string& data) {
    json::object one = answer(id, "Ok", data);
    if (data != "lost") one["metadata"] = {{"partitionKeys", {{"brewery", data + "s"}, {"n", 1}}}};
    return std::vector<json::object>{one};
  };
  for (const char* data : {"dog", "cat", "lost"}) put(data);
  deliver("beers");
  EXPECT_EQ(only_object("good/dogs/2026/"), "dog");
  EXPECT_EQ(only_object("good/cats/2026/"), "cat");
  ASSERT_THAT(failed(), SizeIs(1));
  EXPECT_EQ(raw(failed()[0]), "lost");
}

TEST_F(Partitioning, ReadsKeysFromWhatTheFunctionMadeOfTheRecord) {
  auto input = by_style();
  auto& processors = *input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors;
  processors.push_back(
      with_function(from_kinesis("x"))
          .ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors->front());
  api::Processor delimiter;
  delimiter.Type = "AppendDelimiterToRecord";
  processors.push_back(delimiter);
  create(input);
  transform = [](const std::string& id, const std::string& data) {
    return std::vector<json::object>{answer(id, "Ok", beer(data))};
  };
  put("IPA");
  deliver("beers");
  EXPECT_EQ(only_object("good/style=IPA/"), beer("IPA") + "\n");
}

TEST_F(Partitioning, TakesRecordsApartBeforeItPartitionsThem) {
  auto input = by_style();
  api::Processor apart;
  apart.Type = "RecordDeAggregation";
  apart.Parameters.emplace().push_back({"SubRecordType", "JSON"});
  input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors->push_back(apart);
  create(input);
  put(beer("IPA") + beer("Stout"));
  deliver("beers");
  EXPECT_EQ(only_object("good/style=IPA/"), beer("IPA"));
  EXPECT_EQ(only_object("good/style=Stout/"), beer("Stout"));
  EXPECT_EQ(firehose->pending("beers"), 0u);
}

TEST_F(Partitioning, KeepsRecordsWhoseKeysCannotBeFound) {
  create(by_style());
  for (const char* data : {"no json", "{}", "{\"style\":null}", "{\"style\":[]}", "[]"}) put(data);
  put(beer(std::string(2000, 'x')));
  put("{\"style\":\"a\\u0000b\"}");
  deliver("beers");
  EXPECT_THAT(objects("good/"), IsEmpty());
  const auto bad = failed();
  ASSERT_THAT(bad, SizeIs(7));
  for (const json::object& one : bad) {
    EXPECT_EQ(one.at("errorCode").as_string(), "DynamicPartitioning.MetadataExtractionFailed");
  }
  EXPECT_EQ(raw(bad[1]), "{}");
  EXPECT_THAT(std::string(bad[1].at("errorMessage").as_string()), HasSubstr("null or empty"));
  EXPECT_THAT(std::string(bad[0].at("errorMessage").as_string()), HasSubstr("Non JSON"));
}

TEST_F(Partitioning, HoldsFiveHundredPartitionsAtATime) {
  create(by_style());
  for (int i = 0; i < 502; ++i) put(beer(std::to_string(i)));
  put(beer("0"), "a");  // of a partition that is there
  deliver("beers");
  EXPECT_THAT(objects("good/"), SizeIs(500));
  ASSERT_THAT(failed(), SizeIs(2));
  EXPECT_EQ(failed()[0].at("errorCode").as_string(),
            "DynamicPartitioning.ActivePartitionsLimitExceeded");
  put(beer("new"));  // what is delivered is active no more
  deliver("beers");
  EXPECT_EQ(only_object("good/style=new/"), beer("new"));
  EXPECT_EQ(firehose->pending("beers"), 0u);
}

TEST_F(Partitioning, TriesForAsLongAsRetryOptionsSayThenKeepsTheRecordsApart) {
  auto input = by_style();
  auto& conversion =
      input.ExtendedS3DestinationConfiguration->DataFormatConversionConfiguration.emplace();
  conversion.SchemaConfiguration.emplace().DatabaseName = "lake";
  conversion.SchemaConfiguration->TableName = "beers";
  conversion.InputFormatConfiguration.emplace().Deserializer.emplace().OpenXJsonSerDe.emplace();
  conversion.OutputFormatConfiguration.emplace().Serializer.emplace().ParquetSerDe.emplace();
  create(input);
  put(beer("IPA"));
  put(beer("Stout"));
  EXPECT_THROW(deliver("beers"), std::runtime_error);  // there is no such table
  clock.advance(std::chrono::seconds(119));
  EXPECT_THROW(firehose->deliver_now("beers"), std::runtime_error);
  EXPECT_EQ(firehose->pending("beers"), 2u);
  clock.advance(std::chrono::seconds(1));
  firehose->deliver_now("beers");
  EXPECT_EQ(firehose->pending("beers"), 0u);
  const auto bad = lines(only_object("bad/format-conversion-failed/"));
  ASSERT_THAT(bad, SizeIs(2));
  EXPECT_EQ(raw(bad[0]), beer("IPA"));
  EXPECT_THAT(std::string(bad[0].at("lastErrorMessage").as_string()), HasSubstr("no table"));
  // The next trouble has its time anew.
  put(beer("IPA"));
  EXPECT_THROW(deliver("beers"), std::runtime_error);
  EXPECT_EQ(firehose->pending("beers"), 1u);
}

TEST_F(Partitioning, NeverGivesUpWhatItCannotPutAnywhere) {
  create(by_style());
  s3->delete_bucket("lake");
  put(beer("IPA"));
  EXPECT_THROW(deliver("beers"), AwsError);
  clock.advance(std::chrono::hours(3));
  EXPECT_THROW(firehose->deliver_now("beers"), AwsError);
  EXPECT_EQ(firehose->pending("beers"), 1u);
}

TEST_F(Partitioning, IsRefusedWhereItCouldNotWork) {
  const Change nothing = [](auto&) {};
  EXPECT_FALSE(refused(by_style(), nothing));
  EXPECT_FALSE(refused(by_function(), nothing));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) { s3.DynamicPartitioningConfiguration.reset(); }));
  EXPECT_TRUE(refused(from_kinesis("x"),
                      [](auto& s3) { s3.Prefix = "!{partitionKeyFromLambda:brewery}/"; }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) { s3.BufferingHints->SizeInMBs = 63; }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) { s3.ErrorOutputPrefix.reset(); }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) {
    s3.ErrorOutputPrefix = "!{partitionKeyFromQuery:style}/!{firehose:error-output-type}/";
  }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) { s3.ProcessingConfiguration.reset(); }));
  EXPECT_TRUE(
      refused(by_style(), [](auto& s3) { s3.Prefix = "!{partitionKeyFromLambda:brewery}/"; }));
  EXPECT_TRUE(
      refused(by_function(), [](auto& s3) { s3.Prefix = "!{partitionKeyFromQuery:style}/"; }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) {
    s3.ProcessingConfiguration->Processors = {extraction("{style: .style")};
  }));
  EXPECT_TRUE(refused(by_style(), [](auto& s3) {
    (*s3.ProcessingConfiguration->Processors)[0].Parameters->pop_back();
  }));
  EXPECT_TRUE(refused(from_kinesis("x"), [](auto& s3) {
    s3.ProcessingConfiguration.emplace().Enabled = true;
    s3.ProcessingConfiguration->Processors = {extraction("{style: .style}")};
  }));
}

TEST_F(Partitioning, IsDecidedWhenTheStreamIsMade) {
  create(by_style());
  const auto about = describe_delivery_stream(*firehose, call, {"beers"}).DeliveryStreamDescription;
  const auto& s3 = *about.Destinations.at(0).ExtendedS3DestinationDescription;
  EXPECT_EQ(s3.DynamicPartitioningConfiguration->Enabled, true);
  EXPECT_EQ(s3.DynamicPartitioningConfiguration->RetryOptions->DurationInSeconds, 120);
  EXPECT_EQ(s3.ProcessingConfiguration->Processors->at(0).Type, "MetadataExtraction");
  api::UpdateDestinationInput input;
  input.DeliveryStreamName = "beers";
  input.DestinationId = "destinationId-000000000001";
  input.CurrentDeliveryStreamVersionId = "1";
  auto& update = input.ExtendedS3DestinationUpdate.emplace();
  update.Prefix = "plain/";
  update.DynamicPartitioningConfiguration.emplace().Enabled = false;
  update.ProcessingConfiguration.emplace().Enabled = false;
  EXPECT_EQ(code_of([&] { update_destination(*firehose, call, input); }),
            "InvalidArgumentException");
  update = {};
  update.Prefix = "new/!{partitionKeyFromQuery:style}/";
  update_destination(*firehose, call, input);
  put(beer("IPA"));
  deliver("beers");
  EXPECT_EQ(only_object("new/IPA/"), beer("IPA"));
}

}  // namespace
}  // namespace engine::firehose
