#include "engine/services/events/input.h"

#include "engine/protocol/error.h"

#include <gtest/gtest.h>

namespace engine::events {
namespace {

const std::string kEvent =
    R"({"id":"1","detail-type":"Beer Brewed","detail":{"style":"Saison \"d'été\"","hops":[{"name":"Saaz"}],"ph":4.25,"ok":true}})";
const Origin kOrigin{"arn:rule", "brew", "2026-01-01T00:00:00Z"};

std::string transformed(std::map<std::string, std::string> paths, std::string text) {
  api::Target target{.Id = "1", .Arn = "arn"};
  target.InputTransformer = api::InputTransformer{std::move(paths), std::move(text)};
  check_input(target);
  return input_of(target, kEvent, kOrigin);
}
std::string part(const std::string& path) {
  api::Target target{.Id = "1", .Arn = "arn"};
  target.InputPath = path;
  check_input(target);
  return input_of(target, kEvent, kOrigin);
}

TEST(Input, IsTheEventByDefaultAsItWasWritten) {
  EXPECT_EQ(input_of({.Id = "1", .Arn = "arn"}, kEvent, kOrigin), kEvent);
  EXPECT_EQ(part("$"), kEvent);
}

TEST(Input, IsTheConstantOfTheTarget) {
  api::Target target{.Id = "1", .Arn = "arn"};
  target.Input = R"({"runs": 3})";
  EXPECT_EQ(input_of(target, kEvent, kOrigin), R"({"runs": 3})");
}

TEST(Input, IsThePartAPathNames) {
  EXPECT_EQ(part("$.detail.hops[0].name"), "\"Saaz\"");
  EXPECT_EQ(part("$.detail.ph"), "4.25");
  EXPECT_EQ(part("$.detail-type"), "\"Beer Brewed\"");
  EXPECT_EQ(part("$['detail']['ok']"), "true");
  EXPECT_EQ(part("$.detail.hops"), R"([{"name":"Saaz"}])");
}

TEST(InputTransformer, QuotesTextsOutsideOfQuotesOnly) {
  EXPECT_EQ(transformed({{"style", "$.detail.style"}, {"ph", "$.detail.ph"}},
                        R"({"style": <style>, "ph": <ph>, "line": "a <style> of <ph>"})"),
            R"({"style": "Saison \"d'été\"", "ph": 4.25, "line": "a Saison \"d'été\" of 4.25"})");
  EXPECT_EQ(transformed({{"type", "$.detail-type"}}, R"("<type>!")"), R"("Beer Brewed!")");
}

TEST(InputTransformer, WritesObjectsWhole) {
  EXPECT_EQ(transformed({{"hops", "$.detail.hops"}}, R"({"h": <hops>, "t": "<hops>"})"),
            R"({"h": [{"name":"Saaz"}], "t": "[{\"name\":\"Saaz\"}]"})");
}

TEST(InputTransformer, KnowsTheRuleAndTheEvent) {
  EXPECT_EQ(
      transformed(
          {},
          R"({"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>", "at": <aws.events.event.ingestion-time>})"),
      R"({"rule": "brew", "arn": "arn:rule", "at": "2026-01-01T00:00:00Z"})");
  EXPECT_EQ(transformed({}, "<aws.events.event>"), kEvent);
}

TEST(InputTransformer, LeavesOtherAngleBracketsAlone) {
  EXPECT_EQ(transformed({{"ph", "$.detail.ph"}}, R"("1 < 2 <> <ph>")"), R"("1 < 2 <> 4.25")");
}

TEST(InputTransformer, RefusesNamesWithoutAPath) {
  EXPECT_THROW(transformed({}, "<nobody>"), AwsError);
  EXPECT_THROW(transformed({{"a", "detail.ph"}}, "<a>"), AwsError);
}

TEST(Input, RefusesTwoOfThemAndWhatIsNotJson) {
  api::Target target{.Id = "1", .Arn = "arn"};
  target.Input = "{";
  EXPECT_THROW(check_input(target), AwsError);
  target.Input = "{}";
  check_input(target);
  target.InputPath = "$.detail";
  EXPECT_THROW(check_input(target), AwsError);
}

TEST(PipelineParameters, AreConstantsOrPathsIntoTheEvent) {
  api::Target target{.Id = "1", .Arn = "arn"};
  target.SageMakerPipelineParameters.emplace().PipelineParameterList = {
      {{"Style", "$.detail.style"}, {"Ph", "$.detail.ph"}, {"Runs", "3"}, {"Cost", "$5"}}};
  const auto parameters = parameters_of(target, kEvent);
  EXPECT_EQ(parameters.at("Style"), "Saison \"d'été\"");
  EXPECT_EQ(parameters.at("Ph"), "4.25");
  EXPECT_EQ(parameters.at("Runs"), "3");
  EXPECT_EQ(parameters.at("Cost"), "$5");
}

}  // namespace
}  // namespace engine::events
