// Where a command's client speaks to.
#include "cli/session.h"

#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace cli {
namespace {

struct Endpoint : testing::Test {
  Endpoint() {
    ::setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    io::write_file(folder.path() + "/endpoint", "http://127.0.0.1:4577\n");
  }
  ~Endpoint() override {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}) {
      ::unsetenv(name);
    }
  }
  std::string found() const { return find_endpoint({.data = folder.path()}).endpoint; }

  io::TemporaryFolder folder;
};

TEST_F(Endpoint, IsTheEngineThatRanInTheFolder) {
  ::unsetenv("AWS_ENDPOINT_URL");
  EXPECT_EQ(found(), "http://127.0.0.1:4577");
}

TEST_F(Endpoint, IsTheOneOfTheEnvironmentBeforeAll) {
  ::setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1", 1);
  EXPECT_EQ(found(), "http://127.0.0.1:1");
}

TEST_F(Endpoint, SetToNothingIsAwsEvenWhereAnEngineRan) {
  ::setenv("AWS_ENDPOINT_URL", "", 1);
  EXPECT_EQ(found(), "");
}

}  // namespace
}  // namespace cli
