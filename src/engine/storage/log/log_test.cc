// Tests of the log.
#include "engine/storage/log/log.h"

#include "engine/storage/error.h"
#include "engine/storage/log/format.h"
#include "lib/io/faults.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <numeric>
#include <random>
#include <thread>

namespace engine::storage {
namespace {

using io::TemporaryFolder;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kAll = 1 << 30;

base::Timestamp at(int ms) { return base::Timestamp{milliseconds{1'000'000 + ms}}; }

Offset append(Log& log, std::vector<std::string> data, int ms = 0) {
  std::vector<NewRecord> records;
  for (const auto& one : data) records.push_back({"key", one});
  return log.append(records, at(ms));
}

std::vector<std::string> data(const Log& log, Offset from = 0, std::size_t records = kAll,
                              std::size_t bytes = kAll) {
  std::vector<std::string> out;
  for (auto& record : log.read(from, records, bytes)) out.push_back(std::move(record.data));
  return out;
}

std::vector<std::string> segments(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string index_of(std::string segment) {
  return segment.replace(segment.size() - 4, 4, ".index");
}

void flip_byte(const std::string& path, std::uint64_t position) {
  const io::File file = io::open_file(path, O_RDWR);
  char byte;
  ASSERT_EQ(io::read_at(file, &byte, 1, position), 1u);
  byte = static_cast<char>(byte ^ 0x40);
  io::write_at(file, {&byte, 1}, position);
}

/// Where in the file the frame of a record starts that has "key" and the data given, all of one
/// size.
std::uint64_t frame_position(std::size_t index, std::size_t data_bytes) {
  return format::kHeaderBytes + index * (format::kFrameHeaderBytes + 3 + data_bytes);
}

TEST(Log, NumbersRecordsFromZero) {
  const TemporaryFolder folder;
  Log log(folder.path());
  EXPECT_EQ(log.begin(), 0u);
  EXPECT_EQ(log.end(), 0u);
  EXPECT_EQ(log.last_arrival(), std::nullopt);
  EXPECT_EQ(append(log, {"a", "b"}), 0u);
  EXPECT_EQ(append(log, {"c"}), 2u);
  EXPECT_EQ(log.end(), 3u);
  EXPECT_THAT(data(log), ElementsAre("a", "b", "c"));
  EXPECT_THAT(data(log, 1), ElementsAre("b", "c"));
  EXPECT_THAT(data(log, 3), IsEmpty());
  EXPECT_THAT(data(log, 99), IsEmpty());
}

TEST(Log, GivesBackKeyDataAndArrival) {
  const TemporaryFolder folder;
  Log log(folder.path());
  const std::string key("k\0y", 3), bytes("\xff\0\n", 3);
  log.append(std::vector<NewRecord>{{key, bytes}, {"", ""}}, at(7));
  const auto records = log.read(0, 10, kAll);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].key, key);
  EXPECT_EQ(records[0].data, bytes);
  EXPECT_EQ(records[0].arrival, at(7));
  EXPECT_EQ(records[1].offset, 1u);
  EXPECT_EQ(records[1].data, "");
}

TEST(Log, LimitsAReadByRecordsAndByBytesButForTheFirst) {
  const TemporaryFolder folder;
  Log log(folder.path());
  append(log, {"aaaa", "bbbb", "cccc"});
  EXPECT_THAT(data(log, 0, 2), ElementsAre("aaaa", "bbbb"));
  EXPECT_THAT(data(log, 0, 0), IsEmpty());
  EXPECT_THAT(data(log, 0, 9, 8), ElementsAre("aaaa", "bbbb"));
  EXPECT_THAT(data(log, 1, 9, 1), ElementsAre("bbbb"));
}

TEST(Log, NeverLetsArrivalGoBack) {
  const TemporaryFolder folder;
  {
    Log log(folder.path());
    append(log, {"a"}, 50);
    append(log, {"b"}, 20);
    EXPECT_EQ(log.read(1, 1, 1)[0].arrival, at(50));
  }
  Log log(folder.path());
  append(log, {"c"}, 30);
  EXPECT_EQ(log.last_arrival(), at(50));
}

TEST(Log, GoesOnAfterAReopening) {
  const TemporaryFolder folder;
  { append(*std::make_unique<Log>(folder.path()), {"a", "b"}); }
  Log log(folder.path());
  EXPECT_EQ(log.end(), 2u);
  EXPECT_THAT(log.damage(), IsEmpty());
  EXPECT_EQ(append(log, {"c"}), 2u);
  EXPECT_THAT(data(log), ElementsAre("a", "b", "c"));
}

TEST(Log, RollsToANewSegmentAndReadsAcross) {
  const TemporaryFolder folder;
  for (int run = 0; run < 2; ++run) {
    Log log(folder.path(), {.segment_bytes = 200});
    for (int i = 0; i < 10; ++i) append(log, {std::string(60, static_cast<char>('a' + i))});
    EXPECT_EQ(log.end(), 10u * (run + 1));
    EXPECT_EQ(data(log).size(), 10u * (run + 1));
    EXPECT_EQ(data(log, 7, 1)[0], std::string(60, 'h'));
  }
  EXPECT_GE(segments(folder.path()).size(), 8u);
}

TEST(Log, FindsTheFirstRecordOfATime) {
  const TemporaryFolder folder;
  Log log(folder.path(), {.segment_bytes = 300'000});
  EXPECT_EQ(log.at_time(at(0)), 0u);
  const std::string large(20'000, 'x');  // several index entries in each segment
  for (int i = 0; i < 50; ++i) append(log, {large, large}, 10 * i);
  EXPECT_EQ(log.at_time(at(-5)), 0u);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(log.at_time(at(10 * i)), 2u * i);
    EXPECT_EQ(log.at_time(at(10 * i - 3)), 2u * i);
  }
  EXPECT_EQ(log.at_time(at(491)), 100u);
}

TEST(Log, ReadsFromAnyOffsetThroughItsIndex) {
  const TemporaryFolder folder;
  for (int run = 0; run < 2; ++run) {
    Log log(folder.path(), {.segment_bytes = 1 << 20});
    for (int i = 0; i < 20 && run == 0; ++i) {
      std::vector<std::string> batch;
      for (int j = 0; j < 50; ++j) batch.push_back(fmt::format("{:2000}", i * 50 + j));
      append(log, batch);
    }
    for (Offset from = 0; from < 1000; from += 37) {
      const auto records = log.read(from, 3, kAll);
      ASSERT_EQ(records.size(), std::min<std::size_t>(3, 1000 - from));
      EXPECT_EQ(records[0].offset, from);
      EXPECT_EQ(records[0].data, fmt::format("{:2000}", from));
    }
  }
}

TEST(Log, DropsOnlyWholeSegmentsAndKeepsTheNewest) {
  const TemporaryFolder folder;
  {
    Log log(folder.path(), {.segment_bytes = 100});
    for (int i = 0; i < 6; ++i) append(log, {std::string(100, 'x')}, 10 * i);
    log.drop_before(at(21));
    EXPECT_EQ(log.begin(), 3u);
    EXPECT_EQ(data(log, 0).size(), 3u);
    EXPECT_EQ(segments(folder.path()).size(), 3u);
    log.drop_before(at(1000));
    EXPECT_EQ(log.begin(), 5u);
  }
  Log log(folder.path(), {.segment_bytes = 100});
  EXPECT_EQ(log.begin(), 5u);
  EXPECT_EQ(log.end(), 6u);
  EXPECT_THAT(log.damage(), IsEmpty());
}

TEST(Log, AReaderKeepsASegmentThatIsDroppedMeanwhile) {
  const TemporaryFolder folder;
  Log log(folder.path(), {.segment_bytes = 1000});
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::jthread reader([&] {
    while (!done) {
      Offset expected = 0;
      for (const auto& record : log.read(log.begin(), 1000, kAll)) {
        if (expected != 0 && record.offset != expected) ++wrong;
        expected = record.offset + 1;
      }
    }
  });
  for (int i = 0; i < 200; ++i) {
    append(log, {std::string(300, 'x')}, i);
    log.drop_before(at(i - 5));
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Log, KeepsEachWritersOrderAndGivesEveryRecordOneOffset) {
  const TemporaryFolder folder;
  constexpr int kWriters = 8, kAppends = 40;
  {
    Log log(folder.path(), {.segment_bytes = 20'000});
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (int i = 0; i < kAppends; ++i) {
          const std::string first = fmt::format("{} {} 0", writer, i);
          const std::string second = fmt::format("{} {} 1", writer, i);
          const Offset offset = append(log, {first, second});
          const auto back = log.read(offset, 2, kAll);  // durable, so it can be read at once
          if (back.size() != 2 || back[0].data != first || back[1].data != second) std::abort();
        }
      });
    }
  }
  Log log(folder.path(), {.segment_bytes = 20'000});
  const auto records = log.read(0, kAll, kAll);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kWriters * kAppends * 2));
  std::vector<int> next(kWriters);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].offset, i);
    const int writer = records[i].data[0] - '0';
    const int count = next[writer]++;
    EXPECT_EQ(records[i].data, fmt::format("{} {} {}", writer, count / 2, count % 2));
  }
}

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

