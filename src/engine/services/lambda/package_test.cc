// Deployment packages: what of them is on the disk.
#include "engine/services/lambda/package.h"

#include "engine/services/lambda/test_engine.h"
#include "lib/io/faults.h"

namespace engine::lambda {
namespace {

class Recorder final : public io::WatchedFileSystem {
 public:
  std::vector<std::string> calls;

 private:
  void before_call(const char* action, const std::string& path) override {
    calls.push_back(std::string(action) + " " + std::filesystem::path(path).filename().string());
  }
};

TEST(UnpackedPackages, AreOnTheDiskBeforeTheyBearTheirNameAndTheNameAfter) {
  const io::TemporaryFolder folder;
  Recorder files;
  unpack(zip_of({{"bootstrap", "#!"}, {"lib/more", "x"}}), folder.path() + "/functions/f/code",
         files);
  const auto rename = std::find(files.calls.begin(), files.calls.end(), "rename code");
  ASSERT_NE(rename, files.calls.end());
  EXPECT_THAT(std::vector(files.calls.begin(), rename),
              testing::IsSupersetOf({"sync bootstrap", "sync more", "sync the folder lib",
                                     "sync the folder code.new"}));
  EXPECT_THAT(std::vector(rename + 1, files.calls.end()),
              testing::ElementsAre("sync the folder f"));
}

TEST(UnpackedPackages, HaveNoFileWhereAFolderIs) {
  const io::TemporaryFolder folder;
  using Files = std::map<std::string, std::string>;
  for (const Files& files : {Files{{"a", "x"}, {"a/b", "y"}}, Files{{"a/b", "x"}, {"a/b/c/d", "y"}}}) {
    try {
      unpack(zip_of(files), folder.path() + "/code", io::real_file_system());
      ADD_FAILURE() << "a zip with " << files.rbegin()->first << " was unpacked";
    } catch (const AwsError& error) {
      EXPECT_EQ(error.code, "InvalidParameterValueException");
    }
  }
}

TEST(UnpackedPackages, LeaveNothingWhenTheDiskRefuses) {
  const io::TemporaryFolder folder;
  io::FailingFileSystem files;
  const std::string code = folder.path() + "/code";
  for (int nth = 1;; ++nth) {
    files.fail(nth);
    try {
      unpack(zip_of({{"bootstrap", "#!"}}), code, files);
    } catch (const std::system_error&) {
      EXPECT_FALSE(std::filesystem::exists(code + ".new"));
      continue;
    }
    if (!files.failed()) break;
  }
  EXPECT_EQ(io::read_file(code + "/bootstrap"), "#!");
}

}  // namespace
}  // namespace engine::lambda
