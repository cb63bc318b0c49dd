// Tests of the log: appending, reading, retention.
#include "engine/storage/log/log_testing.h"

#include <atomic>
#include <thread>

namespace engine::storage {
namespace {

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

}  // namespace
}  // namespace engine::storage