TEST(LogFaults, KeepsEveryAcknowledgedRecordOverAPowerLossAtAnyTime) {
  for (int acknowledged = 0; acknowledged < 12; ++acknowledged) {
    const TemporaryFolder folder;
    io::ForgetfulFileSystem files(folder.path());
    const std::string directory = folder.path() + "/stream/shard";
    {
      Log log(directory, {.segment_bytes = 150}, files);
      for (int i = 0; i < acknowledged; ++i) append(log, {fmt::format("{:50}", i)});
      files.lose_power();
      EXPECT_THROW(append(log, {"lost"}), StorageError);
      EXPECT_EQ(log.end(), static_cast<Offset>(acknowledged));
    }
    files.start_again();
    Log log(directory, {.segment_bytes = 150}, files);
    EXPECT_THAT(log.damage(), IsEmpty());
    EXPECT_EQ(data(log).size(), static_cast<std::size_t>(acknowledged));
    EXPECT_EQ(append(log, {"next"}), static_cast<Offset>(acknowledged));
  }
}

TEST(LogFaults, ForgetsTheDroppedSegmentsAndNoOther) {
  const TemporaryFolder folder;
  io::ForgetfulFileSystem files(folder.path());
  const std::string directory = folder.path() + "/shard";
  {
    Log log(directory, {.segment_bytes = 100}, files);
    for (int i = 0; i < 6; ++i) append(log, {std::string(100, 'x')}, 10 * i);
    log.drop_before(at(21));
    files.lose_power();
  }
  files.start_again();
  Log log(directory, {.segment_bytes = 100}, files);
  EXPECT_EQ(log.begin(), 3u);
  EXPECT_EQ(log.end(), 6u);
}

