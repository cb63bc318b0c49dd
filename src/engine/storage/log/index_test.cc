// Tests of the indexes of closed segments.
#include "engine/storage/log/log_testing.h"

#include <numeric>

namespace engine::storage {
namespace {

const LogOptions kTenRecords{.segment_bytes = 200'000};  // each of kLarge bytes
constexpr std::size_t kLarge = 20'000;  // an index has an entry for every fourth one

// Three closed segments of ten records each, and the newest with one.
std::string filled(const TemporaryFolder& folder) {
  std::string whole;
  Log log(folder.path(), kTenRecords);
  for (int i = 0; i < 31; ++i) append(log, {fmt::format("{:020000}", i)}, i);
  for (const auto& one : data(log)) whole += one;
  return whole;
}

std::string joined(const Log& log) {
  std::string whole;
  for (const auto& one : data(log)) whole += one;
  return whole;
}

TEST(LogIndex, GivesAClosedSegmentBackWithoutReadingIt) {
  const TemporaryFolder folder;
  const std::string whole = filled(folder);
  const auto files = segments(folder.path());
  ASSERT_EQ(files.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(std::filesystem::exists(index_of(files[i])));
  EXPECT_FALSE(std::filesystem::exists(index_of(files[3])));
  {
    Log log(folder.path(), kTenRecords);
    EXPECT_EQ(joined(log), whole);
    EXPECT_EQ(log.at_time(at(17)), 17u);
    EXPECT_EQ(log.end(), 31u);
    EXPECT_THAT(log.verify(), IsEmpty());
  }
  flip_byte(files[1], frame_position(3, kLarge) + 40);  // in the middle: opening doesn't see it
  Log log(folder.path(), kTenRecords);
  EXPECT_THAT(log.damage(), IsEmpty());
  EXPECT_EQ(data(log).size(), 30u);  // reading does, and passes it over
}

TEST(LogIndex, IsGoneOnceItsSegmentIsKnownToBeDamaged) {
  const TemporaryFolder folder;
  filled(folder);
  const std::string path = segments(folder.path())[1];
  flip_byte(path, frame_position(3, kLarge) + 40);
  for (int opening = 0; opening < 3; ++opening) {
    Log log(folder.path(), kTenRecords);
    const auto found = opening == 0 ? log.verify() : log.damage();
    ASSERT_EQ(found.size(), 1u) << opening;
    EXPECT_EQ(found[0].file, path);
    EXPECT_EQ(found[0].position, frame_position(3, kLarge));
    EXPECT_EQ(found[0].bytes, frame_position(4, kLarge) - frame_position(3, kLarge));
    EXPECT_FALSE(std::filesystem::exists(index_of(path)));
  }
}

TEST(LogIndex, IsNotBelievedWhenAnythingInItIsWrong) {
  const TemporaryFolder folder;
  const std::string whole = filled(folder);
  const std::string index = index_of(segments(folder.path())[1]);
  const std::string good = io::read_file(index);
  for (std::size_t position = 0; position < good.size(); ++position) {
    flip_byte(index, position);
    Log log(folder.path(), kTenRecords);
    ASSERT_EQ(joined(log), whole) << position;
    ASSERT_EQ(io::read_file(index), good) << position;  // made again
  }
  io::write_file(index, good.substr(0, good.size() / 2));
  EXPECT_EQ(joined(Log(folder.path(), kTenRecords)), whole);
}

TEST(LogIndex, IsMadeForSegmentsThatHaveNone) {
  const TemporaryFolder folder;
  filled(folder);
  const auto files = segments(folder.path());
  for (const auto& file : files) std::filesystem::remove(index_of(file));
  { Log log(folder.path(), kTenRecords); }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(std::filesystem::exists(index_of(files[i])));
}

TEST(LogIndex, LeavesASegmentThatIsTheNewestAgain) {
  const TemporaryFolder folder;
  filled(folder);
  const auto files = segments(folder.path());
  io::write_file(files[3], "");  // the machine stopped while it was being made
  {
    Log log(folder.path(), kTenRecords);
    EXPECT_FALSE(std::filesystem::exists(index_of(files[2])));
    EXPECT_EQ(append(log, {"more"}), 30u);
  }
  Log log(folder.path(), kTenRecords);
  EXPECT_EQ(data(log).size(), 31u);
  EXPECT_EQ(data(log).back(), "more");
}

TEST(LogIndex, GoesWithItsSegment) {
  const TemporaryFolder folder;
  filled(folder);
  Log log(folder.path(), kTenRecords);
  log.drop_before(at(25));
  const auto left = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(left), end(left)), 3);  // a closed one, its index, the newest
}

}  // namespace
}  // namespace engine::storage
