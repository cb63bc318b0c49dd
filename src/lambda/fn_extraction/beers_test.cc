// From a source's answer to the stream's records.
#include "lambda/fn_extraction/beers.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fn_extraction {
namespace {

using testing::ElementsAre;

std::vector<std::string> data_of(std::string_view answer) {
  std::vector<std::string> data;
  for (const Record& record : records_of(answer)) data.push_back(record.data);
  return data;
}

std::string key_of(std::string_view answer) { return records_of(answer).at(0).partition_key; }

TEST(RecordsOf, TakesEachBeerOfAnArrayAsItCame) {
  EXPECT_THAT(data_of(R"([{"id":1,"abv":4.50}, {"id": 2, "n":"a,]}\"[ü"} ])"),
              ElementsAre("{\"id\":1,\"abv\":4.50}\n", "{\"id\": 2, \"n\":\"a,]}\\\"[ü\"}\n"));
}

TEST(RecordsOf, TakesAnObjectAsOneBeer) {
  EXPECT_THAT(data_of("{\"id\": 7, \"x\": [1, [2], {}]}\n"),
              ElementsAre("{\"id\": 7, \"x\": [1, [2], {}]}\n"));
}

TEST(RecordsOf, PutsABeerOfSeveralLinesOnOneAndLeavesItsTextsAlone) {
  EXPECT_THAT(data_of("[\n  {\n    \"id\": 1,\r\n\t\"name\": \"two  words \\\" [x\"\n  }\n]"),
              ElementsAre("{\"id\":1,\"name\":\"two  words \\\" [x\"}\n"));
}

TEST(RecordsOf, PassesOnWhatIsNotJsonWhole) {
  EXPECT_THAT(data_of("[{\"id\": 1}, {\"id\""), ElementsAre("[{\"id\": 1}, {\"id\"\n"));
  EXPECT_THAT(data_of("<html>\nnot found"), ElementsAre("<html>\nnot found\n"));
  EXPECT_THAT(data_of("null"), ElementsAre("null\n"));
}

TEST(RecordsOf, PassesOnElementsThatAreNoBeers) {
  EXPECT_THAT(data_of(R"([1, "two", null, []])"),
              ElementsAre("1\n", "\"two\"\n", "null\n", "[]\n"));
}

TEST(RecordsOf, FindsNothingInNothing) {
  EXPECT_TRUE(records_of("").empty());
  EXPECT_TRUE(records_of(" \n").empty());
  EXPECT_TRUE(records_of("[]").empty());
  EXPECT_TRUE(records_of("[ \n ]").empty());
}

TEST(RecordsOf, PartitionsByTheIdOrByAHashWithoutOne) {
  EXPECT_EQ(key_of(R"({"id":192})"), "192");
  EXPECT_EQ(key_of(R"([{"id":"b-1"}])"), "b-1");
  for (const std::string_view text :
       {R"({"id":null})", R"({"id":""})", R"({"name":"x"})", "oops"}) {
    EXPECT_EQ(key_of(text), base::to_hex(base::sha256(text))) << text;
  }
}

}  // namespace
}  // namespace fn_extraction
