// Delivery streams as they are made, described, updated, fed and removed.
#include "engine/services/firehose/api.h"
#include "engine/services/firehose/test_engine.h"

namespace engine::firehose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Streams : public FirehoseTest {
 protected:
  api::DeliveryStreamDescription describe(const std::string& name) {
    return describe_delivery_stream(*firehose, call, {name}).DeliveryStreamDescription;
  }
  static api::PutRecordInput record(const std::string& stream, const std::string& data) {
    return {stream, {data}};
  }
  std::string refusal(const std::function<void(api::ExtendedS3DestinationConfiguration&)>& change) {
    auto input = from_kinesis("refused");
    change(*input.ExtendedS3DestinationConfiguration);
    const std::string code = code_of([&] { create(input); });
    EXPECT_FALSE(firehose->has_stream("refused"));
    return code;
  }
};

TEST_F(Streams, AreDescribedAsTheyWereSent) {
  create(with_function(from_kinesis("clean")));
  const auto about = describe("clean");
  EXPECT_EQ(about.DeliveryStreamStatus, "ACTIVE");
  EXPECT_EQ(about.DeliveryStreamType, "KinesisStreamAsSource");
  EXPECT_EQ(about.VersionId, "1");
  EXPECT_EQ(about.Source->KinesisStreamSourceDescription->RoleARN, kRole);
  const auto& s3 = *about.Destinations.at(0).ExtendedS3DestinationDescription;
  EXPECT_EQ(s3.Prefix, "good/");
  EXPECT_EQ(s3.BufferingHints.SizeInMBs, 1);
  EXPECT_EQ(s3.CompressionFormat, "UNCOMPRESSED");
  EXPECT_EQ(s3.S3BackupMode, "Disabled");
  EXPECT_EQ(s3.ProcessingConfiguration->Processors->at(0).Parameters->at(0).ParameterValue,
            kFunction);
  EXPECT_EQ(about.Destinations[0].S3DestinationDescription->BucketARN, "arn:aws:s3:::lake");
}

TEST_F(Streams, RefuseWhatTheyCouldNotDo) {
  const std::string kInvalid = "InvalidArgumentException";
  EXPECT_EQ(refusal([](auto& s3) { s3.Prefix = "!{partitionKeyFromQuery:style}/"; }), kInvalid);
  EXPECT_EQ(refusal([](auto& s3) { s3.ErrorOutputPrefix = "!{timestamp:yyyy}/"; }), kInvalid);
  EXPECT_EQ(refusal([](auto& s3) {
              s3.Prefix = "!{timestamp:yyyy}/";
              s3.ErrorOutputPrefix.reset();
            }),
            kInvalid);
  EXPECT_EQ(
      refusal([](auto& s3) {  // Parquet with a buffer below 64 MiB
        auto& conversion = s3.DataFormatConversionConfiguration.emplace();
        conversion.SchemaConfiguration.emplace().DatabaseName = "lake";
        conversion.SchemaConfiguration->TableName = "beers";
        conversion.InputFormatConfiguration.emplace();
        conversion.OutputFormatConfiguration.emplace().Serializer.emplace().ParquetSerDe.emplace();
      }),
      kInvalid);
}

TEST_F(Streams, RefuseASourceThatIsNotThere) {
  auto input = from_kinesis("raw");
  input.KinesisStreamSourceConfiguration->KinesisStreamARN =
      "arn:aws:kinesis:us-east-1:123456789012:stream/nobody";
  EXPECT_EQ(code_of([&] { create(input); }), "InvalidArgumentException");
}

TEST_F(Streams, AreUpdatedByVersion) {
  create(from_kinesis("raw"));
  put("1");
  firehose->deliver_now("raw");  // buffered under the old prefix, to be read again
  api::UpdateDestinationInput input;
  input.DeliveryStreamName = "raw";
  input.DestinationId = "destinationId-000000000001";
  input.CurrentDeliveryStreamVersionId = "7";
  input.ExtendedS3DestinationUpdate.emplace().Prefix = "new/";
  EXPECT_EQ(code_of([&] { update_destination(*firehose, call, input); }),
            "ConcurrentModificationException");
  input.CurrentDeliveryStreamVersionId = "1";
  update_destination(*firehose, call, input);
  EXPECT_EQ(describe("raw").VersionId, "2");
  deliver("raw");
  EXPECT_EQ(only_object("new/"), "1");
  EXPECT_THAT(objects().begin()->first, ::testing::HasSubstr("/raw-2-"));
  EXPECT_THAT(objects("good/"), IsEmpty());
}

