// Streams as they are made, described, listed, tagged and changed.
#include "engine/services/kinesis/api.h"
#include "engine/services/kinesis/test_engine.h"

namespace engine::kinesis {
namespace {

using ::testing::ElementsAre;

class Streams : public KinesisTest {
 protected:
  api::StreamDescriptionSummary describe(const std::string& name) {
    api::DescribeStreamSummaryInput input;
    input.StreamName = name;
    return describe_stream_summary(*kinesis, call, input).StreamDescriptionSummary;
  }
};

TEST_F(Streams, AreDescribedAsTerraformReadsThem) {
  make_stream("beers", 2);
  const auto about = describe("beers");
  EXPECT_EQ(about.StreamARN, "arn:aws:kinesis:us-east-1:123456789012:stream/beers");
  EXPECT_EQ(about.StreamStatus, "ACTIVE");
  EXPECT_EQ(about.OpenShardCount, 2);
  EXPECT_EQ(about.RetentionPeriodHours, 24);
  EXPECT_EQ(about.StreamModeDetails.value().StreamMode, "PROVISIONED");
  EXPECT_EQ(about.EncryptionType, "NONE");
  EXPECT_EQ(about.ConsumerCount, 0);
  EXPECT_EQ(about.EnhancedMonitoring.size(), 1u);
}

TEST_F(Streams, OnDemandOnesBeginWithFourShards) {
  api::CreateStreamInput input;
  input.StreamName = "elastic";
  input.StreamModeDetails = api::StreamModeDetails{"ON_DEMAND"};
  create_stream(*kinesis, call, input);
  EXPECT_EQ(describe("elastic").OpenShardCount, 4);
}

TEST_F(Streams, OfOneNameExistOnce) {
  make_stream("beers", 1);
  EXPECT_EQ(code_of([&] { make_stream("beers", 1); }), "ResourceInUseException");
}

TEST_F(Streams, KeepWithinTheAccountsShards) {
  EXPECT_EQ(code_of([&] { make_stream("huge", 501); }), "LimitExceededException");
  EXPECT_FALSE(kinesis->has_stream("huge"));
}

TEST_F(Streams, MayBeNamedLikeAFolderWithoutHarm) {
  make_stream("..", 1);
  make_stream("beers", 1);
  put("beers", "a", "1");
  api::DeleteStreamInput input;
  input.StreamName = "..";
  delete_stream(*kinesis, call, input);
  EXPECT_THAT(data_of("beers"), ElementsAre("1"));
}

TEST_F(Streams, AreFoundByArn) {
  make_stream("beers", 1);
  EXPECT_TRUE(kinesis->has_stream("arn:aws:kinesis:us-east-1:123456789012:stream/beers"));
  EXPECT_FALSE(kinesis->has_stream("arn:aws:kinesis:eu-west-1:123456789012:stream/beers"));
  api::DescribeStreamSummaryInput input;
  EXPECT_EQ(code_of([&] { describe_stream_summary(*kinesis, call, input); }),
            "InvalidArgumentException");
}

TEST_F(Streams, AreListedInPages) {
  for (const char* name : {"c", "a", "b"}) make_stream(name, 1);
  api::ListStreamsInput input;
  input.Limit = 2;
  const auto first = list_streams(*kinesis, call, input);
  EXPECT_THAT(first.StreamNames, ElementsAre("a", "b"));
  EXPECT_TRUE(first.HasMoreStreams);
  input.NextToken = first.NextToken;
  EXPECT_THAT(list_streams(*kinesis, call, input).StreamNames, ElementsAre("c"));
}

TEST_F(Streams, ListTheirShardsInPages) {
  make_stream("beers", 3);
  api::ListShardsInput input;
  input.StreamName = "beers";
  input.MaxResults = 2;
  const auto first = list_shards(*kinesis, call, input);
  ASSERT_EQ(first.Shards.value().size(), 2u);
  api::ListShardsInput next;
  next.NextToken = first.NextToken;
  EXPECT_EQ(list_shards(*kinesis, call, next).Shards.value()[0].ShardId, "shardId-000000000002");
  clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(code_of([&] { list_shards(*kinesis, call, next); }), "ExpiredNextTokenException");
}

TEST_F(Streams, KeepRetentionWithinItsBounds) {
  make_stream("beers", 1);
  api::IncreaseStreamRetentionPeriodInput more;
  more.StreamName = "beers";
  more.RetentionPeriodHours = 48;
  increase_retention(*kinesis, call, more);
  EXPECT_EQ(describe("beers").RetentionPeriodHours, 48);
  more.RetentionPeriodHours = 8761;
  EXPECT_EQ(code_of([&] { increase_retention(*kinesis, call, more); }), "InvalidArgumentException");
  api::DecreaseStreamRetentionPeriodInput less;
  less.StreamName = "beers";
  less.RetentionPeriodHours = 72;
  EXPECT_EQ(code_of([&] { decrease_retention(*kinesis, call, less); }), "InvalidArgumentException");
  start();
  EXPECT_EQ(describe("beers").RetentionPeriodHours, 48);
}

TEST_F(Streams, CarryTags) {
  make_stream("beers", 1);
  api::AddTagsToStreamInput add;
  add.StreamName = "beers";
  add.Tags = {{"team", "brewers"}, {"env", "dev"}};
  add_tags_to_stream(*kinesis, call, add);
  api::RemoveTagsFromStreamInput remove;
  remove.StreamName = "beers";
  remove.TagKeys = {"env"};
  remove_tags_from_stream(*kinesis, call, remove);
  api::ListTagsForResourceInput list;
  list.ResourceARN = describe("beers").StreamARN;
  const auto tags = list_tags_for_resource(*kinesis, call, list).Tags.value();
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].Key, "team");
  EXPECT_EQ(tags[0].Value, "brewers");
}

