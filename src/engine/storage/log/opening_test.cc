// Tests of opening a log whose files a crash or a bad disk has changed.
#include "engine/storage/log/log_testing.h"

#include <map>
#include <random>

namespace engine::storage {
namespace {

TEST(LogOpening, CutsATornTailAtEveryLengthItMayHave) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa"}); }
  const std::string path = segments(folder.path())[0];
  const std::string whole_first = io::read_file(path);
  { append(*std::make_unique<Log>(folder.path()), {"bbbb", "cccc"}); }
  const std::string whole = io::read_file(path);
  for (std::size_t size = whole_first.size(); size < whole.size(); ++size) {
    io::write_file(path, whole.substr(0, size));
    Log log(folder.path());
    // The second append is all there or not at all, though its first record is whole.
    ASSERT_THAT(data(log), ElementsAre("aaaa")) << size;
    ASSERT_THAT(log.damage(), IsEmpty()) << size;
    ASSERT_EQ(append(log, {"dddd"}), 1u);
    ASSERT_THAT(data(log), ElementsAre("aaaa", "dddd"));
  }
}

TEST(LogOpening, CutsATailOfZeros) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa"}); }
  const std::string path = segments(folder.path())[0];
  io::write_file(path, io::read_file(path) + std::string(5000, '\0'));
  Log log(folder.path());
  EXPECT_THAT(data(log), ElementsAre("aaaa"));
  EXPECT_THAT(log.damage(), IsEmpty());
  EXPECT_LT(std::filesystem::file_size(path), 200u);
}

TEST(LogOpening, ReportsADamagedMiddleWhereverTheByteIsAndServesTheRest) {
  const TemporaryFolder folder;
  {
    Log log(folder.path());
    for (const char* one : {"aaaa", "bbbb", "cccc"}) append(log, {one});
  }
  const std::string path = segments(folder.path())[0];
  const std::string whole = io::read_file(path);
  const std::uint64_t begin = frame_position(1, 4), end = frame_position(2, 4);
  for (std::uint64_t position = begin; position < end; ++position) {
    io::write_file(path, whole);
    flip_byte(path, position);
    Log log(folder.path());
    ASSERT_THAT(data(log), ElementsAre("aaaa", "cccc")) << position;
    ASSERT_EQ(log.damage().size(), 1u);
    ASSERT_EQ(log.damage()[0].file, path);
    ASSERT_EQ(log.damage()[0].position, begin);
    ASSERT_EQ(log.damage()[0].bytes, end - begin);
    ASSERT_EQ(append(log, {"dddd"}), 3u);
    ASSERT_EQ(log.read(1, 1, 1)[0].offset, 2u);
  }
}

TEST(LogOpening, ServesTheRecordsAroundTheDamagedOneOfAnAppend) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa", "bbbb", "cccc"}); }
  flip_byte(segments(folder.path())[0], frame_position(1, 4) + 40);
  Log log(folder.path());
  EXPECT_THAT(data(log), ElementsAre("aaaa", "cccc"));
  EXPECT_EQ(log.damage().size(), 1u);
}

TEST(LogOpening, DoesNotTakeARecordThatHoldsALogForFrames) {
  const TemporaryFolder other, folder;
  {
    Log log(other.path());
    for (const char* one : {"x", "y", "z"}) append(log, {one});
  }
  const std::string foreign = io::read_file(segments(other.path())[0]);
  {
    Log log(folder.path());
    append(log, {foreign});
    append(log, {"after"});
  }
  flip_byte(segments(folder.path())[0], format::kHeaderBytes + 30);
  Log log(folder.path());
  EXPECT_THAT(data(log), ElementsAre("after"));
}

TEST(LogOpening, ReadsOnWhenASegmentsHeaderIsDamaged) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa", "bbbb"}); }
  flip_byte(segments(folder.path())[0], 14);
  Log log(folder.path());
  EXPECT_THAT(data(log), ElementsAre("aaaa", "bbbb"));
  ASSERT_EQ(log.damage().size(), 1u);
  EXPECT_EQ(log.damage()[0].position, 0u);
  EXPECT_EQ(append(log, {"cccc"}), 2u);
}

