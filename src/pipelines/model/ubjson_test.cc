// UBJSON as XGBoost writes it.
#include "pipelines/model/ubjson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pipelines {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

TEST(Ubjson, ReadsNumbersOfEveryTypeWithAndWithoutOneForAll) {
  const std::string mixed =
      "[#i\x07i\xffU\xffI\x01\x00l\xff\xff\xff\xfeL\0\0\0\0\0\0\0\x09T"s + "d\x3f\x80\x00\x00"s;
  EXPECT_THAT(UbjsonReader(mixed).numbers<double>(), ElementsAre(-1, 255, 256, -2, 9, 1, 1));
  const std::string typed = "[$d#L\0\0\0\0\0\0\0\x02\x40\x00\x00\x00\xbf\x80\x00\x00"s;
  EXPECT_THAT(UbjsonReader(typed).numbers<float>(), ElementsAre(2.0F, -1.0F));
}

TEST(Ubjson, GivesTheMembersThatAreAskedForAndSkipsTheRest) {
  const std::string text = "{i\x01"s + "a[#i\x02[$U#i\x03" + "123Z" + "i\x01" + "b{i\x01" +
                           "cSi\x02" + "hi}" + "i\x01" + "di\x05}"s;
  std::vector<std::string> names;
  std::string found;
  UbjsonReader reader(text);
  reader.object([&](std::string_view name) {
    names.emplace_back(name);
    if (name != "b") return reader.skip();
    reader.object([&](std::string_view) { found = reader.text(); });
  });
  EXPECT_THAT(names, ElementsAre("a", "b", "d"));
  EXPECT_EQ(found, "hi");
}

TEST(Ubjson, RefusesWhatEndsTooEarlyOrIsSomethingElse) {
  for (const std::string& text :
       {""s, "["s, "[#"s, "[#i"s, "[#i\x05i\x01"s, "[$d#L\0\0\0\0\0\0\0\x02\x40"s, "[#d\0\0\0\0"s,
        "[#i\xff"s, "[#L\x7f\0\0\0\0\0\0\0"s, "{"s, "Si\x01x"s, "[#i\x01Sa"s}) {
    EXPECT_THROW(UbjsonReader(text).numbers<float>(), UbjsonError) << text;
  }
  EXPECT_THROW(UbjsonReader("{i\x01").skip(), UbjsonError);
  EXPECT_THROW(UbjsonReader("?").skip(), UbjsonError);
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "[#i\x01";
  EXPECT_THROW(UbjsonReader(deep).skip(), UbjsonError);
}

}  // namespace
}  // namespace pipelines
