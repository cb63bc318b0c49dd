// Tests of the journal's bytes.
#include "engine/storage/log/journal_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::storage::format {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kMark = 0x1234567890abcdef;

std::string block(std::string bytes) {
  bytes.resize((bytes.size() + kJournalBlock - 1) / kJournalBlock * kJournalBlock);
  return bytes;
}

std::string header(std::uint64_t mark = kMark) {
  return block(encode(JournalHeader{.number = 7, .mark = mark}));
}

std::string round(std::uint64_t index, const std::vector<std::string>& frames,
                  std::uint64_t mark = kMark) {
  RoundBytes bytes;
  bytes.clear();
  for (const std::string& one : frames) {
    bytes.begin_part({.name = "stream/shard", .first = 3, .mark = 9, .position = 40});
    bytes.add(one);
    bytes.end_part();
  }
  return std::string(bytes.finish(mark, index));
}

struct Found {
  std::vector<std::string> frames;
  std::vector<Damage> damage;
};

Found read(const std::string& journal, std::uint64_t mark = kMark) {
  Found found;
  read_rounds(
      journal, mark, "file",
      [&](const JournalPart& part) { found.frames.emplace_back(part.frames); }, found.damage);
  return found;
}

TEST(JournalFormat, GivesBackWhatARoundHolds) {
  RoundBytes bytes;
  bytes.clear();
  EXPECT_TRUE(bytes.empty());
  bytes.begin_part({.name = "left/out", .first = 1, .mark = 2, .position = 3});
  bytes.add("gone");
  bytes.drop_part();
  bytes.begin_part({.name = "stream/shard", .first = 4, .mark = 5, .position = 6});
  bytes.add("two ");
  bytes.add("pieces");
  EXPECT_EQ(bytes.end_part(), "two pieces");
  const std::string journal = header() + std::string(bytes.finish(kMark, 0));
  EXPECT_EQ(journal.size(), 2 * kJournalBlock);
  std::vector<Damage> damage;
  int parts = 0;
  read_rounds(
      journal, kMark, "file",
      [&](const JournalPart& part) {
        ++parts;
        EXPECT_EQ(part.name, "stream/shard");
        EXPECT_EQ(part.first, 4u);
        EXPECT_EQ(part.mark, 5u);
        EXPECT_EQ(part.position, 6u);
        EXPECT_EQ(part.frames, "two pieces");
      },
      damage);
  EXPECT_EQ(parts, 1);
  EXPECT_THAT(damage, IsEmpty());
}

TEST(JournalFormat, EndsAtATornRoundWhateverItsLength) {
  const std::string whole = header() + round(0, {"a", "b"}),
                    last = round(1, {std::string(5000, 'c'), "d"});
  const std::size_t used = 2 * 32 + 32 + 2 * 12 + 5001;  // without what fills the block
  for (std::size_t size = 0; size < used; size += size < 200 ? 1 : 97) {
    const Found found = read(whole + last.substr(0, size));
    ASSERT_THAT(found.frames, ElementsAre("a", "b")) << size;
    ASSERT_THAT(found.damage, IsEmpty());
  }
  EXPECT_EQ(read(whole + last).frames.size(), 4u);
}

TEST(JournalFormat, TakesNoRoundOfAnEarlierUseOfTheFile) {
  // Longer, with the number that would come next, and inside a client's record.
  const std::string before = round(1, {"old"}, kMark + 1);
  EXPECT_THAT(read(header() + round(0, {"new"}) + before + before).frames, ElementsAre("new"));
  const Found none = read(header() + round(0, {"old"}, kMark + 1));
  EXPECT_THAT(none.frames, IsEmpty());
  EXPECT_THAT(none.damage, IsEmpty());
}

TEST(JournalFormat, ReportsADamagedMiddleWhereverTheByteIsAndGoesOn) {
  const std::string bad = round(1, {std::string(4000, 'b'), "b"});
  ASSERT_EQ(bad.size(), 2 * kJournalBlock);
  const std::size_t used = 32 + 2 * (32 + 12) + 4001;
  for (std::size_t position = 0; position < used; position += position < 200 ? 1 : 61) {
    std::string damaged = bad;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x40);
    const Found found = read(header() + round(0, {"a"}) + damaged + round(2, {"c"}));
    ASSERT_THAT(found.frames, ElementsAre("a", "c")) << position;
    ASSERT_EQ(found.damage.size(), 1u);
    ASSERT_EQ(found.damage[0].file, "file");
    ASSERT_EQ(found.damage[0].position, 2 * kJournalBlock);
    ASSERT_EQ(found.damage[0].bytes, bad.size());
  }
}

TEST(JournalFormat, BelievesNoHeaderWithAWrongByte) {
  const std::string good = encode(JournalHeader{.number = 7, .mark = kMark});
  ASSERT_EQ(decode_journal_header(good)->number, 7u);
  for (std::size_t position = 0; position < good.size(); ++position) {
    std::string bad = good;
    bad[position] = static_cast<char>(bad[position] ^ 1);
    EXPECT_FALSE(decode_journal_header(bad)) << position;
  }
  EXPECT_EQ(mark_of_first_round(block("?") + round(0, {"a"})), kMark);
  EXPECT_EQ(mark_of_first_round(block("?") + block("?")), std::nullopt);
}

TEST(JournalFormat, NamesJournalsAndNothingElse) {
  EXPECT_EQ(parse_journal_name(journal_name(42)), 42u);
  EXPECT_EQ(parse_journal_name(journal_name(42) + std::string(kMaking)), std::nullopt);
  EXPECT_EQ(parse_journal_name("42.journal"), std::nullopt);
}

}  // namespace
}  // namespace engine::storage::format
