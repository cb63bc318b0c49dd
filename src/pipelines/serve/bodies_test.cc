// Every shape of a body: read to the same rows, refused with a sentence that says where.
#include "beer/features.h"
#include "beer/reading.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"
#include "pipelines/test_beers.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kMissing = NAN;

std::size_t place(std::string_view feature) {
  return static_cast<std::size_t>(beer::feature_index(feature));
}

/// A row whose features are missing but for those given.
std::vector<float> row(std::vector<std::pair<std::string_view, float>> given) {
  std::vector<float> values(beer::features().size(), kMissing);
  for (const auto& [name, value] : given) values[place(name)] = value;
  return values;
}

/// Its text as a list of JSON, or with `missing` empty as a line of CSV.
std::string list_text(const std::vector<float>& values, std::string_view missing) {
  std::string text;
  for (const float& value : values) {
    if (&value != values.data()) text += ',';
    text += std::isnan(value) ? std::string(missing) : fmt::format("{}", value);
  }
  return text;
}
std::string json_list(const std::vector<float>& values) {
  return "[" + list_text(values, "null") + "]";
}

void expect_rows(const Asked& asked, const std::vector<std::vector<float>>& expected) {
  ASSERT_EQ(asked.rows().rows(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto found = asked.rows().row(i);
    ASSERT_EQ(found.size(), expected[i].size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_TRUE(found[k] == expected[i][k] ||
                  (std::isnan(found[k]) && std::isnan(expected[i][k])))
          << "row " << i << ", " << beer::features()[k].name;
    }
  }
}

/// What `read` refuses with.
template <class F>
std::string refusal(F&& read) {
  try {
    read();
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status, 400);
    return refusal.what();
  }
  return "it was not refused";
}
std::string json_refusal(std::string_view body) {
  return refusal([&] { read_json_body(body); });
}

const std::vector<float> kA = row({{"abv", 4.5F}, {"ph", 4.25F}});
const std::vector<float> kB = row({{"abv", 9}});

TEST(CsvBody, HasTheWholeFeatureListInALine) {
  expect_rows(read_csv_body(list_text(kA, "") + "\r\n\n" + list_text(kB, "") + "\n"), {kA, kB});
  expect_rows(read_csv_body(list_text(kB, "nan")), {kB});
}

TEST(CsvBody, MayBeginWithNamesInAnyOrder) {
  expect_rows(read_csv_body("ph,\"abv\"\n4.25,4.5\n,9\n"), {kA, kB});
}

TEST(CsvBody, IsRefusedByLine) {
  const std::string whole = list_text(kA, "");
  EXPECT_THAT(refusal([&] { read_csv_body(whole + "\n1,2\n"); }),
              AllOf(HasSubstr("Line 2"), HasSubstr(fmt::format("{} numbers", kA.size()))));
  EXPECT_THAT(refusal([&] { read_csv_body(whole + ",1"); }), HasSubstr("Line 1"));
  EXPECT_THAT(refusal([&] { read_csv_body("x" + whole); }), HasSubstr("Line 1"));
  EXPECT_THAT(refusal([] { read_csv_body("abv,ibu\n1,2"); }), HasSubstr("'ibu' is no feature"));
  EXPECT_THAT(refusal([] { read_csv_body("abv,abv\n1,2"); }), HasSubstr("twice"));
  EXPECT_THAT(refusal([] { read_csv_body("abv,ph\n1\n"); }), HasSubstr("Line 2: expected 2"));
}

TEST(JsonBody, IsOneElementOrAListOfThem) {
  expect_rows(read_json_body(R"({"abv":4.5,"ph":4.25})"), {kA});
  expect_rows(read_json_body(R"([{"ph":4.25,"abv":4.5},{"abv":9,"ph":null}])"), {kA, kB});
  expect_rows(read_json_body("[" + json_list(kA) + "," + json_list(kB) + "]"), {kA, kB});
  expect_rows(read_json_body("[]"), {});
}

TEST(JsonBody, HasTheShapesOfSageMakerAndMlflow) {
  const std::string both = "[" + json_list(kA) + "," + json_list(kB) + "]";
  const std::string records = R"([{"abv":4.5,"ph":4.25},{"abv":9}])";
  const std::string features =
      fmt::format(R"([{{"features":{}}},{{"features":{}}}])", json_list(kA), json_list(kB));
  for (const std::string& list : {both, records, features}) {
    for (const char* name : {"instances", "dataframe_records", "inputs"}) {
      SCOPED_TRACE(name + list);
      expect_rows(read_json_body(fmt::format(R"({{"params":{{}},"{}": {} }})", name, list)),
                  {kA, kB});
    }
  }
  expect_rows(read_json_body(fmt::format(R"({{"inputs":{}}})", json_list(kA))), {kA});
  expect_rows(read_json_body(R"({"inputs":{"ph":[4.25,null],"abv":[4.5,9]}})"), {kA, kB});
  expect_rows(read_json_body(R"({"inputs":{"ph":4.25,"abv":4.5}})"), {kA});
  expect_rows(
      read_json_body(
          R"({"dataframe_split":{"index":[0,1],"columns":["ph","abv"],"data":[[4.25,4.5],[null,9]]}})"),
      {kA, kB});
  expect_rows(read_json_body(fmt::format(R"({{"dataframe_split":{{"data":{}}}}})", both)),
              {kA, kB});
}

