#include "cli/calls/feed.h"

#include "lib/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class ReadRecords : public ::testing::Test {
 protected:
  ~ReadRecords() override { fs::remove(path_); }

  std::vector<std::string> read(const std::string& content) {
    std::ofstream(path_) << content;
    return read_records(path_);
  }

  fs::path path_ = fs::temp_directory_path() / ("beer-feed-test-" + base::Ids().hex(16));
};

TEST_F(ReadRecords, TakesTheElementsOfAnArrayEachOnALine) {
  EXPECT_THAT(read("[\n {\"id\": 1,\n  \"ibu\": 4.5}, {\"id\":2}\n]\n"),
              ElementsAre("{\"id\":1,\"ibu\":4.5E0}\n", "{\"id\":2}\n"));
}

TEST_F(ReadRecords, TakesLinesAsTheyStandAndBrokenOnesToo) {
  EXPECT_THAT(read("{\"id\": 1}\r\n\n{not json\n{\"id\":3}"),
              ElementsAre("{\"id\": 1}\n", "{not json\n", "{\"id\":3}\n"));
}

TEST_F(ReadRecords, RefusesAFileWithoutBeers) {
  EXPECT_THROW(read("\n"), std::runtime_error);
  EXPECT_THROW(read("[]"), std::runtime_error);
  EXPECT_THROW(read("[1"), std::runtime_error);
}

}  // namespace
}  // namespace cli