TEST(LogFaults, IsAsBeforeWhenAnyOneCallOfAnAppendFails) {
  for (int nth = 1;; ++nth) {
    const TemporaryFolder folder;
    io::FailingFileSystem files;
    bool failed = false;
    {
      Log log(folder.path(), {.segment_bytes = 100}, files);
      append(log, {std::string(100, 'a')});
      files.fail(nth);
      try {
        append(log, {"b", "c"});
      } catch (const StorageError& error) {
        EXPECT_EQ(error.code(), ENOSPC);
        EXPECT_THAT(error.what(), HasSubstr(folder.path()));
        failed = true;
      }
      if (!failed) break;  // all calls of an append have had their turn
      files.work();
      EXPECT_EQ(log.end(), 1u);
      EXPECT_EQ(data(log).size(), 1u);
      EXPECT_EQ(append(log, {"d"}), 1u) << "after failing call " << nth;
      EXPECT_EQ(data(log).back(), "d");
    }
    Log log(folder.path(), {.segment_bytes = 100});
    EXPECT_THAT(log.damage(), IsEmpty());
    EXPECT_THAT(data(log), ElementsAre(std::string(100, 'a'), "d"));
  }
}

TEST(LogFaults, RefusesAppendsWhileItCannotCleanUpAndTakesThemWhenItCan) {
  const TemporaryFolder folder;
  io::FailingFileSystem files;
  {
    Log log(folder.path(), {}, files);
    append(log, {"a"});
    files.fail(2, io::FailingFileSystem::Then::kStaysBroken, EIO);  // the sync, and all after it
    EXPECT_THROW(append(log, {"b"}), StorageError);
    EXPECT_THROW(append(log, {"c"}), StorageError);
    files.work();
    EXPECT_EQ(append(log, {"d"}), 1u);
    EXPECT_THAT(data(log), ElementsAre("a", "d"));
  }
  Log log(folder.path());
  EXPECT_THAT(data(log), ElementsAre("a", "d"));
}

