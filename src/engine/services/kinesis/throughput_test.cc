// What a shard takes and gives in a second.
#include "engine/services/kinesis/throughput.h"

#include <gtest/gtest.h>

namespace engine::kinesis {
namespace {

using base::Milliseconds;
using base::Timestamp;

constexpr Share kWrites{1 << 20, 1000}, kReads{2 << 20, 5};

Timestamp at(std::int64_t ms) { return Timestamp(Milliseconds(1'000'000 + ms)); }

TEST(Throughput, TakesAThousandRecordsInASecond) {
  Throughput shard;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(shard.take(at(i / 2), 10, kWrites));
  EXPECT_FALSE(shard.take(at(999), 10, kWrites));
  EXPECT_TRUE(shard.take(at(1000), 10, kWrites));
}

TEST(Throughput, TakesAMebibyteInASecond) {
  Throughput shard;
  EXPECT_TRUE(shard.take(at(0), 1'000'000, kWrites));
  EXPECT_FALSE(shard.take(at(1), (1 << 20) - 1'000'000 + 1, kWrites));
  EXPECT_TRUE(shard.take(at(1), (1 << 20) - 1'000'000, kWrites));
  EXPECT_FALSE(shard.take(at(2), 1, kWrites));
}

TEST(Throughput, TakesOneRecordOfSeveralSecondsAndRestsAsLong) {
  Throughput shard;
  EXPECT_TRUE(shard.take(at(0), 10 << 20, kWrites));
  EXPECT_FALSE(shard.take(at(9'999), 1, kWrites));
  EXPECT_TRUE(shard.take(at(10'000), 1, kWrites));
}

TEST(Throughput, GivesFiveReadsASecond) {
  Throughput shard;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(shard.begin_read(at(i * 200), kReads));
  EXPECT_FALSE(shard.begin_read(at(999), kReads));
  EXPECT_TRUE(shard.begin_read(at(1000), kReads));
}

TEST(Throughput, RestsFiveSecondsAfterTenMebibytesWereRead) {
  Throughput shard;
  EXPECT_TRUE(shard.begin_read(at(0), kReads));
  shard.end_read(10 << 20);
  EXPECT_FALSE(shard.begin_read(at(4'999), kReads));
  EXPECT_TRUE(shard.begin_read(at(5'000), kReads));
}

TEST(Throughput, GoesOnAtOnceWhenTheClockIsSetBack) {
  Throughput shard;
  EXPECT_TRUE(shard.take(at(0), 1 << 20, kWrites));
  EXPECT_TRUE(shard.take(at(-60'000), 1 << 20, kWrites));
}

}  // namespace
}  // namespace engine::kinesis
