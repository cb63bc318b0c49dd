#include "lambda/package/package.h"

#include "lib/base/ids.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zip.h>

#include <filesystem>
#include <fstream>

namespace lambda_package {
namespace {

namespace fs = std::filesystem;

class Package : public ::testing::Test {
 protected:
  Package() : folder_(fs::temp_directory_path() / ("beer-package-test-" + base::Ids().hex(16))) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "program") << content_;
  }
  ~Package() override { fs::remove_all(folder_); }

  std::string packed() const { return package(folder_ / "program"); }

  fs::path folder_;
  std::string content_ = std::string(50'000, 'x') + "end";
};

TEST_F(Package, HoldsTheProgramAsAnExecutableBootstrap) {
  const std::string bytes = packed();
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  ASSERT_NE(archive, nullptr) << zip_error_strerror(&error);
  EXPECT_EQ(zip_get_num_entries(archive, 0), 1);
  zip_stat_t stat;
  ASSERT_EQ(zip_stat(archive, "bootstrap", 0, &stat), 0);
  EXPECT_EQ(stat.size, content_.size());
  EXPECT_EQ(stat.comp_method, ZIP_CM_DEFLATE);
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, 0, 0, &system, &attributes);
  EXPECT_EQ(attributes >> 16, static_cast<zip_uint32_t>(S_IFREG | 0755));
  zip_file_t* file = zip_fopen(archive, "bootstrap", 0);
  std::string read(content_.size(), '\0');
  zip_fread(file, read.data(), read.size());
  EXPECT_EQ(read, content_);
  zip_fclose(file);
  zip_discard(archive);
}

TEST_F(Package, OfTheSameProgramHasTheSameBytesWhateverItsTimeModeAndName) {
  const std::string first = packed();
  fs::last_write_time(folder_ / "program",
                      fs::file_time_type::clock::now() - std::chrono::hours(48));
  fs::permissions(folder_ / "program", fs::perms::owner_read);
  EXPECT_EQ(packed(), first);
  fs::rename(folder_ / "program", folder_ / "other");
  EXPECT_EQ(package(folder_ / "other"), first);
}

TEST_F(Package, OfAMissingProgramSaysWhich) {
  try {
    package(folder_ / "nothing");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("nothing: there is no such file"), std::string::npos);
  }
}

}  // namespace
}  // namespace lambda_package