TEST(LogOpening, NeverUsesTheOffsetsOfAnUnreadableSegmentAgain) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa", "bbbb"}); }
  const std::string path = segments(folder.path())[0];
  io::write_file(path, std::string(std::filesystem::file_size(path), 'x'));
  Log log(folder.path());
  EXPECT_THAT(data(log), IsEmpty());
  EXPECT_EQ(log.damage().size(), 1u);
  EXPECT_GE(append(log, {"cccc"}), 2u);
  EXPECT_THAT(data(log), ElementsAre("cccc"));
  EXPECT_EQ(io::read_file(path)[50], 'x');  // left for whoever wants to look at it
}

TEST(LogOpening, ReportsATailThatIsMissingInAClosedSegment) {
  const TemporaryFolder folder;
  {
    Log log(folder.path(), {.segment_bytes = 100});
    for (int i = 0; i < 4; ++i) append(log, {std::string(60, 'x')});
  }
  const std::string path = segments(folder.path())[0];
  io::write_file(path, io::read_file(path).substr(0, 120));
  Log log(folder.path(), {.segment_bytes = 100});
  EXPECT_EQ(data(log).size(), 3u);
  ASSERT_EQ(log.damage().size(), 1u);
  EXPECT_EQ(log.damage()[0].file, path);
}

TEST(LogOpening, ReportsASegmentThatIsMissing) {
  const TemporaryFolder folder;
  {
    Log log(folder.path(), {.segment_bytes = 100});
    for (int i = 0; i < 6; ++i) append(log, {std::string(100, 'x')});
  }
  const std::string path = segments(folder.path())[2];
  std::filesystem::remove(path);
  Log log(folder.path(), {.segment_bytes = 100});
  ASSERT_EQ(log.damage().size(), 1u);
  EXPECT_EQ(log.damage()[0].file, path);
  EXPECT_EQ(data(log).size(), 5u);
}

TEST(LogOpening, RemovesASegmentThatWasNeverFinished) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"aaaa"}); }
  io::write_file(folder.path() + "/" + format::segment_name(1), "BEERLOG");
  Log log(folder.path());
  EXPECT_THAT(log.damage(), IsEmpty());
  EXPECT_EQ(append(log, {"bbbb"}), 1u);
  EXPECT_EQ(segments(folder.path()).size(), 1u);
}

TEST(LogOpening, RefusesAnotherFormatVersion) {
  const TemporaryFolder folder;
  io::write_file(folder.path() + "/" + format::segment_name(0),
                 format::encode({.version = 2, .mark = 7, .first = 0}));
  try {
    Log log(folder.path());
    ADD_FAILURE() << "the version should have been refused";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("format version 2"));
  }
}

TEST(LogOpening, SurvivesAnyBytesInItsFiles) {
  const TemporaryFolder folder;
  {
    Log log(folder.path(), {.segment_bytes = 2000});
    for (int i = 0; i < 60; ++i) append(log, {fmt::format("{:90}", i)});
  }
  std::map<std::string, std::string> whole;
  for (const auto& path : segments(folder.path())) whole[path] = io::read_file(path);
  std::mt19937 random(42);
  for (int round = 0; round < 200; ++round) {
    for (const auto& path : segments(folder.path())) std::filesystem::remove(path);
    for (const auto& [path, bytes] : whole) {
      std::string changed = bytes;
      for (unsigned i = random() % 4; i > 0; --i) {
        changed[random() % changed.size()] = static_cast<char>(random());
      }
      if (random() % 8 == 0) changed.resize(random() % changed.size());
      io::write_file(path, changed);
    }
    Log log(folder.path(), {.segment_bytes = 2000});
    const Offset offset = append(log, {"new"});
    Offset least = 0;
    for (const auto& record : log.read(0, kAll, kAll)) {
      ASSERT_GE(record.offset, least);
      least = record.offset + 1;
      if (record.offset == offset) break;
      ASSERT_EQ(record.data, fmt::format("{:90}", record.offset));
    }
    ASSERT_EQ(least, offset + 1);
  }
}

}  // namespace
}  // namespace engine::storage
