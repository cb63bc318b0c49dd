// SplitShard, MergeShards, UpdateShardCount.
#include "engine/services/kinesis/test_engine.h"

namespace engine::kinesis {
namespace {

using ::testing::ElementsAre;

class Resharding : public KinesisTest {
 protected:
  void split(const std::string& stream, const std::string& shard, const std::string& at) {
    api::SplitShardInput input;
    input.StreamName = stream;
    input.ShardToSplit = shard;
    input.NewStartingHashKey = at;
    split_shard(*kinesis, call, input);
  }
  void merge(const std::string& stream, const std::string& a, const std::string& b) {
    api::MergeShardsInput input;
    input.StreamName = stream;
    input.ShardToMerge = a;
    input.AdjacentShardToMerge = b;
    merge_shards(*kinesis, call, input);
  }
  void set_count(const std::string& stream, std::int64_t count) {
    api::UpdateShardCountInput input;
    input.StreamName = stream;
    input.TargetShardCount = count;
    input.ScalingType = "UNIFORM_SCALING";
    update_shard_count(*kinesis, call, input);
  }
  std::vector<api::Shard> open_shards(const std::string& stream) {
    api::ListShardsInput input;
    input.StreamName = stream;
    input.ShardFilter = api::ShardFilter{"AT_LATEST", {}, {}};
    return list_shards(*kinesis, call, input).Shards.value();
  }

  const std::string half = "170141183460469231731687303715884105728";
};

TEST_F(Resharding, EndsTheSplitShardAndGoesOnInItsChildren) {
  make_stream("beers", 1);
  put("beers", "a", "old");
  const std::string open = iterator("beers", kShard, "TRIM_HORIZON");
  split("beers", kShard, half);

  EXPECT_EQ(put("beers", "a", "low").ShardId, "shardId-000000000001");
  EXPECT_EQ(put("beers", "b", "high").ShardId, "shardId-000000000002");
  const auto last = get(open);
  EXPECT_THAT(data(last), ElementsAre("old"));
  EXPECT_FALSE(last.NextShardIterator);
  ASSERT_EQ(last.ChildShards.value().size(), 2u);
  EXPECT_EQ(last.ChildShards.value()[0].ShardId, "shardId-000000000001");
  EXPECT_THAT(last.ChildShards.value()[0].ParentShards, ElementsAre(kShard));
  EXPECT_EQ(last.ChildShards.value()[1].HashKeyRange.StartingHashKey, half);
}

TEST_F(Resharding, GivesTheClosedShardAnEnd) {
  make_stream("beers", 1);
  const std::string last = put("beers", "a", "old").SequenceNumber;
  split("beers", kShard, half);
  const auto all = shards("beers").Shards.value();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_GE(all[0].SequenceNumberRange.EndingSequenceNumber.value(), last);
  EXPECT_FALSE(all[1].SequenceNumberRange.EndingSequenceNumber);
  EXPECT_GT(all[1].SequenceNumberRange.StartingSequenceNumber,
            all[0].SequenceNumberRange.EndingSequenceNumber.value());
}

TEST_F(Resharding, IsRememberedAfterARestart) {
  make_stream("beers", 1);
  put("beers", "a", "old");
  split("beers", kShard, half);
  put("beers", "a", "new");
  start();
  EXPECT_EQ(open_shards("beers").size(), 2u);
  EXPECT_FALSE(get(iterator("beers", kShard, "TRIM_HORIZON")).NextShardIterator);
  EXPECT_THAT(data_of("beers", "shardId-000000000001"), ElementsAre("new"));
}

TEST_F(Resharding, MergesNeighboursOnly) {
  make_stream("beers", 3);
  EXPECT_EQ(code_of([&] { merge("beers", "shardId-000000000000", "shardId-000000000002"); }),
            "InvalidArgumentException");
  merge("beers", "shardId-000000000001", "shardId-000000000000");
  const auto open = open_shards("beers");
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[1].HashKeyRange.StartingHashKey, "0");
  EXPECT_EQ(open[1].ParentShardId, "shardId-000000000001");
  EXPECT_EQ(open[1].AdjacentParentShardId, "shardId-000000000000");
  EXPECT_EQ(code_of([&] { merge("beers", "shardId-000000000001", "shardId-000000000003"); }),
            "ResourceInUseException");
}

TEST_F(Resharding, RefusesASplitAtTheShardsEdge) {
  make_stream("beers", 2);
  EXPECT_EQ(code_of([&] { split("beers", "shardId-000000000001", half); }),
            "InvalidArgumentException");
  EXPECT_EQ(open_shards("beers").size(), 2u);
}

TEST_F(Resharding, ScalesToShardsOfOneSizeOverTheWholeRing) {
  make_stream("beers", 2);
  for (const std::int64_t count : {3, 4, 2, 1}) {
    set_count("beers", count);
    auto open = open_shards("beers");
    ASSERT_EQ(open.size(), static_cast<std::size_t>(count));
    const auto ranges = even_ranges(static_cast<std::size_t>(count));
    std::set<std::string> starts, expected;
    for (const api::Shard& shard : open) starts.insert(shard.HashKeyRange.StartingHashKey);
    for (const HashRange& range : ranges) expected.insert(to_decimal(range.first));
    EXPECT_EQ(starts, expected);
  }
  EXPECT_EQ(code_of([&] { set_count("beers", 3); }), "InvalidArgumentException");
}

TEST_F(Resharding, LosesNoRecordOfProducersThatGoOn) {
  make_stream("beers", 1);
  std::jthread producer([this] {
    for (int i = 0; i < 200; ++i) put("beers", std::to_string(i), std::to_string(i));
  });
  for (const std::int64_t count : {2, 4, 2}) set_count("beers", count);
  producer.join();
  std::set<std::string> seen;
  std::size_t records = 0;
  for (const ShardInfo& shard : kinesis->shards("beers")) {
    for (const Record& record : kinesis->read("beers", shard.id, 0, 1000, 1 << 20)) {
      seen.insert(record.data);
      ++records;
    }
  }
  EXPECT_EQ(records, 200u);
  EXPECT_EQ(seen.size(), 200u);
}

TEST_F(Resharding, ForgetsClosedShardsWithTheirLastRecord) {
  make_stream("beers", 1);
  split("beers", kShard, half);
  clock.advance(std::chrono::hours(25));
  kinesis->impl().drop_old();
  EXPECT_EQ(shards("beers").Shards.value().size(), 2u);
  start();
  EXPECT_EQ(shards("beers").Shards.value().size(), 2u);
}

}  // namespace
}  // namespace engine::kinesis
