// Tests of a log on a disk that forgets or fails.
#include "engine/storage/log/log_testing.h"

#include <atomic>
#include <thread>

namespace engine::storage {
namespace {

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

}  // namespace
}  // namespace engine::storage
