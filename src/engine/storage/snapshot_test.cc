// A snapshot beside commits.
#include "engine/storage/snapshot.h"

#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace engine::storage {
namespace {

void put(Catalog& catalog, std::string_view key, std::string_view value) {
  Batch batch;
  batch.put("s3/objects", key, value);
  catalog.commit(std::move(batch));
}

TEST(Snapshot, StaysAsItWasWhileOthersCommit) {
  const io::TemporaryFolder folder;
  Catalog catalog(folder.path());
  put(catalog, "a", "before");
  Snapshot snapshot(folder.path());
  put(catalog, "a", "after");
  put(catalog, "b", "after");
  std::vector<std::string> seen;
  snapshot.each("s3/objects", [&](std::string_view key, std::string_view value) {
    seen.push_back(std::string(key) + "=" + std::string(value));
  });
  EXPECT_THAT(seen, testing::ElementsAre("a=before"));
  std::filesystem::create_directory(folder.path() + "/copy");
  snapshot.copy_to(folder.path() + "/copy/catalog.sqlite");
  const Catalog copy(folder.path() + "/copy");
  EXPECT_EQ(copy.get("s3/objects", "a"), "before");
  EXPECT_FALSE(copy.get("s3/objects", "b"));
  EXPECT_EQ(catalog.get("s3/objects", "a"), "after");
}

}  // namespace
}  // namespace engine::storage
