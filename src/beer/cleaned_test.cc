// The row of the table `cleaned`.
#include "beer/cleaned.h"

#include "beer/features.h"
#include "beer/testing_beers.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beer {
namespace {

constexpr base::Timestamp kArrived{std::chrono::milliseconds{1'767'323'045'067}};

TEST(CleanedColumns, AreTheMembersOfTheJsonInTheirOrder) {
  Cleaned row = clean(R"({"id":5,"name":"Hop"})", kArrived);
  boost::json::object json = boost::json::parse(row.to_json()).as_object();
  ASSERT_EQ(json.size(), cleaned_columns().size());
  std::size_t i = 0;
  for (const auto& member : json) EXPECT_EQ(member.key(), cleaned_columns()[i++].name);
}

TEST(CleanedColumns, EndWithADoubleForEachFeature) {
  auto columns = cleaned_columns();
  auto tail = columns.last(features().size());
  for (std::size_t i = 0; i < tail.size(); ++i) {
    EXPECT_EQ(tail[i].name, features()[i].name);
    EXPECT_EQ(tail[i].glue_type, "double");
  }
}

TEST(Clean, WritesOneLineWithNullsAndATimestamp) {
  Cleaned row =
      clean("{\"id\":5,\"name\":\"Ho\\\"p\\nline\",\"ibu\":1044,\"target_og\":1044}", kArrived);
  std::string text = row.to_json();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  boost::json::object json = boost::json::parse(text).as_object();
  EXPECT_EQ(json["name"], "Ho\"p\nline");
  EXPECT_EQ(json["arrived_at"], "2026-01-02 03:04:05.067");
  EXPECT_EQ(json["label"], "rejected");
  EXPECT_EQ(json["ibu"].to_number<double>(), 1044);
  EXPECT_TRUE(json["abv"].is_null());
  EXPECT_THAT(std::string(json["findings"].as_string()),
              ::testing::StartsWith("ibu_rejected,malt_empty,"));
}

TEST(Clean, NamesEachOfTheParsersFindingsOnce) {
  Cleaned row = clean(R"({"id":5,"ingredients":{"hops":[1,2,3]}})", kArrived);
  EXPECT_THAT(row.findings, ::testing::StartsWith("wrong_type.hops,ibu_null"));
}

TEST(Clean, ThrowsTheReasonWhenThereIsNoBeer) {
  EXPECT_THROW(clean("[]", kArrived), InvalidBeer);
  try {
    clean("{}", kArrived);
    FAIL();
  } catch (const InvalidBeer& error) {
    EXPECT_STREQ(error.what(), "The beer has no id.");
  }
}

}  // namespace
}  // namespace beer
