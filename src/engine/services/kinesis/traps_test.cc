// What other local engines got wrong, each trap by name.
#include "engine/services/kinesis/test_engine.h"
#include "lib/base/digest.h"

#include <filesystem>
#include <fstream>

namespace engine::kinesis {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Traps : public KinesisTest {
 protected:
  Traps() { make_stream("beers", 1); }

  std::uint64_t bytes_of(const std::string& part) const {
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos) bytes += entry.file_size();
    }
    return bytes;
  }
  fs::path newest_segment(const std::string& stream) const {
    fs::path newest;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path() + "/streams/" + stream)) {
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
    }
    return newest;
  }
};

// Sharding by a language's string hash; the smallest integer breaking an absolute value.
TEST_F(Traps, KeysGoByTheirMd5AndNotByALanguagesHash) {
  make_stream("many", 4);
  // Java's hash of the first is -2^31, of the second and the third the same.
  for (const std::string key : {"polygenelubricants", "Aa", "BB", "a", "ü"}) {
    const auto quarter = static_cast<unsigned char>(base::md5(key)[0]) / 64;
    EXPECT_EQ(put("many", key, "x").ShardId, shard_id(quarter)) << key;
  }
}

// ExplicitHashKey without effect.
TEST_F(Traps, AnExplicitHashKeyOverrulesThePartitionKey) {
  make_stream("two", 2);
  EXPECT_EQ(put("two", "k", "x", "0").ShardId, shard_id(0));
  EXPECT_EQ(put("two", "k", "x", "170141183460469231731687303715884105728").ShardId, shard_id(1));
}

// Every shard created with the whole hash range.
TEST_F(Traps, ShardsDivideTheRingWithoutGapOrOverlap) {
  make_stream("three", 3);
  const auto list = shards("three").Shards.value();
  ASSERT_THAT(list, SizeIs(3));
  HashKey next = 0;
  for (const api::Shard& shard : list) {
    EXPECT_EQ(shard.HashKeyRange.StartingHashKey, to_decimal(next));
    next = parse_hash_key(shard.HashKeyRange.EndingHashKey).value() + 1;
  }
  EXPECT_EQ(next, HashKey{0});  // once around
}

// Iterators that are list positions and drift when retention trims.
TEST_F(Traps, AnIteratorStaysAtItsRecordWhenRetentionTrimsBehindIt) {
  start({.log = {.segment_bytes = 1}});  // a segment for each append
  for (int i = 0; i < 3; ++i) put("beers", "k", std::to_string(i));
  clock.advance(std::chrono::hours(24) - std::chrono::minutes(1));
  for (int i = 3; i < 6; ++i) put("beers", "k", std::to_string(i));
  const std::string at_four = get(iterator("beers", kShard, "TRIM_HORIZON"), 4).NextShardIterator.value();
  clock.advance(std::chrono::minutes(2));
  kinesis->impl().drop_old();
  EXPECT_THAT(data_of("beers"), ElementsAre("3", "4", "5"));
  EXPECT_THAT(data(get(at_four)), ElementsAre("4", "5"));
}

// An iterator that misses and replays from zero.
TEST_F(Traps, AnIteratorWithNothingBeforeItReplaysNothing) {
  put("beers", "k", "1");
  const std::string last = put("beers", "k", "2").SequenceNumber;
  for (std::string place : {iterator("beers", kShard, "LATEST"), iterator("beers", kShard, "AFTER_SEQUENCE_NUMBER", last),
                            iterator("beers", kShard, "AT_TIMESTAMP", {}, clock.now())}) {
    clock.advance(Milliseconds(1));
    const auto first = get(place);
    const auto second = get(first.NextShardIterator.value());
    EXPECT_THAT(second.Records, IsEmpty());
  }
  EXPECT_EQ(code_of([&] { get("AAAA"); }), "InvalidArgumentException");
}

// A closed shard that never ends.
TEST_F(Traps, AClosedShardEndsAndNamesItsChildren) {
  put("beers", "k", "last");
  api::SplitShardInput split;
  split.StreamName = "beers";
  split.ShardToSplit = kShard;
  split.NewStartingHashKey = "170141183460469231731687303715884105728";
  split_shard(*kinesis, call, split);
  const auto output = get(iterator("beers", kShard, "TRIM_HORIZON"));
  EXPECT_THAT(data(output), ElementsAre("last"));
  EXPECT_FALSE(output.NextShardIterator);
  EXPECT_THAT(output.ChildShards.value(), SizeIs(2));
}

