// The root's keys: where they come from, and what a crash leaves of them.
#include "engine/gateway/keys.h"

#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace engine {
namespace {

struct RootKeys : testing::Test {
  RootKeys() {
    ::unsetenv("AWS_ACCESS_KEY_ID");
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
  }
  io::TemporaryFolder folder;
  base::Ids ids{1};
};

TEST_F(RootKeys, AreMadeOnceAndReadableByTheirOwnerAlone) {
  const auto made = root_credentials(folder.path(), ids);
  EXPECT_EQ(made.access_key_id.size(), 20u);
  EXPECT_EQ(made.secret_access_key.size(), 40u);
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() + "/credentials").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(root_credentials(folder.path(), ids).secret_access_key, made.secret_access_key);
}

TEST_F(RootKeys, AreMadeAgainAfterAStartThatEndedWhileItWroteThem) {
  io::write_file(folder.path() + "/credentials.a1b2c3", "[default]\naws_acc");
  const auto made = root_credentials(folder.path(), ids);
  EXPECT_EQ(stored_credentials(folder.path())->access_key_id, made.access_key_id);
}

TEST(KeyStore, KnowsAKeyUntilItsEndOrItsRemoval) {
  KeyStore keys;
  const base::Timestamp end{std::chrono::seconds{100}};
  keys.add({"ASIATEMPORARY", "secret", {}}, end);
  keys.add({"AKIALASTING", "other", {}});
  EXPECT_EQ(keys.find("ASIATEMPORARY", "", end - base::Milliseconds{1})->secret, "secret");
  EXPECT_FALSE(keys.find("ASIATEMPORARY", "", end));
  EXPECT_EQ(keys.find("AKIALASTING", "", end)->secret, "other");
  keys.remove("AKIALASTING");
  EXPECT_FALSE(keys.find("AKIALASTING", "", end));
}

}  // namespace
}  // namespace engine
