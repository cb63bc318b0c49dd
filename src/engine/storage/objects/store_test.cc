// Tests of the object store.
#include "engine/storage/objects/store.h"

#include "engine/storage/error.h"
#include "engine/storage/objects/key_path.h"
#include "lib/io/faults.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace engine::storage {
namespace {

using io::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// Where many openings and crashes are tried, a disk that syncs slowly adds nothing.
std::string fast_folder() {
  const char* memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory
                                               : std::filesystem::temp_directory_path().string();
}

/// A service in miniature: a row for each object, with its location and size.
class Shelf {
 public:
  explicit Shelf(const std::string& folder, io::FileSystem& files = io::real_file_system())
      : folder_(folder),
        catalog_(folder + "/meta"),
        store_(catalog_, folder + "/disk/buckets", folder + "/disk/scratch", files) {}

  void put(const std::string& key, http::Body body) {
    StagedBody staged = store_.stage(std::move(body));
    const std::uint64_t size = staged.size();
    auto placement = store_.place(staged, "lake", key, location(key).value_or(""));
    Batch batch;
    batch.put("shelf/objects", key, fmt::format("{} {}", size, placement.location));
    batch.append(std::move(placement.batch));
    std::vector<StagedBody> bodies;
    bodies.push_back(std::move(staged));
    store_.commit(std::move(batch), std::move(bodies));
  }

  void remove(const std::string& key) {
    Batch batch;
    batch.remove("shelf/objects", key);
    store_.remove(location(key).value(), batch);
    store_.commit(std::move(batch), {});
  }

  std::optional<std::string> location(const std::string& key) const {
    const auto row = catalog_.get("shelf/objects", key);
    if (!row) return std::nullopt;
    return row->substr(row->find(' ') + 1);
  }

  http::Body open(const std::string& key) const {
    const auto row = catalog_.get("shelf/objects", key).value();
    return store_.open(row.substr(row.find(' ') + 1), 0, std::stoull(row));
  }

  std::optional<std::string> get(const std::string& key) const {
    if (!location(key)) return std::nullopt;
    return open(key).string();
  }

  /// All files below the buckets and in scratch, as paths from there.
  std::vector<std::string> files() const { return list(folder_ + "/disk/buckets"); }
  std::vector<std::string> scratch() const { return list(folder_ + "/disk/scratch"); }
  ObjectStore& store() { return store_; }
  Catalog& catalog() { return catalog_; }

 private:
  static std::vector<std::string> list(const std::string& folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string path = entry.path().string().substr(folder.size() + 1);
      if (!entry.is_directory()) found.push_back(path);
      if (entry.is_directory() && std::filesystem::is_empty(entry)) found.push_back(path + "/");
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::string folder_;
  Catalog catalog_;
  ObjectStore store_;
};

TEST(ObjectStore, KeepsAnObjectAsAPlainFile) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  shelf.put("beers/2026/one.json", http::Body("{}"));
  EXPECT_EQ(shelf.get("beers/2026/one.json"), "{}");
  EXPECT_THAT(shelf.files(), ElementsAre("lake/beers/2026/one.json"));
  const std::string path = shelf.store().path(*shelf.location("beers/2026/one.json"));
  EXPECT_EQ(path, folder.path() + "/disk/buckets/lake/beers/2026/one.json");
  EXPECT_EQ(io::read_file(path), "{}");
}

TEST(ObjectStore, HoldsEmptyAndLargeBodies) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  const std::string large(3'000'000, 'x');
  shelf.put("empty", http::Body());
  shelf.put("large", http::Body(large));
  EXPECT_EQ(shelf.get("empty"), "");
  EXPECT_EQ(shelf.get("large"), large);
}

