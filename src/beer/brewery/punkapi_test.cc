// The Punk API's answers.
#include "beer/brewery/punkapi.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beer {
namespace {

using ::testing::HasSubstr;

class PunkApi : public ::testing::Test {
 protected:
  PunkAnswer get(std::string_view path, std::string_view query = {}) {
    return answer_punkapi(brewery_, "GET", path, query);
  }
  boost::json::value json(std::string_view path, std::string_view query = {}) {
    PunkAnswer answer = get(path, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return boost::json::parse(answer.body);
  }

  Brewery brewery_{1, 100};
};

TEST_F(PunkApi, GivesARandomBeerAsAnArrayInV2AndAnObjectInV3) {
  EXPECT_EQ(json("/v2/beers/random").as_array().size(), 1U);
  EXPECT_TRUE(json("/v3/beers/random").as_object().contains("image"));
  EXPECT_EQ(get("/v2/beers/random").content_type, "application/json; charset=utf-8");
}

TEST_F(PunkApi, PagesWithTwentyFiveByDefaultAndAtMostEighty) {
  EXPECT_EQ(json("/v2/beers").as_array().size(), 25U);
  EXPECT_EQ(json("/v2/beers", "page=2&per_page=80").as_array().size(), 20U);
  EXPECT_EQ(json("/v2/beers/", "page=9").as_array().size(), 0U);
  EXPECT_EQ(json("/v3/beers", "per_page=3").at(0).at("id"), 1);
}

TEST_F(PunkApi, NamesEveryFaultOfAQuery) {
  for (std::string_view query : {"page=0", "page=x", "page=", "per_page=81", "per_page=-1",
                                 "per_page=1.5", "page=99999999999999999999999"}) {
    PunkAnswer answer = get("/v2/beers", query);
    EXPECT_EQ(answer.status, 400) << query;
    boost::json::object error = boost::json::parse(answer.body).as_object();
    EXPECT_EQ(error["statusCode"], 400);
    EXPECT_EQ(error["error"], "Bad Request");
    EXPECT_EQ(error["data"].as_array().size(), 1U);
  }
  EXPECT_EQ(
      boost::json::parse(get("/v2/beers", "page=a&per_page=b").body).at("data").as_array().size(),
      2U);
}

TEST_F(PunkApi, FindsABeerByItsId) {
  EXPECT_EQ(json("/v2/beers/7").at(0).at("id"), 7);
  EXPECT_EQ(json("/v3/beers/7").at("id"), 7);
  PunkAnswer unknown = get("/v2/beers/101");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("No beer found that matches the ID 101"));
  EXPECT_EQ(get("/v2/beers/seven").status, 400);
  EXPECT_EQ(get("/v2/beers/0").status, 400);
}

TEST_F(PunkApi, RefusesWhatItIsNot) {
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/v2/beersies").status, 404);
  EXPECT_EQ(get("/v2/beers/1/2").status, 404);
  EXPECT_EQ(get("/v1/beers").status, 404);
  EXPECT_EQ(answer_punkapi(brewery_, "POST", "/v2/beers", "").status, 405);
  EXPECT_EQ(answer_punkapi(brewery_, "HEAD", "/v2/beers", "").status, 200);
  EXPECT_NO_THROW(boost::json::parse(get("/v2/%22%0a").body));
}

}  // namespace
}  // namespace beer
