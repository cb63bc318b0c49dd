// Tests of the small file pieces.
#include "lib/io/file.h"

#include "lib/io/faults.h"
#include "lib/io/file_system.h"
#include "lib/io/temporary_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace io {
namespace {

using ::testing::HasSubstr;

TEST(File, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a", bytes("x\0y", 3);
  write_file(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  write_file(path, "");
  EXPECT_EQ(read_file(path), "");
}

TEST(File, ReadsFilesThatTellNoSize) {
  EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Pid:"));
}

TEST(File, ReplacesAFileInOneStepAndLeavesNoTemporaryOne) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/secret";
  write_file_atomically(path, "one", 0600);
  write_file_atomically(path, "two", 0600);
  EXPECT_EQ(read_file(path), "two");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, SaysWhichFileAndWhy) {
  try {
    read_file("/nonexistent/beer");
    ADD_FAILURE() << "the file should be missing";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot open /nonexistent/beer: No such file"));
    EXPECT_EQ(error.code().value(), ENOENT);
  }
  EXPECT_FALSE(find_file("/nonexistent/beer", O_RDONLY));
}

TEST(File, LocksAPathOnce) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/lock";
  {
    const auto first = lock_file(path);
    ASSERT_TRUE(first);
    EXPECT_FALSE(lock_file(path));
  }
  EXPECT_TRUE(lock_file(path));
}

TEST(File, KnowsTheFolderOfAPath) {
  EXPECT_EQ(parent_folder("/a/b"), "/a");
  EXPECT_EQ(parent_folder("/a"), "/");
  EXPECT_EQ(parent_folder("a"), ".");
}

TEST(FileSystem, MakesFoldersFromTheTopAndRefusesAFileAmongThem) {
  const TemporaryFolder folder;
  FileSystem& files = real_file_system();
  files.make_folders(folder.path() + "/a/b/c");
  files.make_folders(folder.path() + "/a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() + "/a/b/c"));
  write_file(folder.path() + "/file", "");
  EXPECT_THROW(files.make_folders(folder.path() + "/file"), std::system_error);
  EXPECT_THROW(files.make_folders(folder.path() + "/file/below"), std::system_error);
  EXPECT_FALSE(files.remove_folder(folder.path() + "/a"));
  EXPECT_TRUE(files.remove_folder(folder.path() + "/a/b/c"));
  EXPECT_FALSE(files.remove_folder(folder.path() + "/a/b/c"));
}

TEST(ForgetfulFileSystem, KeepsOnlyWhatWasSynced) {
  const TemporaryFolder folder;
  const std::string kept = folder.path() + "/kept", unnamed = folder.path() + "/unnamed";
  ForgetfulFileSystem files(folder.path());
  {
    const File file = files.open(kept, O_RDWR | O_CREAT);
    files.write(file, "synced", 0);
    files.sync(file);
    files.sync_folder(folder.path());
    files.write(file, " and not", 6);
    const File other = files.open(unnamed, O_RDWR | O_CREAT);
    files.sync(other);
    files.lose_power();
    EXPECT_THROW(files.sync(file), std::system_error);
  }
  files.start_again();
  EXPECT_EQ(read_file(kept), "synced");
  EXPECT_FALSE(std::filesystem::exists(unnamed));
}

}  // namespace
}  // namespace io