TEST(ObjectStore, GivesASpan) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  std::string bytes(200'000, 'x');
  bytes.replace(100'000, 5, "hello");
  shelf.put("a", http::Body(bytes));
  EXPECT_EQ(shelf.store().open(*shelf.location("a"), 100'000, 5).string(), "hello");
  EXPECT_EQ(shelf.store().open(*shelf.location("a"), 100'000, 100'000).string(),
            bytes.substr(100'000));
  EXPECT_THROW(shelf.store().open(*shelf.location("a"), 100'000, 100'001), StorageError);
}

TEST(ObjectStore, AdoptsASpooledBodyAndCopiesASpanOfAFile) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  const std::string spool = folder.path() + "/spool";
  io::write_file(spool, "spooled");
  shelf.put("spooled", http::Body::spooled(spool, 7));
  EXPECT_FALSE(std::filesystem::exists(spool));
  EXPECT_EQ(shelf.get("spooled"), "spooled");
  shelf.put("span", http::Body::file(shelf.store().path(*shelf.location("spooled")), 2, 3));
  EXPECT_EQ(shelf.get("span"), "ool");
  EXPECT_EQ(shelf.get("spooled"), "spooled");
}

TEST(ObjectStore, OverwritesInPlaceWhileAReaderKeepsTheOldBytes) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  const std::string old_bytes(300'000, 'o');
  shelf.put("a", http::Body(old_bytes));
  const http::Body reader = shelf.open("a");
  const std::string old_location = *shelf.location("a");
  shelf.put("a", http::Body("new"));
  EXPECT_EQ(reader.string(), old_bytes);
  EXPECT_EQ(shelf.get("a"), "new");
  EXPECT_THAT(shelf.files(), ElementsAre("lake/a"));
  try {
    shelf.store().open(old_location, 0, 3);
    ADD_FAILURE() << "the old version should have gone";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.code(), ESTALE);
  }
}

TEST(ObjectStore, RemovesAFileAndTheFoldersItLeavesEmpty) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  shelf.put("a/b/c/one", http::Body("1"));
  shelf.put("a/two", http::Body("2"));
  const http::Body reader = shelf.open("a/two");
  shelf.remove("a/b/c/one");
  EXPECT_THAT(shelf.files(), ElementsAre("lake/a/two"));
  shelf.remove("a/two");
  EXPECT_THAT(shelf.files(), IsEmpty());
  EXPECT_EQ(reader.string(), "2");
  shelf.put("a/b/c/one", http::Body("again"));
  EXPECT_EQ(shelf.get("a/b/c/one"), "again");
}

TEST(ObjectStore, HoldsAKeyThatIsAnothersFolderInEitherOrder) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  for (const char* key : {"a", "a/b", "a/b/c", "x/y/z", "x/y", "x"})
    shelf.put(key, http::Body(key));
  for (const char* key : {"a", "a/b", "a/b/c", "x/y/z", "x/y", "x"}) {
    EXPECT_EQ(shelf.get(key), key);
    shelf.put(key, http::Body(std::string("2") + key));
    EXPECT_EQ(shelf.get(key), std::string("2") + key);
  }
  EXPECT_THAT(shelf.files(), UnorderedElementsAre("lake/a", "lake/a%d/b", "lake/a%d/b%d/c",
                                                  "lake/x/y/z", "lake/x/y%f", "lake/x%f"));
  for (const char* key : {"a", "x/y"}) shelf.remove(key);
  for (const char* key : {"a/b", "a/b/c", "x/y/z", "x"})
    EXPECT_EQ(shelf.get(key).value(), std::string("2") + key);
  shelf.put("a", http::Body("3"));
  for (const char* key : {"a", "a/b", "a/b/c", "x/y/z", "x"}) shelf.remove(key);
  EXPECT_THAT(shelf.files(), IsEmpty());
}

TEST(ObjectStore, ReservesThePathOfABodyThatIsNotCommittedYet) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  ObjectStore& store = shelf.store();
  std::vector<StagedBody> staged;
  Batch batch;
  std::vector<std::string> locations;
  for (const char* key : {"a", "a/b", "c/d", "c"}) {
    staged.push_back(store.stage(http::Body(key)));
    auto placement = store.place(staged.back(), "lake", key);
    locations.push_back(placement.location);
    batch.append(std::move(placement.batch));
  }
  store.commit(std::move(batch), std::move(staged));
  EXPECT_EQ(store.open(locations[1], 0, 3).string(), "a/b");
  EXPECT_THAT(shelf.files(), UnorderedElementsAre("lake/a", "lake/a%d/b", "lake/c/d", "lake/c%f"));
}

TEST(ObjectStore, HoldsKeysThatNoFileNameCanHold) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  const std::string keys[] = {"../../../etc/passwd",  "..",       ".", "a//b", "/a", "a/", "100%",
                              std::string(1024, 'x'), "tab\there"};
  for (const auto& key : keys) shelf.put(key, http::Body(key));
  for (const auto& key : keys) EXPECT_EQ(shelf.get(key), key);
  for (const auto& file : shelf.files()) EXPECT_TRUE(file.starts_with("lake/")) << file;
  for (const auto& key : keys) shelf.remove(key);
  EXPECT_THAT(shelf.files(), IsEmpty());
}

