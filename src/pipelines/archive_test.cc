// Packed files: honest ones, and those that try to get out.
#include "pipelines/archive.h"

#include "pipelines/test_beers.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A tar of one entry that no honest archive holds.
void write_tar(const std::filesystem::path& path, const char* name, unsigned type) {
  archive* writer = archive_write_new();
  archive_write_set_format_ustar(writer);
  archive_write_open_filename(writer, path.c_str());
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, name);
  archive_entry_set_filetype(entry, type);
  if (type == AE_IFLNK) archive_entry_set_symlink(entry, "/etc/passwd");
  archive_entry_set_size(entry, 0);
  archive_write_header(writer, entry);
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
}

TEST(UnpackArchive, GivesBackTheFilesWithTheirFolders) {
  testing::Root root;
  write_file(root.path() / "in" / "xgboost-model", std::string("\0\1\2", 3));
  write_file(root.path() / "in" / "beer" / "interval.json", "{}");
  testing::pack_folder(root.path() / "in", root.path() / "model.tar.gz");
  unpack_archive(root.path() / "model.tar.gz", root.path() / "out");
  EXPECT_EQ(read_file(root.path() / "out" / "xgboost-model"), std::string("\0\1\2", 3));
  EXPECT_EQ(read_file(root.path() / "out" / "beer" / "interval.json"), "{}");
}

TEST(UnpackArchive, RefusesWhatWouldLandOutsideOrIsNoFile) {
  testing::Root root;
  const auto tar = root.path() / "bad.tar";
  for (const char* name : {"../escaped", "/tmp/escaped", "a/../../escaped"}) {
    write_tar(tar, name, AE_IFREG);
    EXPECT_THAT([&] { unpack_archive(tar, root.path() / "out"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("outside its folder")));
  }
  write_tar(tar, "link", AE_IFLNK);
  EXPECT_THAT([&] { unpack_archive(tar, root.path() / "out"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("isn't a file")));
  write_file(tar, "neither tar nor gzip");
  EXPECT_THROW(unpack_archive(tar, root.path() / "out"), std::runtime_error);
}

TEST(ReadMaybeGzip, ReadsPlainPackedAndEmptyFiles) {
  testing::Root root;
  const auto file = root.path() / "f";
  write_file(file, "plain\n");
  EXPECT_EQ(read_maybe_gzip(file), "plain\n");
  write_file(file, "");
  EXPECT_EQ(read_maybe_gzip(file), "");
  testing::write_gzip(file, "packed\n");
  EXPECT_EQ(read_maybe_gzip(file), "packed\n");
}

}  // namespace
}  // namespace pipelines
