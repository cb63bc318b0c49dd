// The data folder: whose it is.
#include "engine/data_folder.h"

#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace engine {
namespace {

TEST(DataFolder, GoesOnAfterAFirstStartThatDidNotEnd) {
  const io::TemporaryFolder folder;
  io::write_file(folder.path() + "/lock", "");
  io::write_file(folder.path() + "/version.a1b2c3", "");
  const DataFolder opened(folder.path());
  EXPECT_EQ(io::read_file(folder.path() + "/version"), "1\n");
}

TEST(DataFolder, MayBeWhereRunsHaveTheirs) {
  const io::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/runs/2026-11-23/buckets");
  const DataFolder opened(folder.path());
  io::write_file(folder.path() + "/catalog.sqlite", "");
  opened.clear();
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/runs/2026-11-23/buckets"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/catalog.sqlite"));
}

TEST(DataFolder, IsItsOwnersAlone) {
  const io::TemporaryFolder folder;
  const DataFolder opened(folder.path() + "/data");
  EXPECT_EQ(std::filesystem::status(folder.path() + "/data").permissions(), std::filesystem::perms::owner_all);
}

TEST(DataFolder, LeavesSomebodysOwnFolderAsItIs) {
  const io::TemporaryFolder folder;
  io::write_file(folder.path() + "/thesis.tex", "");
  EXPECT_THROW(const DataFolder opened(folder.path()), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/version"));
}

TEST(DataFolder, SaysWhyItCannotBeMade) {
  const io::TemporaryFolder folder;
  io::write_file(folder.path() + "/file", "");
  try {
    const DataFolder opened(folder.path() + "/file/data");
    FAIL() << "made below a file";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot make the data folder"));
  }
}

}  // namespace
}  // namespace engine