TEST_F(Streams, TellBackTheirEncryption) {
  make_stream("beers", 1);
  api::StartStreamEncryptionInput input;
  input.StreamName = "beers";
  input.EncryptionType = "KMS";
  input.KeyId = "alias/aws/kinesis";
  start_encryption(*kinesis, call, input);
  EXPECT_EQ(describe("beers").KeyId, "alias/aws/kinesis");
  EXPECT_EQ(put("beers", "a", "1").EncryptionType, "KMS");
}

TEST_F(Streams, KeepTheirConsumersUntilAskedToDropThem) {
  make_stream("beers", 1);
  api::RegisterStreamConsumerInput input;
  input.StreamARN = describe("beers").StreamARN;
  input.ConsumerName = "reader";
  const auto consumer = register_consumer(*kinesis, call, input).Consumer;
  EXPECT_EQ(code_of([&] { register_consumer(*kinesis, call, input); }), "ResourceInUseException");
  api::DescribeStreamConsumerInput describe;
  describe.ConsumerARN = consumer.ConsumerARN;
  EXPECT_EQ(describe_consumer(*kinesis, call, describe).ConsumerDescription.ConsumerName, "reader");
  api::DeleteStreamInput remove;
  remove.StreamName = "beers";
  EXPECT_EQ(code_of([&] { delete_stream(*kinesis, call, remove); }), "ResourceInUseException");
  remove.EnforceConsumerDeletion = true;
  delete_stream(*kinesis, call, remove);
  EXPECT_FALSE(kinesis->has_stream("beers"));
}

TEST_F(Streams, AreServedByATableOfOperations) {
  const ServiceDefinition service = definition(*kinesis);
  ASSERT_NE(service.find("PutRecords"), nullptr);
  EXPECT_NE(service.find("SubscribeToShard"), nullptr);
  EXPECT_EQ(service.find("GetResourcePolicy"), nullptr);
  EXPECT_EQ(definition(*kinesis, Protocol::kAwsCbor11).operations.size(), service.operations.size());
}

}  // namespace
}  // namespace engine::kinesis