// No retention at all.
TEST_F(Traps, RecordsGoWhenTheirRetentionIsOver) {
  start({.log = {.segment_bytes = 1}});
  put("beers", "k", "old");
  clock.advance(std::chrono::hours(24) + std::chrono::minutes(1));
  put("beers", "k", "new");
  kinesis->impl().drop_old();
  EXPECT_THAT(data_of("beers"), ElementsAre("new"));
}

// No limits per shard: 1 MiB and 1,000 records a second in.
TEST_F(Traps, AShardTakesAThousandRecordsAndAMebibyteASecond) {
  start({.limits = true});
  const std::vector<NewRecord> small(1'001, NewRecord{"x", "k"});
  const auto refused = [&](const std::vector<NewRecord>& records) {
    const auto outcomes = kinesis->impl().put("beers", records);
    return std::count_if(outcomes.begin(), outcomes.end(), [](const PutOutcome& outcome) {
      return outcome.error_code == "ProvisionedThroughputExceededException";
    });
  };
  EXPECT_EQ(refused(small), 1);
  clock.advance(std::chrono::seconds(1));
  const std::string half((1 << 19) - 1, 'x');
  EXPECT_EQ(refused(std::vector<NewRecord>(3, NewRecord{half, "k"})), 1);
}

// No limits per shard: 2 MiB and five reads a second out.
TEST_F(Traps, AShardGivesFiveReadsAndTwoMebibytesASecond) {
  start({.limits = true, .writes = {100 << 20, 1'000}});
  const std::string place = iterator("beers", kShard, "TRIM_HORIZON");
  for (int i = 0; i < 5; ++i) get(place);
  EXPECT_EQ(code_of([&] { get(place); }), "ProvisionedThroughputExceededException");
  clock.advance(std::chrono::seconds(1));
  for (int i = 0; i < 2; ++i) put("beers", "k", std::string((1 << 20) - 1, 'x'));
  EXPECT_THAT(get(place).Records, SizeIs(2));
  EXPECT_EQ(code_of([&] { get(place); }), "ProvisionedThroughputExceededException");
}

// Rewriting the whole stream's state for every record.
TEST_F(Traps, ARecordCostsItsOwnBytesAlone) {
  for (int i = 0; i < 200; ++i) put("beers", "k", std::string(1'000, 'x'));
  const std::uint64_t catalog = bytes_of("catalog"), log = bytes_of(".log");
  for (int i = 0; i < 10; ++i) put("beers", "k", std::string(1'000, 'x'));
  EXPECT_EQ(bytes_of("catalog"), catalog);
  EXPECT_GE(bytes_of(".log"), log);
  EXPECT_LT(bytes_of(".log"), log + 10 * 1'200);
}

// State saved only at a graceful stop.
TEST_F(Traps, WhatWasAcknowledgedIsThereWithoutAStop) {
  make_stream("another", 2);
  put("beers", "k", "kept");
  const io::TemporaryFolder copy;  // as kill -9 leaves the files
  fs::copy(folder.path(), copy.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  storage::Catalog catalog_after(copy.path());
  Context context_after{.catalog = catalog_after, .clock = clock, .ids = ids, .data = copy.path()};
  const Kinesis after(context_after);
  ASSERT_TRUE(after.has_stream("another"));
  EXPECT_THAT(after.shards("another"), SizeIs(2));
  const auto records = after.read("beers", kShard, 0, 10, 1'000);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].data, "kept");
}

// Appending behind a torn tail.
TEST_F(Traps, ATornTailIsCutAndNotAppendedBehind) {
  for (const char* data : {"1", "2", "torn"}) put("beers", "k", data);
  kinesis.reset();
  const fs::path segment = newest_segment("beers");
  fs::resize_file(segment, fs::file_size(segment) - 3);
  start();
  put("beers", "k", "3");
  start();
  EXPECT_THAT(data_of("beers"), ElementsAre("1", "2", "3"));
}

// A log without checksum.
TEST_F(Traps, ADamagedRecordIsNeverServed) {
  for (const char* data : {"first", "second", "third"}) put("beers", "k", data);
  kinesis.reset();
  const fs::path segment = newest_segment("beers");
  std::string bytes;
  {
    std::ifstream in(segment, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto at = bytes.find("second");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'S';
  std::ofstream(segment, std::ios::binary) << bytes;
  start();
  EXPECT_THAT(data_of("beers"), ElementsAre("first", "third"));
}

}  // namespace
}  // namespace engine::kinesis
