// The serving contract of SageMaker's XGBoost image, request by request.
#include "pipelines/xgboost/handler.h"

#include "pipelines/files.h"
#include "pipelines/test_beers.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pipelines::xgboost {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A booster of `columns` features and, with classes, one value for each.
Booster grown(std::size_t columns, int classes = 0, const char* kind = "gbtree") {
  std::vector<float> values;
  std::vector<float> labels;
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      values.push_back(static_cast<float>(std::sin(static_cast<double>(i * (c + 2)))));
    }
    labels.push_back(classes ? static_cast<float>(i % static_cast<std::size_t>(classes))
                             : 10 + 5 * values[i * columns]);
  }
  const Matrix matrix(values, 60, columns, labels);
  const Matrix* matrices[] = {&matrix};
  Booster::Parameters parameters = {{"booster", kind}};
  if (classes) {
    parameters.emplace_back("objective", "multi:softprob");
    parameters.emplace_back("num_class", std::to_string(classes));
  }
  Booster booster(parameters, matrices);
  for (int round = 0; round < 5; ++round) booster.grow(round, matrix);
  return booster;
}

http::Response ask(const Handler& handler, const std::string& body, http::Headers headers = {}) {
  return handler({"POST", "/invocations", std::move(headers), body});
}

class XgboostServe : public ::testing::Test {
 protected:
  http::Response invoke(const std::string& body, http::Headers headers = {}) const {
    return ask(handler_, body, std::move(headers));
  }
  Handler handler_{grown(3)};
};

TEST_F(XgboostServe, AnswersPingAndWhatABatchTransformAsks) {
  EXPECT_EQ(handler_({"GET", "/ping", {}, {}}).status, 200);
  const auto response = handler_({"GET", "/execution-parameters", {}, {}});
  EXPECT_EQ(json::parse(response.body.string()).at("BatchStrategy"), "MULTI_RECORD");
  EXPECT_EQ(handler_({"GET", "/elsewhere", {}, {}}).status, 404);
  EXPECT_EQ(handler_({"GET", "/invocations", {}, {}}).status, 405);
}

TEST_F(XgboostServe, AnswersOneValueALine) {
  const auto response = invoke("0.5,0.1,0.2\n-0.5,,0.2\n", {{"Content-Type", "text/csv"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type", ""), "text/csv; charset=utf-8");
  const std::vector<float> rows = {0.5F, 0.1F, 0.2F};
  const std::string text = response.body.string();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_FLOAT_EQ(std::stof(text), grown(3).predict(rows, 1)[0]);
}

TEST_F(XgboostServe, AnswersJsonWhenThatIsAccepted) {
  const auto one = invoke("0.5,0.1,0.2", {{"Accept", "application/json"}});
  const auto predictions = json::parse(one.body.string()).at("predictions").as_array();
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_GT(predictions[0].at("score").to_number<double>(), 5);
  const auto lines = invoke("0.5,0.1,0.2\n1,1,1", {{"Accept", "application/jsonlines"}});
  EXPECT_THAT(lines.body.string(), ::testing::MatchesRegex("(\\{\"score\": [0-9.]+\\}\n){2}"));
}

TEST_F(XgboostServe, TakesLibsvmWithAndWithoutLabels) {
  const http::Headers headers{{"Content-Type", "text/libsvm"}};
  const std::string bare = invoke("0:0.5 1:0.1 2:0.2", headers).body.string();
  EXPECT_EQ(invoke("7 0:0.5 1:0.1 2:0.2", headers).body.string(), bare);
  EXPECT_EQ(invoke("0.5,0.1,0.2").body.string(), bare);
  EXPECT_EQ(invoke("0:1 3:2", headers).status, 400);
}

TEST_F(XgboostServe, AnswersNothingToNothing) { EXPECT_EQ(invoke("").status, 204); }

TEST_F(XgboostServe, RefusesTypesItDoesNotSpeak) {
  EXPECT_EQ(invoke("[1]", {{"Content-Type", "application/json"}}).status, 415);
  EXPECT_EQ(invoke("1,2,3", {{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(invoke("1,2,3", {{"Accept", "image/png, */*"}}).status, 200);
}

TEST_F(XgboostServe, RefusesRowsOfAnotherSize) {
  EXPECT_THAT(invoke("1,2,3,4").body.string(), HasSubstr("Feature size of csv inference data 4"));
  EXPECT_EQ(invoke("1,2,3,4").status, 400);
  EXPECT_EQ(invoke("1").status, 400);
  EXPECT_EQ(invoke("1,2").status, 200);  // one less, as the image
  EXPECT_EQ(invoke("a,b,c").status, 400);
}

TEST(XgboostServing, OfSeveralClassesGivesTheirShares) {
  const Handler handler(grown(2, 3));
  const auto csv = ask(handler, "0.1,0.2");
  EXPECT_THAT(csv.body.string(), ::testing::MatchesRegex("[0-9.]+,[0-9.]+,[0-9.]+\n"));
  const auto scores = ask(handler, "0.1,0.2", {{"Accept", "application/json"}});
  EXPECT_EQ(json::parse(scores.body.string()).at_pointer("/predictions/0/score").as_array().size(),
            3U);
}

TEST(XgboostServing, TakesLinearBoostersToo) {
  const Handler handler(grown(2, 0, "gblinear"));
  EXPECT_EQ(ask(handler, "0.1,0.2").status, 200);
}

TEST(XgboostServing, GivesAnswersInTheFormTheContainerIsSetTo) {
  const Handler handler(grown(2), "application/json");
  EXPECT_THAT(ask(handler, "0.1,0.2").body.string(), HasSubstr("predictions"));
}

TEST(XgboostServing, FindsTheBoosterUnderAnyName) {
  testing::Root root;
  EXPECT_THAT([&] { load_booster(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("There is no model in")));
  write_file(root.folders().model() / "model.bin", grown(2).ubjson());
  EXPECT_EQ(load_booster(root.folders().model()).features(), 2U);
  write_file(root.folders().model() / "xgboost-model", grown(3).json());
  EXPECT_EQ(load_booster(root.folders().model()).features(), 3U);
}

TEST(XgboostServing, DoesNotOpenAPickle) {
  testing::Root root;
  write_file(root.folders().model() / "xgboost-model", "\x80\x04\x95 a program");
  EXPECT_THAT([&] { load_booster(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("Python pickle")));
}

}  // namespace
}  // namespace pipelines::xgboost
