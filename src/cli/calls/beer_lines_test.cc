// Files of beers.
#include "cli/calls/beer_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace cli {
namespace {

std::vector<std::pair<std::size_t, std::string>> read(const std::string& text) {
  std::istringstream stream(text);
  BeerLines lines(stream);
  std::vector<std::pair<std::size_t, std::string>> all;
  while (auto line = lines.next()) all.emplace_back(line->line, line->text);
  return all;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(BeerLines, AreNumberedAndBlankOnesPassedOver) {
  EXPECT_THAT(read("\n{\"id\":1}\r\n\n  \nnonsense\n{\"id\":2}"),
              ElementsAre(Pair(2, "{\"id\":1}"), Pair(5, "nonsense"), Pair(6, "{\"id\":2}")));
}

TEST(BeerLines, AreTheElementsOfAnArray) {
  EXPECT_THAT(read("[{\"id\":1},\n {\"id\":\n2},7]\n"),
              ElementsAre(Pair(1, "{\"id\":1}"), Pair(2, "{\"id\":\n2}"), Pair(3, "7")));
  EXPECT_THAT(read("\n\n[\n1]"), ElementsAre(Pair(4, "1")));
  EXPECT_THAT(read("[1,,2]"), ElementsAre(Pair(1, "1"), Pair(1, ""), Pair(1, "2")));
}

TEST(BeerLines, AreNoneInAnEmptyFile) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read(" \n \n"), IsEmpty());
  EXPECT_THAT(read("[]"), IsEmpty());
}

TEST(BeerLines, BeginBehindAByteOrderMark) {
  EXPECT_THAT(read("\xEF\xBB\xBF{\"id\":1}\n"), ElementsAre(Pair(1, "{\"id\":1}")));
}

TEST(BeerLines, RefuseAnArrayWithoutAnEnd) {
  EXPECT_THROW(read("[{\"id\":1},\n"), std::runtime_error);
}

}  // namespace
}  // namespace cli