TEST(LogFaults, MayKeepWhatWasRefusedWhenItEndsBeforeItCouldCleanUp) {
  const TemporaryFolder folder;
  io::FailingFileSystem files;
  {
    Log log(folder.path(), {}, files);
    append(log, {"a"});
    files.fail(2, io::FailingFileSystem::Then::kStaysBroken, EIO);
    EXPECT_THROW(append(log, {"b"}), StorageError);
    EXPECT_THAT(data(log), ElementsAre("a"));
  }
  Log log(folder.path());
  const auto kept = data(log);  // "b" was never promised, and never denied by the disk
  EXPECT_EQ(kept[0], "a");
  EXPECT_EQ(append(log, {"d"}), kept.size());
}

TEST(LogFaults, TellsEveryWriterOfAGroupThatItFailed) {
  const TemporaryFolder folder;
  io::FailingFileSystem files;
  Log log(folder.path(), {}, files);
  append(log, {"first"});
  files.fail(1, io::FailingFileSystem::Then::kStaysBroken);
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 6; ++i) {
      writers.emplace_back([&] {
        try {
          append(log, {"x"});
        } catch (const StorageError&) {
          ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, 6);
  EXPECT_THAT(data(log), ElementsAre("first"));
}

TEST(LogsWithSharedRounds, AppendTogetherAndGiveBackEachItsOwn) {
  const TemporaryFolder folder;
  const LogOptions shared{.rounds = shared_rounds()};
  Log first(folder.path() + "/1", shared), second(folder.path() + "/2", shared);
  append(second, {"x"});
  const std::vector<NewRecord> two{{"key", "a"}, {"key", "b"}}, one{{"key", "y"}};
  Log::Part parts[] = {{&first, two, at(0)}, {&second, one, at(0)}};
  Log::append_all(parts);
  EXPECT_FALSE(parts[0].error || parts[1].error);
  EXPECT_EQ(parts[0].first, 0u);
  EXPECT_EQ(parts[1].first, 1u);
  EXPECT_THAT(data(first), ElementsAre("a", "b"));
  EXPECT_THAT(data(second), ElementsAre("x", "y"));
}

TEST(LogsWithSharedRounds, FailAlone) {
  const TemporaryFolder folder;
  io::FailingFileSystem disk;
  const LogOptions shared{.rounds = shared_rounds()};
  Log bad(folder.path() + "/1", shared, disk), good(folder.path() + "/2", shared);
  append(bad, {"kept"});
  const std::vector<NewRecord> one{{"key", "a"}};
  for (int nth = 1; nth <= 2; ++nth) {  // the write, then the sync
    disk.fail(nth);
    Log::Part parts[] = {{&bad, one, at(0)}, {&good, one, at(0)}};
    Log::append_all(parts);
    EXPECT_TRUE(disk.failed());
    ASSERT_TRUE(parts[0].error);
    EXPECT_THROW(std::rethrow_exception(parts[0].error), StorageError);
    EXPECT_FALSE(parts[1].error);
  }
  append(bad, {"after"});
  EXPECT_THAT(data(bad), ElementsAre("kept", "after"));
  EXPECT_THAT(data(good), ElementsAre("a", "a"));
}

/// Counts syncs; the disk as a whole is synced when it is told that it can be.
class CountingFileSystem final : public io::FileSystem {
 public:
  void sync(const io::File& file) override {
    ++files;
    FileSystem::sync(file);
  }
  bool sync_disk(const io::File&) override {
    ++disks;
    return can;
  }
  int files = 0, disks = 0;
  bool can = true;
};

TEST(LogsWithSharedRounds, SyncTheDiskOnceWhenTheyAreMany) {
  const TemporaryFolder folder;
  CountingFileSystem files;
  const LogOptions shared{.rounds = shared_rounds()};
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < 20; ++i) {
    logs.push_back(std::make_unique<Log>(fmt::format("{}/{}", folder.path(), i), shared, files));
    append(*logs.back(), {"first"});  // makes the segment
  }
  const std::vector<NewRecord> one{{"key", "a"}};
  const auto append_to = [&](std::size_t count) {
    files.files = files.disks = 0;
    std::vector<Log::Part> parts;
    for (std::size_t i = 0; i < count; ++i) parts.push_back({logs[i].get(), one, at(0)});
    Log::append_all(parts);
    for (const Log::Part& part : parts) EXPECT_FALSE(part.error);
  };
  append_to(20);
  EXPECT_EQ(files.disks, 1);
  EXPECT_EQ(files.files, 0);
  append_to(2);
  EXPECT_EQ(files.disks, 0);
  EXPECT_EQ(files.files, 2);
  files.can = false;
  append_to(20);
  EXPECT_EQ(files.disks, 1);
  EXPECT_EQ(files.files, 20);
  EXPECT_THAT(data(*logs[19]), ElementsAre("first", "a", "a"));
}

/// Notes down what need not stay in memory.
class ForgettingFileSystem final : public io::FileSystem {
 public:
  void forget(const io::File& file, std::uint64_t offset, std::uint64_t size) override {
    EXPECT_EQ(offset, forgotten[file.path]) << "a stretch was left out";
    forgotten[file.path] = offset + size;
    FileSystem::forget(file, offset, size);
  }
  std::map<std::string, std::uint64_t> forgotten;  ///< of each file, up to here
};

TEST(LogsWithSharedRounds, KeepTheNewestBytesOfAllOfThemInMemory) {
  constexpr std::uint64_t kRecent = 1 << 20, kStep = 64 << 10;
  const TemporaryFolder folder;
  ForgettingFileSystem files;
  const LogOptions shared{.segment_bytes = 2 << 20, .rounds = shared_rounds(kRecent)};
  Log busy(folder.path() + "/busy", shared, files), idle(folder.path() + "/idle", shared, files);
  std::uint64_t appended = 0;
  const auto put = [&](Log& log, std::size_t bytes) {
    append(log, {std::string(bytes, 'x')});
    appended += bytes;
    std::uint64_t gone = 0;
    for (const auto& [path, end] : files.forgotten) gone += end;
    EXPECT_GE(gone + kRecent + 6 * kStep, appended);
    EXPECT_LE(gone, std::max(appended + kStep, kRecent) - kRecent);
  };
  for (int i = 0; i < 100; ++i) {
    put(busy, 50'000);
    if (i % 4 == 0) put(idle, 20'000);
  }
  EXPECT_GE(files.forgotten.size(), 3u);  // two segments of one log, one of the other
  EXPECT_EQ(data(busy).size(), 100u);
  EXPECT_EQ(data(idle).size(), 25u);
}

TEST(LogsWithSharedRounds, KeepTheOrderOfEachThreadsAppends) {
  const TemporaryFolder folder;
  const LogOptions shared{.rounds = shared_rounds()};
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < 3; ++i) {
    logs.push_back(std::make_unique<Log>(fmt::format("{}/{}", folder.path(), i), shared));
  }
  constexpr int kThreads = 6, kAppends = 40;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kAppends; ++i) {
          const std::string text = fmt::format("{} {:03}", thread, i);
          const std::vector<NewRecord> one{{"key", text}};
          std::vector<Log::Part> parts;
          for (const auto& log : logs) parts.push_back({log.get(), one, at(0)});
          Log::append_all(parts);
          for (std::size_t k = 0; k < parts.size(); ++k) {
            EXPECT_EQ(data(*logs[k], parts[k].first, 1), std::vector<std::string>{text});
          }
        }
      });
    }
  }
  for (const auto& log : logs) {
    auto all = data(*log);
    EXPECT_EQ(all.size(), std::size_t{kThreads * kAppends});
    std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a[0] < b[0]; });
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  }
}

}  // namespace
}  // namespace engine::storage