TEST(JsonBody, TakesRawBeersInEveryShapeOfRecords) {
  const std::string beer = testing::simulated_beer(3);
  const beer::Reading reading = beer::read_beer(beer);
  std::string columns, cells;
  const json::value parsed = json::parse(beer);
  for (const auto& [name, value] : parsed.as_object()) {
    columns += (columns.empty() ? "" : ",") + json::serialize(json::string(name));
    cells += (cells.empty() ? "" : ",") + json::serialize(value);
  }
  for (const std::string& body :
       {beer, "[" + beer + "]", R"({"instances":[)" + beer + "]}",
        R"({"dataframe_records":[)" + beer + "]}", R"({"inputs":[)" + beer + "]}",
        R"({"inputs":)" + beer + "}",
        fmt::format(R"({{"dataframe_split":{{"columns":[{}],"data":[[{}]]}}}})", columns, cells)}) {
    SCOPED_TRACE(body.substr(0, 40));
    const Asked asked = read_json_body(body);
    expect_rows(asked, {reading.features});
    ASSERT_EQ(asked.flags().size(), 1U);
    EXPECT_EQ(asked.flags()[0], reading.flags);
  }
}

TEST(JsonBody, KeepsFlagsWithTheBeersTheyAreOf) {
  const std::string beer = testing::simulated_beer(3);
  const Asked asked = read_json_body("[" + json_list(kA) + "," + beer + "," + json_list(kB) + "]");
  ASSERT_EQ(asked.flags().size(), 3U);
  EXPECT_FALSE(asked.flags()[0]);
  EXPECT_TRUE(asked.flags()[1]);
  EXPECT_FALSE(asked.flags()[2]);
}

TEST(JsonBody, SaysWhatItCannotRead) {
  EXPECT_THAT(json_refusal("7"), HasSubstr("neither a beer"));
  EXPECT_THAT(json_refusal("[7]"), HasSubstr("Row 1: expected a beer"));
  EXPECT_THAT(json_refusal("{"), HasSubstr("Beer 1"));
  EXPECT_THAT(json_refusal("[1"), HasSubstr("The body is no list"));
  EXPECT_THAT(json_refusal(R"([{"abv":1},{"name":"no id"}])"), HasSubstr("Beer 2"));
  EXPECT_THAT(json_refusal(R"({"abv":"strong"})"), HasSubstr("Row 1: 'abv' is no number"));
  EXPECT_THAT(json_refusal(R"({"instances":7})"), HasSubstr("instances is no list"));
  EXPECT_THAT(json_refusal(R"({"instances":[[1,2]]})"), HasSubstr("Row 1: expected"));
  EXPECT_THAT(json_refusal(R"({"dataframe_records":{}})"),
              HasSubstr("dataframe_records is no list"));
  EXPECT_THAT(json_refusal(R"({"inputs":{"ph":[1],"abv":[1,2]}})"),
              HasSubstr("'abv' has 2 values where 'ph' has 1"));
  EXPECT_THAT(json_refusal(R"({"inputs":{"hops":[1]}})"), HasSubstr("'hops' is no feature"));
  EXPECT_THAT(json_refusal(R"({"dataframe_split":{"columns":["abv"]}})"), HasSubstr("\"data\""));
  EXPECT_THAT(json_refusal(R"({"dataframe_split":{"columns":["abv"],"data":[[1,2]]}})"),
              HasSubstr("Row 1 has 2 values for 1 columns"));
  EXPECT_THAT(json_refusal(R"({"dataframe_split":{"columns":["abv"],"data":[["x"]]}})"),
              HasSubstr("Row 1: \"x\" is no number"));
  EXPECT_THAT(json_refusal(R"({"dataframe_split":{"columns":[1],"data":[[1]]}})"),
              HasSubstr("the column 1 is no name"));
  EXPECT_THAT(json_refusal(R"({"dataframe_split":{"columns":["name"],"data":[["x"]]}})"),
              HasSubstr("Beer 1"));
}

TEST(JsonLinesBody, HasAnElementALine) {
  const std::string beer = testing::simulated_beer(4);
  const Asked asked = read_json_lines_body("{\"abv\":9}\r\n\n" + json_list(kA) + "\n" + beer +
                                           "\n" + "{\"features\":" + json_list(kB) + "}");
  expect_rows(asked, {kB, kA, beer::read_beer(beer).features, kB});
  EXPECT_THAT(refusal([] { read_json_lines_body("{\"abv\":9}\n{\"abv\":}\n"); }),
              HasSubstr("Row 2"));
}

}  // namespace
}  // namespace pipelines
