// Tests of the catalog.
#include "engine/storage/catalog.h"

#include "engine/storage/error.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <thread>

namespace engine::storage {
namespace {

using io::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Batch one(std::string_view table, std::string_view key, std::string_view value) {
  Batch batch;
  batch.put(table, key, value);
  return batch;
}

std::vector<std::string> keys(const std::vector<Catalog::Row>& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row.key);
  return out;
}

/// While it lives, no file of this process may grow past `bytes`: what a full disk looks like.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Catalog, ReadsWhatWasCommitted) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  catalog.commit(one("s3/objects", "a", "1"));
  EXPECT_EQ(catalog.get("s3/objects", "a"), "1");
  EXPECT_EQ(catalog.get("s3/objects", "b"), std::nullopt);
  EXPECT_EQ(catalog.get("s3/buckets", "a"), std::nullopt);
}

TEST(Catalog, AppliesABatchInItsOrder) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  Batch batch;
  batch.put("t/x", "a", "1");
  batch.put("t/y", "a", "2");
  batch.put("t/x", "a", "3");
  batch.remove("t/y", "a");
  catalog.commit(batch);
  EXPECT_EQ(catalog.get("t/x", "a"), "3");
  EXPECT_EQ(catalog.get("t/y", "a"), std::nullopt);
}

TEST(Catalog, KeepsItsRowsOverAReopening) {
  const TemporaryFolder folder;
  { Catalog(folder.path()).commit(one("t/x", "k", "v")); }
  Catalog catalog(folder.path());
  EXPECT_EQ(catalog.get("t/x", "k"), "v");
  catalog.commit(one("t/y", "k", "w"));
  EXPECT_EQ(catalog.get("t/x", "k"), "v");
  EXPECT_EQ(catalog.get("t/y", "k"), "w");
}

TEST(Catalog, IsReadByItsOwnerAlone) {
  const io::TemporaryFolder folder;
  const std::string file = folder.path() + "/catalog.sqlite";
  const auto mode = [&](const std::string& path) { return std::filesystem::status(path).permissions(); };
  const auto owners = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  {
    Catalog catalog(folder.path());
    Batch batch;
    batch.put("t", "k", "v");
    catalog.commit(std::move(batch));
    EXPECT_EQ(mode(file), owners);
    EXPECT_EQ(mode(file + "-wal"), owners);
  }
  std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Catalog again(folder.path());
  EXPECT_EQ(mode(file), owners);
}

TEST(Catalog, HoldsAnyBytes) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  const std::string key("\0\xff k", 4), value("\0\n\xff", 3);
  catalog.commit(one("t/x", key, value));
  catalog.commit(one("t/x", "empty", ""));
  EXPECT_EQ(catalog.get("t/x", key), value);
  EXPECT_EQ(catalog.get("t/x", "empty"), "");
}

TEST(Catalog, ScansInTheOrderOfBytes) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  Batch batch;
  for (const char* key : {"b/2", "b/10", "a", "b/\xc3\xa9", "c", "b"}) batch.put("t/x", key, "");
  batch.put("t/w", "b/0", "");
  batch.put("t/z", "b/9", "");
  catalog.commit(batch);
  EXPECT_THAT(keys(catalog.scan("t/x")), ElementsAre("a", "b", "b/10", "b/2", "b/\xc3\xa9", "c"));
  EXPECT_THAT(keys(catalog.scan("t/x", "b/")), ElementsAre("b/10", "b/2", "b/\xc3\xa9"));
  EXPECT_THAT(keys(catalog.scan("t/x", "b/", "b/10")), ElementsAre("b/2", "b/\xc3\xa9"));
  EXPECT_THAT(keys(catalog.scan("t/x", "b/", "a")), ElementsAre("b/10", "b/2", "b/\xc3\xa9"));
  EXPECT_THAT(keys(catalog.scan("t/x", "b/", "c")), IsEmpty());
  EXPECT_THAT(keys(catalog.scan("t/x", "", "", 2)), ElementsAre("a", "b"));
  EXPECT_EQ(catalog.count("t/x"), 6u);
  EXPECT_EQ(catalog.count("t/x", "b"), 4u);
  EXPECT_EQ(catalog.count("t/none"), 0u);
}