TEST(ObjectStore, DropsAStagedBodyThatWasNotCommitted) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  {
    const StagedBody staged = shelf.store().stage(http::Body("x"));
    const auto placement = shelf.store().place(staged, "lake", "a");
    EXPECT_EQ(shelf.scratch().size(), 1u);
  }
  EXPECT_THAT(shelf.scratch(), IsEmpty());
  shelf.put("a/b", http::Body("1"));
  EXPECT_THAT(shelf.files(), ElementsAre("lake/a/b"));
}

TEST(ObjectStore, ClearsItsRowsBehindItself) {
  const TemporaryFolder folder(fast_folder());
  Shelf shelf(folder.path());
  for (int i = 0; i < 300; ++i) shelf.put(fmt::format("k{}", i % 40), http::Body("x"));
  for (int i = 0; i < 40; ++i) shelf.remove(fmt::format("k{}", i));
  EXPECT_LT(shelf.catalog().count("storage/unsettled"), 80u);
  EXPECT_EQ(shelf.catalog().count("storage/files"), 0u);
}

TEST(ObjectStore, EmptiesScratchAndRowsWhenOpened) {
  const TemporaryFolder folder;
  { Shelf(folder.path()).put("a", http::Body("1")); }
  io::write_file(folder.path() + "/disk/scratch/left", "x");
  Shelf shelf(folder.path());
  EXPECT_THAT(shelf.scratch(), IsEmpty());
  EXPECT_EQ(shelf.catalog().count("storage/unsettled"), 0u);
  EXPECT_EQ(shelf.get("a"), "1");
}

TEST(ObjectStore, ReadersSeeWholeVersionsWhileWritersOverwriteAndRemove) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  shelf.put("a", http::Body("start"));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto row = shelf.catalog().get("shelf/objects", "a");
        if (!row) continue;
        try {
          const std::size_t size = std::stoull(*row);
          const std::string bytes =
              shelf.store().open(row->substr(row->find(' ') + 1), 0, size).string();
          if (size != 5 && bytes != std::string(size, static_cast<char>('a' + size % 26))) ++wrong;
        } catch (const StorageError& error) {
          if (error.code() != ESTALE) ++wrong;
        }
      }
    });
  }
  for (std::size_t i = 0; i < 150; ++i) {
    const std::size_t size = 10 + i * 1000;
    shelf.put("a", http::Body(std::string(size, static_cast<char>('a' + size % 26))));
    if (i % 10 == 9) shelf.remove("a");
  }
  done = true;
  readers.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(ObjectStore, TakesManyWritersAtOnce) {
  const TemporaryFolder folder;
  Shelf shelf(folder.path());
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 6; ++writer) {
      writers.emplace_back([&, writer] {
        for (int i = 0; i < 25; ++i) {
          // Folders that come and go beside those of the others.
          const std::string key = fmt::format("d{}/{}", i % 3, writer);
          shelf.put(key, http::Body(key));
          if (i < 22) shelf.remove(key);
        }
      });
    }
  }
  EXPECT_EQ(shelf.files().size(), 18u);
  for (int i = 0; i < 18; ++i) {
    const std::string key = fmt::format("d{}/{}", i % 3, i / 3);
    EXPECT_EQ(shelf.get(key), key);
  }
}

/// Puts, overwrites and removes; what has been acknowledged of it is in `expected`.
void work(Shelf& shelf, std::map<std::string, std::string>& expected, std::string& in_doubt) {
  const auto put = [&](const std::string& key, const std::string& bytes) {
    in_doubt = key;
    shelf.put(key, http::Body(bytes));
    expected[key] = bytes;
  };
  put("a", "first");
  put("d/e", "other");
  put("a", "second");
  put("a/b", "below");
  in_doubt = "d/e";
  shelf.remove("d/e");
  expected.erase("d/e");
  put("d/e", "again");
}

