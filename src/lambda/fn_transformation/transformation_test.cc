// Firehose's batch of beers in, the same batch as rows out.
#include "lambda/fn_transformation/transformation.h"

#include "beer/cleaned.h"
#include "lib/aws/lambda_runtime.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fn_transformation {
namespace {

namespace json = boost::json;

constexpr std::string_view kBeer =
    R"({"id":192,"name":"Punk IPA","first_brewed":"04/2007","abv":6.0,"ibu":60.0,"ph":4.4})";
constexpr std::int64_t kArrived = 1'767'225'600'123;

class Transform : public testing::Test {
 protected:
  void SetUp() override { base::set_log_level(base::Level::kOff); }
  void TearDown() override { base::set_log_level(base::Level::kWarning); }

  static std::string event(const std::vector<std::string>& data) {
    json::array records;
    for (const std::string& text : data) {
      records.push_back(json::object{{"recordId", fmt::format("r{}", records.size())},
                                     {"approximateArrivalTimestamp", kArrived},
                                     {"data", base::to_base64(text)}});
    }
    return json::serialize(json::object{{"invocationId", "i"},
                                        {"deliveryStreamArn", "arn"},
                                        {"region", "us-east-1"},
                                        {"records", records}});
  }
  static json::array answers(const std::string& event, std::size_t most = kMaxAnswerBytes) {
    const std::string answer = transform(event, most);
    EXPECT_LE(answer.size(), most);
    return json::parse(answer).at("records").as_array();
  }
  static std::string result(const json::value& answer) {
    return json::value_to<std::string>(answer.at("result"));
  }
  static std::string data(const json::value& answer) {
    return *base::from_base64(answer.at("data").as_string());
  }
};

TEST_F(Transform, AnswersABeerWithItsRowOnOneLine) {
  const json::array got = answers(event({std::string(kBeer) + "\n"}));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].at("recordId"), "r0");
  EXPECT_EQ(result(got[0]), "Ok");
  const base::Timestamp arrived{base::Milliseconds(kArrived)};
  EXPECT_EQ(data(got[0]), beer::clean(kBeer, arrived).to_json() + "\n");
  EXPECT_EQ(json::parse(data(got[0])).at("id").as_int64(), 192);
}

TEST_F(Transform, FailsWhatIsNoBeerWithItsDataWholeAndGoesOn) {
  const std::vector<std::string> bad = {"<html>", "{\"id\":1", "{\"name\":\"no id\"}",
                                        "null",   "",          std::string("\xff\0", 2)};
  std::vector<std::string> all = bad;
  all.emplace_back(kBeer);
  const json::array got = answers(event(all));
  ASSERT_EQ(got.size(), all.size());
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(got[i].at("recordId"), json::string(fmt::format("r{}", i)));
    EXPECT_EQ(result(got[i]), "ProcessingFailed");
    EXPECT_EQ(data(got[i]), bad[i]);
  }
  EXPECT_EQ(result(got.back().as_object()), "Ok");
}

TEST_F(Transform, FailsDataThatIsNotBase64) {
  const json::array got = answers(R"({"records":[{"recordId":"a","data":"!!!!"}]})");
  EXPECT_EQ(result(got[0]), "ProcessingFailed");
  EXPECT_EQ(got[0].at("data"), "!!!!");
}

TEST_F(Transform, NeverAnswersMoreThanFits) {
  const std::vector<std::string> beers(100, std::string(kBeer));
  const std::size_t whole = transform(event(beers)).size();
  const json::array got = answers(event(beers), whole / 2);
  ASSERT_EQ(got.size(), 100u);
  EXPECT_EQ(result(got[0]), "Ok");
  EXPECT_EQ(result(got[99]), "ProcessingFailed");
  EXPECT_FALSE(got[99].as_object().contains("data"));
}

TEST_F(Transform, AnswersABatchOfNothing) { EXPECT_EQ(transform(event({})), R"({"records":[]})"); }

TEST_F(Transform, RefusesAnEventThatIsNotFirehoses) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"records":1})", R"({"records":[{"recordId":"a"}]})",
        R"({"records":[7]})", R"({"records":[{"recordId":1,"data":""}]})"}) {
    EXPECT_THROW(transform(text), aws::FunctionError) << text;
  }
}

}  // namespace
}  // namespace fn_transformation
