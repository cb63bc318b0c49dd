// The serving contract, request by request.
#include "pipelines/serve/handler.h"

#include "beer/features.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class Serve : public ::testing::Test {
 protected:
  /// One trained model for all tests, gone before the process ends as boosters must be.
  static void SetUpTestSuite() {
    testing::Root root;
    testing::preprocess_for_training(root, testing::simulated_rows(200));
    testing::set_hyperparameters(root, R"({"num_round":"30","bags":"2","folds":"3"})");
    std::ostringstream log;
    train(root.folders(), log);
    model_ = std::make_shared<const Model>(Model::load(root.folders().model()));
  }
  static void TearDownTestSuite() { model_.reset(); }

  http::Response invoke(const std::string& type, const std::string& body, http::Headers more = {}) {
    more.set("Content-Type", type);
    return handler_({"POST", "/invocations", more, body});
  }
  json::array predictions(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body.string();
    return json::parse(response.body.string()).at("predictions").as_array();
  }
  /// A row of features, every one missing but the first.
  static std::string csv_row(double abv) {
    return std::to_string(abv) + std::string(beer::features().size() - 1, ',') + "\n";
  }

  static inline std::shared_ptr<const Model> model_;
  Handler handler_{model_};
};

TEST_F(Serve, AnswersPing) {
  const auto response = handler_({"GET", "/ping", {}, {}});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.empty());
}

TEST_F(Serve, TellsABatchTransformHowToCall) {
  const auto response = handler_({"GET", "/execution-parameters", {}, {}});
  EXPECT_EQ(json::parse(response.body.string()).at("BatchStrategy"), "MULTI_RECORD");
}

TEST_F(Serve, PredictsABeerWithItsInterval) {
  const auto answer = predictions(invoke("application/json", testing::simulated_beer(3)));
  ASSERT_EQ(answer.size(), 1U);
  const double ibu = answer[0].at("ibu").to_number<double>();
  EXPECT_LE(answer[0].at("interval").at(0).to_number<double>(), ibu);
  EXPECT_GE(answer[0].at("interval").at(1).to_number<double>(), ibu);
  EXPECT_GE(ibu, 0);
  EXPECT_LE(ibu, 100);
}

TEST_F(Serve, TakesAnArrayOrInstancesInOrder) {
  const std::string a = testing::simulated_beer(3);
  const std::string b = testing::simulated_beer(4);
  const auto array = predictions(invoke("application/json", "[" + a + "," + b + "]"));
  ASSERT_EQ(array.size(), 2U);
  EXPECT_EQ(array[0], predictions(invoke("application/json", a))[0]);
  EXPECT_EQ(array[1], predictions(invoke("application/json", b))[0]);
  EXPECT_EQ(predictions(
                invoke("application/json; charset=utf-8", "{\"instances\":[" + a + "," + b + "]}")),
            array);
  EXPECT_TRUE(predictions(invoke("application/json", "[]")).empty());
}

TEST_F(Serve, AnswersCsvWithOneValueALine) {
  const auto response = invoke("text/csv", csv_row(4) + csv_row(9.5));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(std::string(response.headers.get("Content-Type")), HasSubstr("text/csv"));
  const std::string text = response.body.string();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(predictions(invoke("text/csv", csv_row(4), {{"Accept", "application/json"}})).size(),
            1U);
  EXPECT_EQ(std::stod(text),
            predictions(invoke("text/csv", csv_row(4), {{"Accept", "application/json"}}))
                .at(0)
                .at("ibu")
                .to_number<double>());
}

TEST_F(Serve, ExplainsWhenAskedTo) {
  const auto answer = predictions(invoke("application/json", testing::simulated_beer(3),
                                         {{"X-Amzn-SageMaker-Enable-Explanations", "`true`"}}));
  double sum = answer[0].at("expected").to_number<double>();
  for (const auto& one : answer[0].at("contributions").as_array()) {
    EXPECT_GE(beer::feature_index(one.at("feature").as_string().c_str()), 0);
    sum += one.at("ibu").to_number<double>();
  }
  EXPECT_NEAR(clip_ibu(sum), answer[0].at("ibu").to_number<double>(), 0.5);
  const auto plain = predictions(invoke("application/json", testing::simulated_beer(3),
                                        {{"X-Amzn-SageMaker-Enable-Explanations", "`false`"}}));
  EXPECT_FALSE(plain[0].as_object().contains("contributions"));
}