void check(Shelf& shelf, const std::map<std::string, std::string>& expected,
           const std::string& in_doubt) {
  std::size_t objects = 0;
  for (const std::string key : {"a", "d/e", "a/b"}) {
    const auto bytes = shelf.get(key);  // throws when an object's file isn't whole
    if (bytes) ++objects;
    if (key == in_doubt) continue;
    const auto wanted = expected.find(key);
    ASSERT_EQ(bytes.has_value(), wanted != expected.end()) << key;
    if (bytes) {
      ASSERT_EQ(*bytes, wanted->second);
    }
  }
  EXPECT_EQ(shelf.files().size(), objects);
  EXPECT_THAT(shelf.scratch(), IsEmpty());
}

TEST(ObjectStoreFaults, KeepsWhatWasAcknowledgedOverAPowerLossAtAnyCall) {
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(fmt::format("power lost at call {}", nth));
    const TemporaryFolder folder(fast_folder());
    std::filesystem::create_directory(folder.path() + "/disk");
    io::ForgetfulFileSystem files(folder.path() + "/disk");
    std::map<std::string, std::string> expected;
    std::string in_doubt;
    try {
      Shelf shelf(folder.path(), files);
      files.lose_power_at(nth);
      work(shelf, expected, in_doubt);
    } catch (const StorageError&) {
    }
    const bool lost = !files.has_power();
    files.lose_power();
    files.start_again();
    Shelf shelf(folder.path(), files);
    check(shelf, expected, in_doubt);
    if (!lost) break;  // every call has had its turn
  }
}

TEST(ObjectStoreFaults, OpensWhenAPowerLossBringsBackAFolderWhereAFileWas) {
  // Ids are drawn: several tries meet every order of the rows.
  for (int again = 0; again < 2; ++again) {
    for (int round = 0; round < 8; ++round) {
      const TemporaryFolder folder(fast_folder());
      std::filesystem::create_directories(folder.path() + "/disk");
      io::ForgetfulFileSystem files(folder.path() + "/disk");
      {
        Shelf shelf(folder.path(), files);
        shelf.put("of/the/the", http::Body("first"));
      }
      {
        Shelf shelf(folder.path(), files);  // opening makes it durable
        shelf.remove("of/the/the");
        shelf.put("of/the", http::Body("file"));
        if (again == 1) {
          shelf.remove("of/the");
          shelf.put("of/the/the", http::Body("second"));
        }
        files.lose_power();
      }
      files.start_again();
      const Shelf shelf(folder.path(), files);
      EXPECT_EQ(shelf.get("of/the"), again == 0 ? std::optional<std::string>("file") : std::nullopt);
      EXPECT_EQ(shelf.get("of/the/the"), again == 1 ? std::optional<std::string>("second") : std::nullopt);
    }
  }
}

TEST(ObjectStoreFaults, LeavesNothingHalfDoneWhenAnyOneCallFails) {
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(fmt::format("call {} fails", nth));
    const TemporaryFolder folder(fast_folder());
    io::FailingFileSystem files;
    std::map<std::string, std::string> expected;
    std::string in_doubt;
    {
      Shelf shelf(folder.path(), files);
      files.fail(nth);
      try {
        work(shelf, expected, in_doubt);
      } catch (const StorageError& error) {
        EXPECT_EQ(error.code(), ENOSPC);
      }
      const bool failed = files.failed();
      files.work();
      for (const auto& [key, bytes] : expected) {
        if (key != in_doubt) {
          EXPECT_EQ(shelf.get(key), bytes);
        }
      }
      if (!failed) break;
    }
    Shelf shelf(folder.path());
    check(shelf, expected, in_doubt);
  }
}

TEST(ObjectStoreFaults, ServesAnObjectThatCouldNotGetItsFinalNameYet) {
  const TemporaryFolder folder;
  io::FailingFileSystem files;
  Shelf shelf(folder.path(), files);
  files.fail(5);  // create, write, sync, sync the folder, and then: make the bucket's folder
  shelf.put("a", http::Body("1"));
  ASSERT_TRUE(files.failed());
  EXPECT_THAT(shelf.files(), IsEmpty());
  EXPECT_EQ(shelf.get("a"), "1");
  EXPECT_EQ(io::read_file(shelf.store().path(*shelf.location("a"))), "1");
  shelf.put("b", http::Body("2"));
  EXPECT_THAT(shelf.files(), ElementsAre("lake/a", "lake/b"));
  EXPECT_EQ(shelf.get("a"), "1");
}

}  // namespace
}  // namespace engine::storage
