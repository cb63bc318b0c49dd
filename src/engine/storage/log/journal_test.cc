// Tests of logs whose rounds are synced by a journal.
#include "engine/storage/log/journal_format.h"
#include "engine/storage/log/log_testing.h"

#include <array>
#include <optional>
#include <random>

namespace engine::storage {
namespace {

constexpr std::size_t kLogs = 4;

/// Some logs of one folder with a journal, as a service has them.
class Logs {
 public:
  Logs(const std::string& folder, io::FileSystem& files, std::uint64_t journal_bytes = 1 << 20)
      : rounds_(shared_rounds({.folder = folder + "/journal",
                               .root = folder + "/streams",
                               .bytes = journal_bytes,
                               .least_logs = 2,
                               .wake = [this] { ++woken_; }},
                              files)) {
    for (std::size_t i = 0; i < kLogs; ++i) {
      logs_.push_back(std::make_unique<Log>(fmt::format("{}/streams/{}", folder, i),
                                            LogOptions{.segment_bytes = 600, .rounds = rounds_},
                                            files));
    }
  }

  Log& operator[](std::size_t i) { return *logs_[i]; }
  Rounds& rounds() { return *rounds_; }
  void checkpoint() { storage::checkpoint(*rounds_); }
  int woken() const { return woken_; }

  /// Appends two records to each of the first logs; gives which of them took them.
  std::vector<bool> append(std::size_t count, const std::string& text) {
    const std::vector<std::string> texts{text + "a", text + "b"};
    const std::vector<NewRecord> records{{"key", texts[0]}, {"key", texts[1]}};
    std::vector<Log::Part> parts;
    for (std::size_t i = 0; i < count; ++i) parts.push_back({logs_[i].get(), records, at(0)});
    Log::append_all(parts);
    std::vector<bool> taken;
    for (const Log::Part& part : parts) taken.push_back(!part.error);
    return taken;
  }