TEST(Catalog, CountsAPrefixOfTheHighestBytes) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  catalog.commit(one("t/x", "\xff\xff", ""));
  catalog.commit(one("t/x", "\xfe", ""));
  EXPECT_EQ(catalog.count("t/x", "\xff"), 1u);
}

TEST(Catalog, SeeksTheNextRowOfAPrefix) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  Batch batch;
  for (const char* key : {"a/1", "a/3", "b/2"}) batch.put("t/x", key, key);
  catalog.commit(batch);
  EXPECT_EQ(catalog.seek("t/x", "a/", "a/2")->key, "a/3");
  EXPECT_EQ(catalog.seek("t/x", "a/", "a/3")->value, "a/3");
  EXPECT_EQ(catalog.seek("t/x", "a/", "")->key, "a/1");
  EXPECT_FALSE(catalog.seek("t/x", "a/", "a/4"));
  EXPECT_FALSE(catalog.seek("t/none", "", ""));
}

TEST(Catalog, SharesCommitsAmongManyWritersAndLosesNone) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  std::vector<std::jthread> writers;
  std::atomic<int> unseen = 0;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 50; ++i) {
        Batch batch;
        const std::string key = fmt::format("{}/{}", writer, i);
        batch.put("t/x", key, "x");
        batch.put(fmt::format("t/{}", writer), key, "y");
        catalog.commit(std::move(batch));
        if (!catalog.get("t/x", key)) ++unseen;  // a commit that returned is seen
      }
    });
  }
  writers.clear();
  EXPECT_EQ(unseen, 0);
  EXPECT_EQ(catalog.count("t/x"), 400u);
  for (int writer = 0; writer < 8; ++writer) {
    EXPECT_EQ(catalog.count(fmt::format("t/{}", writer)), 50u);
  }
}

TEST(Catalog, ChangesNothingWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  Catalog catalog(folder.path());
  catalog.commit(one("t/x", "old", "1"));
  Batch batch = one("t/x", "old", "2");
  batch.put("t/new", "large", std::string(4 << 20, 'x'));
  {
    const FileSizeLimit limit(1 << 20);
    try {
      catalog.commit(batch);
      ADD_FAILURE() << "the commit should have been refused";
    } catch (const StorageError& error) {
      EXPECT_THAT(error.what(), HasSubstr(folder.path() + "/catalog.sqlite"));
      EXPECT_NE(error.code(), 0);
    }
    EXPECT_EQ(catalog.get("t/x", "old"), "1");
    EXPECT_EQ(catalog.count("t/new"), 0u);
    catalog.commit(one("t/x", "small", "3"));  // what still fits is still taken
  }
  catalog.commit(batch);
  EXPECT_EQ(catalog.get("t/x", "old"), "2");
  EXPECT_EQ(catalog.get("t/x", "small"), "3");
  EXPECT_EQ(catalog.count("t/new"), 1u);
}

TEST(Catalog, RefusesAFileThatIsNotOurs) {
  const TemporaryFolder folder;
  io::write_file(folder.path() + "/catalog.sqlite", std::string(5000, 'x'));
  EXPECT_THROW(Catalog{folder.path()}, StorageError);
}

TEST(Catalog, NamesTheFolderItCannotMake) {
  const TemporaryFolder folder;
  io::write_file(folder.path() + "/file", "");
  try {
    Catalog catalog(folder.path() + "/file/below");
    ADD_FAILURE() << "the folder should have been refused";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/file"));
    EXPECT_EQ(error.code(), ENOTDIR);
  }
}

}  // namespace
}  // namespace engine::storage
