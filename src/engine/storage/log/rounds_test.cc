// Tests of logs that share their rounds of writing and syncing.
#include "engine/storage/log/log_testing.h"

#include <map>
#include <thread>

namespace engine::storage {
namespace {

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
