// Hash keys and sequence numbers.
#include "engine/services/kinesis/hash_key.h"

#include "engine/services/kinesis/sequence_number.h"

#include <gtest/gtest.h>

namespace engine::kinesis {
namespace {

TEST(HashKey, IsTheMd5OfThePartitionKey) {
  // Verified: MD5("a") = 0cc175b9c0f1b6a831c399e269772661
  EXPECT_EQ(to_decimal(hash_of("a")), "16955237001963240173058271559858726497");
}

TEST(HashKey, IsReadUpToTheLastOfTheRing) {
  EXPECT_EQ(parse_hash_key("340282366920938463463374607431768211455"), kLastHashKey);
  EXPECT_FALSE(parse_hash_key("340282366920938463463374607431768211456"));
  EXPECT_FALSE(parse_hash_key("-1"));
  EXPECT_FALSE(parse_hash_key(""));
  EXPECT_EQ(to_decimal(0), "0");
}

TEST(HashKey, EvenRangesCoverTheRingWithoutGap) {
  for (const std::size_t count : {1u, 2u, 3u, 7u, 500u}) {
    const auto ranges = even_ranges(count);
    ASSERT_EQ(ranges.size(), count);
    EXPECT_TRUE(ranges.front().first == 0);
    EXPECT_TRUE(ranges.back().last == kLastHashKey);
    for (std::size_t i = 1; i < count; ++i) {
      EXPECT_TRUE(ranges[i].first == ranges[i - 1].last + 1);
    }
  }
  EXPECT_EQ(to_decimal(even_ranges(2)[1].first), "170141183460469231731687303715884105728");
}

TEST(SequenceNumber, HasFiftySixDigitsAndComesBack) {
  const SequenceNumber number{base::Timestamp{base::Milliseconds{1'767'225'600'123}}, 3, 42};
  const std::string text = number.text();
  EXPECT_EQ(text.size(), 56u);
  const auto parsed = parse_sequence_number(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->offset, 42u);
  EXPECT_EQ(parsed->shard_number, 3u);
  EXPECT_EQ(parsed->shard_created, number.shard_created);
  EXPECT_FALSE(parse_sequence_number("0"));
  EXPECT_FALSE(parse_sequence_number(text + "0"));
}

TEST(SequenceNumber, GrowsWithTheOffset) {
  const base::Timestamp created{base::Milliseconds{1'767'225'600'123}};
  EXPECT_LT((SequenceNumber{created, 0, 9}.text()), (SequenceNumber{created, 0, 10}.text()));
}

}  // namespace
}  // namespace engine::kinesis