TEST_F(Serve, ContributionsSumUpToThePrediction) {
  for (int number = 1; number <= 20; ++number) {
    const auto answer = predictions(invoke("application/json", testing::simulated_beer(number),
                                           {{"X-Amzn-SageMaker-Enable-Explanations", "`true`"}}));
    double sum = answer[0].at("expected").to_number<double>();
    for (const auto& one : answer[0].at("contributions").as_array()) {
      sum += one.at("ibu").to_number<double>();
    }
    EXPECT_NEAR(clip_ibu(sum), answer[0].at("ibu").to_number<double>(), 0.02);
  }
}

TEST_F(Serve, AnswersInTheFormThatIsAccepted) {
  const std::string beer = testing::simulated_beer(3), other = testing::simulated_beer(4);
  const std::string lines = beer + "\n" + other + "\n";
  const auto as_lines = invoke("application/jsonlines", lines);
  EXPECT_EQ(as_lines.headers.get("Content-Type"), "application/jsonlines");
  const std::string text = as_lines.body.string();
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const auto as_json = predictions(
      invoke("application/jsonlines", lines, {{"Accept", "application/json;q=0.9, text/csv"}}));
  ASSERT_EQ(as_json.size(), 2U);
  EXPECT_EQ(json::parse(text.substr(0, text.find('\n'))), as_json[0]);
  const auto as_csv = invoke("application/jsonlines", lines, {{"Accept", "image/png,text/csv"}});
  EXPECT_EQ(std::stod(as_csv.body.string()), as_json[0].at("ibu").to_number<double>());
  const auto explained = invoke(
      "application/json", beer,
      {{"Accept", "application/jsonlines"}, {"X-Amzn-SageMaker-Enable-Explanations", "`true`"}});
  EXPECT_TRUE(json::parse(explained.body.string()).as_object().contains("contributions"));
}

TEST_F(Serve, IsQuickUnlessMuchOrAnExplanationIsAsked) {
  EXPECT_TRUE(Handler::is_quick({"GET", "/ping", {}, {}}));
  EXPECT_TRUE(Handler::is_quick({"POST", "/invocations", {}, csv_row(4)}));
  EXPECT_FALSE(Handler::is_quick({"POST", "/invocations", {}, std::string(1 << 20, '1')}));
  EXPECT_FALSE(Handler::is_quick(
      {"POST", "/invocations", {{"X-Amzn-SageMaker-Enable-Explanations", "`true`"}}, csv_row(4)}));
}

TEST_F(Serve, RefusesAsSageMakersContainerDoes) {
  EXPECT_EQ(invoke("text/csv", "").status, 204);
  EXPECT_EQ(invoke("application/json", " \n").status, 204);
  EXPECT_EQ(invoke("image/png", "x").status, 415);
  EXPECT_EQ(invoke("text/csv", csv_row(4), {{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(invoke("text/csv", "1,2,3\n").status, 400);
  EXPECT_EQ(invoke("text/csv", "a" + csv_row(4)).status, 400);
  EXPECT_EQ(invoke("application/json", "{").status, 400);
  EXPECT_EQ(invoke("application/json", "7").status, 400);
  const auto nameless = invoke("application/json", R"([{"name":"no id"}])");
  EXPECT_EQ(nameless.status, 400);
  EXPECT_THAT(nameless.body.string(), HasSubstr("Beer 1"));
  EXPECT_EQ(handler_({"GET", "/invocations", {}, {}}).status, 405);
  EXPECT_EQ(handler_({"GET", "/", {}, {}}).status, 404);
}

TEST_F(Serve, AnswersOverHttp) {
  http::Server server({.port = 0, .workers = 2}, handler_);
  http::Client client;
  EXPECT_EQ(client.get(server.url() + "/ping").status, 200);
  const auto response = client.send(
      http::parse_url(server.url() + "/invocations"),
      {"POST", "/", {{"Content-Type", "application/json"}}, testing::simulated_beer(3)});
  EXPECT_EQ(predictions(response),
            predictions(invoke("application/json", testing::simulated_beer(3))));
}

}  // namespace
}  // namespace pipelines