TEST_F(Streams, MayBeGivenABackupAndNeverLoseIt) {
  create(from_kinesis("raw"));
  api::UpdateDestinationInput input;
  input.DeliveryStreamName = "raw";
  input.DestinationId = "destinationId-000000000001";
  input.CurrentDeliveryStreamVersionId = "1";
  auto& s3 = input.ExtendedS3DestinationUpdate.emplace();
  s3.S3BackupMode = "Enabled";
  s3.S3BackupUpdate.emplace().BucketARN = "arn:aws:s3:::lake";
  s3.S3BackupUpdate->Prefix = "backup/!{timestamp:yyyy}/";
  EXPECT_EQ(code_of([&] { update_destination(*firehose, call, input); }),
            "InvalidArgumentException");  // expressions want an ErrorOutputPrefix
  s3.S3BackupUpdate->Prefix = "backup/";
  s3.S3BackupUpdate->CompressionFormat = "Snappy";
  s3.S3BackupUpdate->BufferingHints = api::BufferingHints{7, 70};
  update_destination(*firehose, call, input);
  const auto about = *describe("raw").Destinations.at(0).ExtendedS3DestinationDescription;
  EXPECT_EQ(about.S3BackupMode, "Enabled");
  EXPECT_EQ(about.S3BackupDescription->CompressionFormat, "Snappy");
  EXPECT_EQ(about.S3BackupDescription->BufferingHints.SizeInMBs, 7);
  input.CurrentDeliveryStreamVersionId = "2";
  input.ExtendedS3DestinationUpdate.emplace().S3BackupMode = "Disabled";
  EXPECT_EQ(code_of([&] { update_destination(*firehose, call, input); }),
            "InvalidArgumentException");
}

TEST_F(Streams, KeepWhatIsPutToThemUntilItIsDelivered) {
  create(direct_put("direct"));
  EXPECT_FALSE(put_record(*firehose, call, record("direct", "1")).RecordId.empty());
  start();  // durable before the answer
  api::PutRecordBatchInput batch;
  batch.DeliveryStreamName = "direct";
  batch.Records = {api::Record{"2"}, api::Record{"3"}};
  EXPECT_EQ(put_record_batch(*firehose, call, batch).RequestResponses.size(), 2u);
  EXPECT_EQ(firehose->pending("direct"), 3u);
  deliver("direct");
  EXPECT_EQ(only_object(""), "123");
  start();
  deliver("direct");
  EXPECT_EQ(objects().size(), 1u);
}

TEST_F(Streams, BufferABatchEvenWithoutAnInterval) {
  auto input = direct_put("direct");
  input.ExtendedS3DestinationConfiguration->BufferingHints = api::BufferingHints{1, 0};
  create(input);
  for (const char* data : {"1", "2", "3"}) put_record(*firehose, call, record("direct", data));
  firehose->deliver_now("direct");
  EXPECT_EQ(only_object(""), "123");
}

TEST_F(Streams, WithAKinesisSourceTakeNoPuts) {
  create(from_kinesis("raw"));
  EXPECT_EQ(code_of([&] { put_record(*firehose, call, record("raw", "1")); }),
            "InvalidArgumentException");
}

TEST_F(Streams, MadeAnewKnowNothingOfTheOldOnes) {
  create(direct_put("direct"));
  put_record(*firehose, call, record("direct", "old"));
  delete_delivery_stream(*firehose, call, {"direct", {}});
  EXPECT_EQ(code_of([&] { describe("direct"); }), "ResourceNotFoundException");
  create(direct_put("direct"));
  put_record(*firehose, call, record("direct", "new"));
  deliver("direct");
  EXPECT_EQ(only_object(""), "new");
}

TEST_F(Streams, AreListed) {
  create(from_kinesis("b"));
  create(direct_put("a"));
  EXPECT_EQ(code_of([&] { create(direct_put("a")); }), "ResourceInUseException");
  api::ListDeliveryStreamsInput input;
  EXPECT_THAT(list_delivery_streams(*firehose, call, input).DeliveryStreamNames,
              ElementsAre("a", "b"));
  input.DeliveryStreamType = "KinesisStreamAsSource";
  EXPECT_THAT(list_delivery_streams(*firehose, call, input).DeliveryStreamNames, ElementsAre("b"));
  input = {};
  input.Limit = 1;
  EXPECT_TRUE(list_delivery_streams(*firehose, call, input).HasMoreDeliveryStreams);
}

TEST_F(Streams, CarryTagsAndEncryption) {
  auto input = direct_put("direct");
  input.Tags.emplace().push_back({"team", "brewers"});
  create(input);
  tag_delivery_stream(*firehose, call, {"direct", {api::Tag{"env", "dev"}}});
  untag_delivery_stream(*firehose, call, {"direct", {"team"}});
  const auto tags = list_tags_for_delivery_stream(*firehose, call, {"direct", {}, {}}).Tags;
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].Key, "env");
  start_encryption(*firehose, call, {"direct", {}});
  EXPECT_EQ(describe("direct").DeliveryStreamEncryptionConfiguration->Status, "ENABLED");
  EXPECT_EQ(put_record(*firehose, call, record("direct", "1")).Encrypted, true);
}

TEST_F(Streams, AreServedByATableOfOperations) {
  EXPECT_NE(definition(*firehose).find("PutRecordBatch"), nullptr);
}

}  // namespace
}  // namespace engine::firehose