 private:
  int woken_ = 0;
  std::shared_ptr<Rounds> rounds_;
  std::vector<std::unique_ptr<Log>> logs_;
};

std::vector<std::string> journals(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/journal"))
    found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// For thousands of files: in memory, where there is such a place.
std::string in_memory() {
  return std::filesystem::is_directory("/dev/shm") ? "/dev/shm"
                                                   : std::filesystem::temp_directory_path();
}

/// Counts syncs, of journals and of others.
class CountingFileSystem final : public io::FileSystem {
 public:
  void sync(const io::File& file) override {
    ++(file.path.find("/journal/") == std::string::npos ? segments : journals);
    FileSystem::sync(file);
  }
  bool sync_disk(const io::File&) override { return false; }
  int segments = 0, journals = 0;
};

TEST(LogsWithAJournal, SyncItAloneForARoundOfMany) {
  const TemporaryFolder folder;
  CountingFileSystem files;
  Logs logs(folder.path(), files);
  logs.append(kLogs, "first");  // asks for the journal
  EXPECT_EQ(logs.woken(), 1);
  EXPECT_THAT(journals(folder.path()), IsEmpty());
  logs.checkpoint();
  EXPECT_EQ(journals(folder.path()).size(), 2u);
  files.segments = files.journals = 0;
  logs.append(kLogs, "second");
  EXPECT_EQ(files.journals, 1);
  EXPECT_EQ(files.segments, 0);
  EXPECT_THAT(data(logs[3]), ElementsAre("firsta", "firstb", "seconda", "secondb"));
  logs.append(1, "alone");
  EXPECT_EQ(files.journals, 1);
  EXPECT_EQ(files.segments, 1);
  files.segments = 0;
  logs.checkpoint();
  EXPECT_EQ(files.segments, static_cast<int>(kLogs));
  logs.checkpoint();
  EXPECT_EQ(files.segments, static_cast<int>(kLogs)) << "there was nothing to sync";
}

TEST(LogsWithAJournal, LeaveNoneWhenTheyEnd) {
  const TemporaryFolder folder;
  {
    Logs logs(folder.path(), io::real_file_system());
    logs.append(kLogs, "first");
    logs.checkpoint();
    logs.append(kLogs, "second");
    EXPECT_EQ(journals(folder.path()).size(), 2u);
  }
  EXPECT_THAT(journals(folder.path()), IsEmpty());
}

TEST(LogsWithAJournal, SyncThemselvesWhileItIsFull) {
  const TemporaryFolder folder;
  CountingFileSystem files;
  Logs logs(folder.path(), files, 3 * format::kJournalBlock);  // two rounds
  logs.append(kLogs, "");
  logs.checkpoint();
  files.segments = 0;
  for (int i = 0; i < 4; ++i) logs.append(kLogs, std::to_string(i));
  EXPECT_EQ(files.segments, 0);
  EXPECT_EQ(logs.woken(), 2);
  logs.append(kLogs, "4");
  EXPECT_GE(files.segments, static_cast<int>(kLogs));
  logs.checkpoint();
  files.segments = 0;
  logs.append(kLogs, "5");
  EXPECT_EQ(files.segments, 0);
  EXPECT_EQ(data(logs[2]).size(), 14u);
}

/// Logs with `rounds` rounds in the journal, and the power cut.
void cut_behind(io::ForgetfulFileSystem& files, const std::string& folder, int rounds) {
  Logs logs(folder, files);
  logs.append(kLogs, "x");
  logs.checkpoint();
  for (int i = 0; i < rounds; ++i) logs.append(kLogs, std::to_string(i));
  files.lose_power();
}

TEST(JournalReplay, BringsBackWhatTheSegmentsLost) {
  const TemporaryFolder folder;
  io::ForgetfulFileSystem files(folder.path());
  cut_behind(files, folder.path(), 3);
  files.start_again();
  EXPECT_EQ(journals(folder.path()).size(), 2u);
  Logs logs(folder.path(), files);
  EXPECT_THAT(journals(folder.path()), IsEmpty());
  for (std::size_t i = 0; i < kLogs; ++i) {
    EXPECT_THAT(data(logs[i]), ElementsAre("xa", "xb", "0a", "0b", "1a", "1b", "2a", "2b"));
    EXPECT_THAT(logs[i].damage(), IsEmpty());
  }
}

TEST(JournalReplay, MayBeInterruptedAtAnyCallAndBegunAgain) {
  for (int nth = 1;; ++nth) {
    const TemporaryFolder folder;
    io::ForgetfulFileSystem files(folder.path());
    cut_behind(files, folder.path(), 2);
    files.start_again();
    files.lose_power_at(nth);
    bool whole = false;
    try {
      const Logs logs(folder.path(), files);
      whole = files.has_power();
    } catch (const StorageError&) {
    }
    files.start_again();
    Logs logs(folder.path(), files);
    for (std::size_t i = 0; i < kLogs; ++i) {
      ASSERT_THAT(data(logs[i]), ElementsAre("xa", "xb", "0a", "0b", "1a", "1b")) << nth;
    }
    if (whole) break;
  }
}

TEST(JournalReplay, LeavesOutWhatIsOfAnotherStreamOrOfNone) {
  const TemporaryFolder folder;
  io::ForgetfulFileSystem files(folder.path());
  cut_behind(files, folder.path(), 2);
  files.start_again();
  std::filesystem::remove_all(folder.path() + "/streams/0");
  std::filesystem::remove_all(folder.path() + "/streams/1");
  { append(*std::make_unique<Log>(folder.path() + "/streams/1"), {"made anew"}); }
  Logs logs(folder.path(), files);
  EXPECT_THAT(data(logs[0]), IsEmpty());
  EXPECT_THAT(data(logs[1]), ElementsAre("made anew"));
  EXPECT_EQ(data(logs[2]).size(), 6u);
  EXPECT_THAT(logs[1].damage(), IsEmpty());
}

TEST(JournalReplay, ReportsADamagedMiddleAndUsesTheRest) {
  const TemporaryFolder folder;
  io::ForgetfulFileSystem files(folder.path());
  cut_behind(files, folder.path(), 3);
  files.start_again();
  const std::string journal = journals(folder.path())[0];
  flip_byte(journal, 2 * format::kJournalBlock + 100);
  Logs logs(folder.path(), files);
  const auto& damage = journal_damage(logs.rounds());
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_EQ(damage[0].file, journal);
  EXPECT_EQ(damage[0].position, 2 * format::kJournalBlock);
  EXPECT_THAT(data(logs[0]), ElementsAre("xa", "xb", "0a", "0b", "2a", "2b"));
  EXPECT_EQ(logs[0].damage().size(), 1u);  // the log tells of the hole, too
}

TEST(JournalReplay, ReadsOnWhenTheHeaderIsDamaged) {
  const TemporaryFolder folder;
  io::ForgetfulFileSystem files(folder.path());
  cut_behind(files, folder.path(), 2);
  files.start_again();
  flip_byte(journals(folder.path())[0], 18);
  Logs logs(folder.path(), files);
  EXPECT_EQ(journal_damage(logs.rounds()).size(), 1u);
  EXPECT_THAT(data(logs[0]), ElementsAre("xa", "xb", "0a", "0b", "1a", "1b"));
}

TEST(JournalReplay, RefusesAnotherFormatVersion) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/journal");
  io::write_file(folder.path() + "/journal/" + format::journal_name(3),
                 format::encode(format::JournalHeader{.version = 2, .number = 3, .mark = 1}));
  EXPECT_THROW(Logs(folder.path(), io::real_file_system()), StorageError);
}

TEST(JournalReplay, WritesToNoFileElsewhere) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/streams");
  std::filesystem::create_directories(folder.path() + "/journal");
  { append(*std::make_unique<Log>(folder.path() + "/other"), {"kept"}); }
  const std::string path = folder.path() + "/other/" + format::segment_name(0);
  const std::string before = io::read_file(path);
  format::RoundBytes round;
  round.clear();
  round.begin_part({.name = "../other",
                    .first = 0,
                    .mark = format::decode_segment_header(before)->mark,
                    .position = format::kHeaderBytes});
  round.add("overwritten");
  round.end_part();
  std::string journal = format::encode(format::JournalHeader{.number = 0, .mark = 5});
  journal.resize(format::kJournalBlock);
  io::write_file(folder.path() + "/journal/" + format::journal_name(0),
                 journal + std::string(round.finish(5, 0)));
  const Logs logs(folder.path(), io::real_file_system());
  EXPECT_EQ(io::read_file(path), before);
}

TEST(LogsWithAJournal, TakeNothingWhileARefusedRoundMayStandInIt) {
  for (int nth = 5; nth <= 7;
       ++nth) {  // behind the writes of four logs: the journal's own, its sync
    for (int calls = 1; calls <= 12; ++calls) {
      const TemporaryFolder folder(in_memory());
      io::ForgetfulFileSystem files(folder.path());
      std::vector<std::string> kept{"xa", "xb"};
      {
        Logs logs(folder.path(), files);
        logs.append(kLogs, "x");
        logs.checkpoint();
        files.fail_at(nth, calls, true);
        const bool taken = logs.append(kLogs, "refused")[0];
        if (taken) kept.insert(kept.end(), {"refuseda", "refusedb"});
        if (logs.append(1, "alone")[0]) kept.insert(kept.end(), {"alonea", "aloneb"});
        files.lose_power();
      }
      files.start_again();
      Logs logs(folder.path(), files);
      const auto found = data(logs[0]);
      ASSERT_GE(found.size(), kept.size()) << nth << " " << calls;
      ASSERT_EQ(
          std::vector<std::string>(found.begin(), found.begin() + static_cast<long>(kept.size())),
          kept)
          << nth << " " << calls;
      if (kept.back() == "aloneb") {
        ASSERT_EQ(found.size(), kept.size()) << nth << " " << calls;
      }
    }
  }
}

/// What a log has acknowledged, and what may stand behind it after a power cut: one append that was
/// refused.
struct Expected {
  std::vector<std::string> kept;
  std::vector<std::vector<std::string>> refused;

