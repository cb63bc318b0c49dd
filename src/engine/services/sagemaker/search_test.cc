// Search over what pipelines leave behind.
#include "engine/services/sagemaker/jobs/test_requests.h"
#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using Names = std::vector<std::string>;

api::Filter filter(const std::string& name, const std::string& op, const std::string& value) {
  return {.Name = name, .Operator = op, .Value = value};
}

struct Searches : testing::Test {
  Bench bench{{.create_wait = 60s}};

  Searches() {
    bench.put("in/beer.csv", "1");
    bench.program("good", "echo loss=$(cat $root/input/config/hyperparameters.json | tr -dc 0-9)");
    bench.program("bad", "exit 1");
    for (const auto& [name, image, eta] :
         {std::tuple{"Ale", "good", "3"}, {"Bock", "good", "1"}, {"Cider", "bad", "2"}}) {
      auto request = training(name, image);
      request.HyperParameters = std::map<std::string, std::string>{{"eta", eta}};
      request.AlgorithmSpecification->MetricDefinitions =
          std::vector<api::MetricDefinition>{{.Name = "loss", .Regex = "loss=([0-9]+)"}};
      request.Tags = std::vector<api::Tag>{{"team", eta == std::string("2") ? "dry" : "wet"}};
      create_training_job(*bench.sagemaker, bench.call, request);
    }
  }

  api::SearchResponse answer(const std::vector<api::Filter>& filters,
                             const std::string& sort_by = "TrainingJobName") {
    return search(*bench.sagemaker, bench.call,
                  {.Resource = "TrainingJob",
                   .SearchExpression = api::SearchExpression{.Filters = filters},
                   .SortBy = sort_by,
                   .SortOrder = "Ascending"});
  }
  Names names(const api::SearchResponse& found) {
    Names all;
    for (const auto& record : *found.Results) all.push_back(*record.TrainingJob->TrainingJobName);
    return all;
  }
  Names with(const std::string& name, const std::string& op, const std::string& value) {
    return names(answer({filter(name, op, value)}));
  }
};

TEST_F(Searches, CompareTextsNumbersTimesAndTags) {
  EXPECT_THAT(with("TrainingJobStatus", "Equals", "Completed"), ElementsAre("Ale", "Bock"));
  EXPECT_THAT(with("TrainingJobStatus", "NotEquals", "Completed"), ElementsAre("Cider"));
  EXPECT_THAT(with("TrainingJobName", "Contains", "o"), ElementsAre("Bock"));
  EXPECT_THAT(with("TrainingJobName", "In", "Ale, Cider"), ElementsAre("Ale", "Cider"));
  EXPECT_THAT(with("Metrics.loss", "GreaterThanOrEqualTo", "2"), ElementsAre("Ale"));
  EXPECT_THAT(with("Metrics.loss", "LessThan", "1.5"), ElementsAre("Bock"));
  EXPECT_THAT(with("HyperParameters.eta", "Equals", "2"), ElementsAre("Cider"));
  EXPECT_THAT(with("Tags.team", "Equals", "wet"), ElementsAre("Ale", "Bock"));
  EXPECT_THAT(with("ResourceConfig.InstanceCount", "GreaterThan", "1"), ElementsAre());
  EXPECT_THAT(with("CreationTime", "GreaterThan", "2020-01-01T00:00:00"),
              ElementsAre("Ale", "Bock", "Cider"));
  EXPECT_THAT(names(answer({{.Name = "FailureReason", .Operator = "Exists"}})),
              ElementsAre("Cider"));
  EXPECT_THAT(names(answer({{.Name = "FailureReason", .Operator = "NotExists"}})),
              ElementsAre("Ale", "Bock"));
}

TEST_F(Searches, SortByAnyPropertyAndComeInPages) {
  EXPECT_THAT(names(answer({filter("TrainingJobName", "NotEquals", "x")}, "Metrics.loss")),
              ElementsAre("Bock", "Ale", "Cider"));
  auto page = search(*bench.sagemaker, bench.call, {.Resource = "TrainingJob", .MaxResults = 2});
  EXPECT_THAT(names(page), ElementsAre("Cider", "Bock"));  // last modified first
  EXPECT_EQ(page.TotalHits->Value, 3);
  page = search(*bench.sagemaker, bench.call,
                {.Resource = "TrainingJob", .NextToken = page.NextToken, .MaxResults = 2});
  EXPECT_THAT(names(page), ElementsAre("Ale"));
  EXPECT_FALSE(page.NextToken);
}

TEST_F(Searches, CombineConditions) {
  api::SearchExpression either{
      .Filters = std::vector<api::Filter>{filter("TrainingJobName", "Equals", "Ale")},
      .SubExpressions = std::vector<api::SearchExpression>{},
      .Operator = "Or"};
  either.SubExpressions->push_back(
      {.Filters = std::vector<api::Filter>{filter("TrainingJobStatus", "Equals", "Failed"),
                                           filter("Tags.team", "Equals", "dry")}});
  EXPECT_THAT(
      names(search(
          *bench.sagemaker, bench.call,
          {.Resource = "TrainingJob", .SearchExpression = either, .SortBy = "TrainingJobName"})),
      ElementsAre("Cider", "Ale"));
  api::NestedFilters nested{.NestedPropertyName = "FinalMetricDataList",
                            .Filters = {filter("FinalMetricDataList.MetricName", "Equals", "loss"),
                                        filter("FinalMetricDataList.Value", "GreaterThan", "2")}};
  EXPECT_THAT(
      names(search(
          *bench.sagemaker, bench.call,
          {.Resource = "TrainingJob",
           .SearchExpression =
               api::SearchExpression{.NestedFilters = std::vector<api::NestedFilters>{nested}}})),
      ElementsAre("Ale"));
}

TEST_F(Searches, AreRefusedForWhatHasNoMeaning) {
  const auto refused = [&](const api::SearchRequest& request) {
    return bench.refusal([&] { search(*bench.sagemaker, bench.call, request); });
  };
  const auto by = [](const api::Filter& one) {
    return api::SearchRequest{
        .Resource = "TrainingJob",
        .SearchExpression = api::SearchExpression{.Filters = std::vector<api::Filter>{one}}};
  };
  EXPECT_THAT(refused(by(filter("Hops", "Equals", "1"))),
              HasSubstr("Unknown property name: Hops."));
  EXPECT_THAT(refused(by(filter("TrainingJobName", "GreaterThan", "a"))),
              HasSubstr("operator GreaterThan is not supported"));
  EXPECT_THAT(refused(by(filter("Metrics.loss", "Equals", "much"))), HasSubstr("is not a number"));
  EXPECT_THAT(refused(by(filter("CreationTime", "LessThan", "today"))), HasSubstr("is not a time"));
  EXPECT_THAT(refused({.Resource = "TrainingJob", .SearchExpression = api::SearchExpression{}}),
              HasSubstr("at least one subexpression"));
  EXPECT_THAT(refused({.Resource = "Experiment"}),
              HasSubstr("ValidationException: Search for Experiment is not supported"));
  EXPECT_THAT(refused({.Resource = "TrainingJob", .SortBy = "Hops"}),
              HasSubstr("Unknown property name"));
}

}  // namespace
}  // namespace engine::sagemaker