  void put(const std::string& text, bool taken) {
    const std::vector<std::string> two{text + "a", text + "b"};
    if (!taken) return refused.push_back(two);
    kept.insert(kept.end(), two.begin(), two.end());
    refused.clear();
  }

  void check(const std::vector<std::string>& found, const std::string& where) {
    const auto same = [&](const std::vector<std::string>& all) { return found == all; };
    bool fits = same(kept);
    for (const auto& one : refused) {
      std::vector<std::string> more = kept;
      more.insert(more.end(), one.begin(), one.end());
      fits = fits || same(more);
    }
    ASSERT_TRUE(fits) << where << ": " << ::testing::PrintToString(found) << " for "
                      << ::testing::PrintToString(kept);
    kept = found;
    refused.clear();
  }
};

TEST(LogsWithAJournal, LoseAndDoubleNothingWhateverFailsAndWhenever) {
  constexpr int kSeeds = 40, kSteps = 40;
  for (int seed = 0; seed < kSeeds; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const TemporaryFolder folder(in_memory());
    io::ForgetfulFileSystem files(folder.path());
    std::array<Expected, kLogs> expected;
    for (int start = 0; start < 4; ++start) {
      std::optional<Logs> logs(std::in_place, folder.path(), files, 4 * format::kJournalBlock);
      for (std::size_t i = 0; i < kLogs; ++i) {
        expected[i].check(data((*logs)[i]),
                          fmt::format("seed {}, start {}, log {}", seed, start, i));
        EXPECT_THAT((*logs)[i].damage(), IsEmpty()) << seed;
      }
      if (::testing::Test::HasFailure()) return;
      EXPECT_THAT(journal_damage(logs->rounds()), IsEmpty()) << seed;
      const auto put = [&](const std::string& text, std::size_t count) {
        const auto taken = logs->append(count, text);
        for (std::size_t i = 0; i < count; ++i) expected[i].put(text, taken[i]);
      };
      for (int step = 0; step < kSteps && files.has_power(); ++step) {
        if (random() % 4 == 0) {
          files.fail_at(1 + static_cast<int>(random() % 12), 1 + static_cast<int>(random() % 3) * 4,
                        random() % 2 == 0);
        }
        if (random() % 40 == 0) files.lose_power_at(1 + static_cast<int>(random() % 30));
        if (random() % 4 == 0) {
          try {
            logs->checkpoint();
          } catch (const std::system_error&) {
          }
        }
        put(fmt::format("{}-{}-", start, step), 1 + random() % kLogs);
      }
      const bool ends = files.has_power() && random() % 3 == 0;
      if (ends) {
        // All that was refused is cleaned up then: the system may show bytes that it will not
        // write.
        files.fail_at(0);
        files.lose_power_at(0);
        put(fmt::format("{}-end-", start), kLogs);
        files.fail_at(1 + static_cast<int>(random() % 12));
      }
      for (std::size_t i = 0; i < kLogs; ++i) {
        ASSERT_EQ(data((*logs)[i]), expected[i].kept) << seed;  // what is refused is not seen
      }
      if (!ends) files.lose_power();
      logs.reset();
      if (!files.has_power()) files.start_again();
      files.fail_at(0);
    }
  }
}

}  // namespace
}  // namespace engine::storage
