// Rules, targets, the scheduler and deliveries, over a clock the test moves.
#include "engine/services/events/events.h"

#include "engine/services/events/operations.h"
#include "engine/services/events/state.h"
#include "engine/services/test_authority.h"
#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFunction = "arn:aws:lambda:us-east-1:123456789012:function:extract";
constexpr const char* kPipeline = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/beer";

class EventsTest : public testing::Test {
 protected:
  EventsTest() { start(); }
  ~EventsTest() override { events->stop(); }

  /// Also as after a restart of the engine.
  void start() {
    events.reset();
    catalog.reset();
    catalog = std::make_unique<storage::Catalog>(folder.path());
    context = std::make_unique<Context>(Context{*catalog, clock, ids});
    events = std::make_unique<Events>(
        *context,
        Targets{
            [this](const std::string& arn, const std::string& payload) { tell(arn, payload); },
            [this](const std::string& arn, const std::map<std::string, std::string>& parameters) {
              std::string text;
              for (const auto& [name, value] : parameters) text += name + "=" + value + ";";
              tell(arn, text);
            }});
  }

  void tell(const std::string& arn, const std::string& payload) {
    std::lock_guard lock(mutex);
    ++attempts;
    if (refuse) refuse();
    told.push_back(arn.substr(arn.rfind(arn == kPipeline ? '/' : ':') + 1) + " " + payload);
  }

  /// All that was told to targets since the last time, with everything delivered that is due.
  std::vector<std::string> take() {
    events->impl().round();
    std::lock_guard lock(mutex);
    return std::exchange(told, {});
  }
  int attempts_so_far() {
    events->impl().round();
    std::lock_guard lock(mutex);
    return attempts;
  }

  template <class Output, class Input>
  Output run(Output (*operation)(Events&, Call&, const Input&),
             const std::type_identity_t<Input>& input) {
    return operation(*events, call, input);
  }
  template <class Output, class Input>
  std::string error(Output (*operation)(Events&, Call&, const Input&),
                    const std::type_identity_t<Input>& input) {
    try {
      run(operation, input);
      return {};
    } catch (const AwsError& error) {
      return error.code + ": " + error.what();
    }
  }

  void put_schedule(const std::string& expression, const std::string& name = "every") {
    api::PutRuleInput input;
    input.Name = name;
    input.ScheduleExpression = expression;
    run(put_rule, input);
  }
  void put_pattern(const std::string& pattern, const std::string& name = "wants") {
    api::PutRuleInput input;
    input.Name = name;
    input.EventPattern = pattern;
    run(put_rule, input);
  }
  void put_target(const std::string& rule, api::Target target) {
    api::PutTargetsInput input;
    input.Rule = rule;
    input.Targets = {std::move(target)};
    run(put_targets, input);
  }
  static api::Target function(const std::string& id = "1",
                              std::optional<std::string> input = "{}") {
    api::Target target{.Id = id, .Arn = kFunction};
    target.Input = std::move(input);
    return target;
  }
  api::PutEventsOutput put(const std::string& source, const std::string& detail) {
    api::PutEventsInput input;
    input.Entries.resize(1);
    input.Entries[0].Source = source;
    input.Entries[0].DetailType = "Beer Brewed";
    input.Entries[0].Detail = detail;
    return run(put_events, input);
  }

  io::TemporaryFolder folder;
  base::ManualClock clock;  // 2026-01-01T00:00:00Z
  base::Ids ids{5};
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<Context> context;
  std::mutex mutex;
  std::vector<std::string> told;
  int attempts = 0;
  std::function<void()> refuse;
  std::unique_ptr<Events> events;
  http::Request request;
  Call call{.request = request};
};

using PutRule = EventsTest;
using TargetsOfARule = EventsTest;
using Scheduler = EventsTest;
using Deliveries = EventsTest;
using PutEvents = EventsTest;

TEST_F(PutRule, IsDescribedAsItWasPut) {
  api::PutRuleInput input;
  input.Name = "brew";
  input.ScheduleExpression = "rate(5 minutes)";
  input.Description = "brews";
  input.Tags = {{{"project", "beer"}}};
  EXPECT_EQ(run(put_rule, input).RuleArn, "arn:aws:events:us-east-1:123456789012:rule/brew");
  const auto rule = run(describe_rule, {.Name = "brew"});
  EXPECT_EQ(rule.ScheduleExpression, "rate(5 minutes)");
  EXPECT_EQ(rule.State, "ENABLED");
  EXPECT_EQ(rule.EventBusName, "default");
  EXPECT_EQ(rule.Description, "brews");
  EXPECT_EQ(rule.CreatedBy, "123456789012");
  EXPECT_FALSE(rule.EventPattern);
  const auto tags = run(list_tags_for_resource, {.ResourceARN = *rule.Arn});
  ASSERT_EQ(tags.Tags->size(), 1u);
  EXPECT_EQ(tags.Tags->at(0).Value, "beer");
}

TEST_F(PutRule, RefusesWhatCanNeverFire) {
  EXPECT_EQ(error(put_rule, {.Name = "r", .ScheduleExpression = "rate(1 minutes)"}),
            "ValidationException: Parameter ScheduleExpression is not valid.");
  EXPECT_EQ(
      error(put_rule, {.Name = "r"}),
      "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
  EXPECT_EQ(
      error(put_rule, {.Name = "r", .EventPattern = "[]"}),
      "InvalidEventPatternException: Event pattern is not valid. Reason: Filter is not an object");
  api::PutRuleInput elsewhere;
  elsewhere.Name = "r";
  elsewhere.ScheduleExpression = "rate(1 day)";
  elsewhere.EventBusName = "other";
  EXPECT_EQ(error(put_rule, elsewhere),
            "ResourceNotFoundException: Event bus other does not exist.");
  elsewhere.EventBusName = "arn:aws:events:us-east-1:123456789012:event-bus/default";
  EXPECT_EQ(error(put_rule, elsewhere), "");
}

TEST_F(PutRule, IsListedByPrefixInPages) {
  for (const char* name : {"a1", "a2", "a3", "b1"}) put_schedule("rate(1 day)", name);
  api::ListRulesInput input;
  input.NamePrefix = "a";
  input.Limit = 2;
  auto page = run(list_rules, input);
  ASSERT_EQ(page.Rules->size(), 2u);
  input.NextToken = page.NextToken;
  page = run(list_rules, input);
  ASSERT_EQ(page.Rules->size(), 1u);
  EXPECT_EQ(page.Rules->at(0).Name, "a3");
  EXPECT_FALSE(page.NextToken);
}

TEST_F(PutRule, IsDeletedOnlyWithoutTargetsAndTwiceIsNoError) {
  put_schedule("rate(1 day)");
  put_target("every", function());
  EXPECT_EQ(error(delete_rule, {.Name = "every"}),
            "ValidationException: Rule can't be deleted since it has targets.");
  run(remove_targets, {.Rule = "every", .Ids = {"1"}});
  EXPECT_EQ(error(delete_rule, {.Name = "every"}), "");
  EXPECT_EQ(error(delete_rule, {.Name = "every"}), "");
  EXPECT_EQ(error(describe_rule, {.Name = "every"}),
            "ResourceNotFoundException: Rule every does not exist on EventBus default.");
}

TEST_F(PutRule, KeepsItsTagsWhenItChanges) {
  api::PutRuleInput input;
  input.Name = "r";
  input.ScheduleExpression = "rate(1 day)";
  input.Tags = {{{"a", "1"}}};
  const std::string arn = *run(put_rule, input).RuleArn;
  input.Tags = {{{"a", "2"}}};
  run(put_rule, input);
  run(tag_resource, {.ResourceARN = arn, .Tags = {{"b", "3"}}});
  auto tags = *run(list_tags_for_resource, {.ResourceARN = arn}).Tags;
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].Value, "1");
  run(untag_resource, {.ResourceARN = arn, .TagKeys = {"a"}});
  EXPECT_EQ(run(list_tags_for_resource, {.ResourceARN = arn}).Tags->size(), 1u);
  EXPECT_NE(error(list_tags_for_resource, {.ResourceARN = arn + "x"}), "");
}

TEST_F(TargetsOfARule, ComeBackAsTheyWerePut) {
  put_schedule("rate(1 day)");
  api::Target target{
      .Id = "train", .Arn = kPipeline, .RoleArn = "arn:aws:iam::123456789012:role/r"};
  target.SageMakerPipelineParameters.emplace().PipelineParameterList = {{{"Runs", "3"}}};
  put_target("every", target);
  put_target("every", function("2", std::nullopt));
  const auto targets = *run(list_targets_by_rule, {.Rule = "every"}).Targets;
  ASSERT_EQ(targets.size(), 2u);
  EXPECT_EQ(targets[0].Id, "2");
  EXPECT_FALSE(targets[0].Input);
  EXPECT_EQ(targets[1].SageMakerPipelineParameters->PipelineParameterList->at(0).Value, "3");
  EXPECT_THAT(*run(list_rule_names_by_target, {.TargetArn = kFunction}).RuleNames,
              ElementsAre("every"));
  EXPECT_THAT(*run(list_rule_names_by_target, {.TargetArn = "arn:none"}).RuleNames, IsEmpty());
}

TEST_F(TargetsOfARule, AreAtMostFiveOfAKnownRule) {
  EXPECT_NE(error(put_targets, {.Rule = "none", .Targets = {function()}}), "");
  put_schedule("rate(1 day)");
  for (int i = 0; i < 5; ++i) put_target("every", function(std::to_string(i)));
  put_target("every", function("4"));  // again
  EXPECT_EQ(error(put_targets, {.Rule = "every", .Targets = {function("5")}}),
            "LimitExceededException: The requested resource exceeds the maximum number allowed.");
}

TEST_F(TargetsOfARule, AreCheckedBeforeAnyIsStored) {
  put_schedule("rate(1 day)");
  EXPECT_EQ(
      error(put_targets, {.Rule = "every", .Targets = {function("1"), {.Id = "2", .Arn = "beer"}}}),
      "ValidationException: Parameter beer is not valid. Reason: Provided Arn is not in correct "
      "format.");
  EXPECT_EQ(error(put_targets, {.Rule = "every", .Targets = {{.Id = "2", .Arn = kPipeline}}}),
            std::string("ValidationException: RoleArn is required for target ") + kPipeline + ".");
  EXPECT_THAT(*run(list_targets_by_rule, {.Rule = "every"}).Targets, IsEmpty());
}

TEST_F(TargetsOfARule, ThatAreNotThereFailByThemselves) {
  put_schedule("rate(1 day)");
  put_target("every", function());
  const auto output = run(remove_targets, {.Rule = "every", .Ids = {"1", "x"}});
  EXPECT_EQ(output.FailedEntryCount, 1);
  EXPECT_EQ(output.FailedEntries->at(0).TargetId, "x");
  EXPECT_THAT(*run(list_targets_by_rule, {.Rule = "every"}).Targets, IsEmpty());
}

TEST_F(Scheduler, FiresARateOnePeriodAfterItWasMadeAndThenEveryPeriod) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(4min + 59s);
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(1s);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(5min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, WakesByItself) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  clock.wait_for_sleepers(1);
  events->impl().round();
  EXPECT_EQ(events->impl().round(), 5min);
}

TEST_F(Scheduler, SendsAwsScheduledEvent) {
  put_schedule("cron(30 12 * * ? *)");
  put_target("every", function("1", std::nullopt));
  clock.advance(12h + 30min + 20s);
  const auto told = take();
  ASSERT_EQ(told.size(), 1u);
  const auto id = told[0].substr(told[0].find("\"id\":\"") + 6, 36);
  EXPECT_EQ(
      told[0],
      "extract {\"version\":\"0\",\"id\":\"" + id +
          "\",\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\","
          "\"account\":\"123456789012\",\"time\":\"2026-01-01T12:30:00Z\",\"region\":\"us-east-1\","
          "\"resources\":[\"arn:aws:events:us-east-1:123456789012:rule/every\"],\"detail\":{}}");
}

TEST_F(Scheduler, FiresOnceForAllTimesItMissed) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  events->stop();
  clock.advance(3h + 2min);
  start();
  EXPECT_THAT(take(), ElementsAre("extract {}"));
  clock.advance(2min);
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(1min);  // its grid is kept
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, NeitherRepeatsNorSkipsOverARestart) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  clock.advance(5min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
  start();
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(4min);
  start();
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(1min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, CountsFromNowOnWhenTheClockWasSetBack) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  storage::Batch batch;
  const auto later = clock.now() + 48h;
  batch.put(kFired, "every", std::to_string(later.time_since_epoch().count()));
  catalog->commit(std::move(batch));
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(5min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, LeavesOutWhatPassedWhileARuleWasOff) {
  put_schedule("rate(5 minutes)");
  put_target("every", function());
  run(disable_rule, {.Name = "every"});
  EXPECT_EQ(run(describe_rule, {.Name = "every"}).State, "DISABLED");
  clock.advance(1h);
  EXPECT_THAT(take(), IsEmpty());
  run(enable_rule, {.Name = "every"});
  EXPECT_THAT(take(), IsEmpty());
  clock.advance(5min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, CountsAnewOnlyWhenTheScheduleChanges) {
  put_schedule("rate(10 minutes)");
  put_target("every", function());
  clock.advance(6min);
  put_schedule("rate(10 minutes)");
  clock.advance(4min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
  put_schedule("rate(2 minutes)");
  clock.advance(2min);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Scheduler, StartsAPipelineWithItsParameters) {
  put_schedule("rate(1 hour)");
  api::Target target{
      .Id = "train", .Arn = kPipeline, .RoleArn = "arn:aws:iam::123456789012:role/r"};
  target.SageMakerPipelineParameters.emplace().PipelineParameterList = {
      {{"Runs", "3"}, {"By", "$.source"}}};
  put_target("every", target);
  clock.advance(1h);
  EXPECT_THAT(take(), ElementsAre("beer By=aws.events;Runs=3;"));
}

TEST_F(Scheduler, PassesOverTargetsItCantReach) {
  put_schedule("rate(1 hour)");
  put_target("every", {.Id = "0", .Arn = "arn:aws:sqs:us-east-1:123456789012:queue"});
  put_target("every", function());
  clock.advance(1h);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(Deliveries, AreTriedAgainWithAGrowingWait) {
  put_schedule("rate(1 day)");
  put_target("every", function());
  refuse = [] { throw AwsError("TooManyRequestsException", "Rate Exceeded.", 429); };
  clock.advance(24h);
  EXPECT_EQ(attempts_so_far(), 1);
  clock.advance(1s);
  EXPECT_EQ(attempts_so_far(), 2);
  clock.advance(1s);
  EXPECT_EQ(attempts_so_far(), 2);
  {
    std::lock_guard lock(mutex);
    refuse = nullptr;
  }
  start();  // they outlive the engine
  clock.advance(1s);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
  clock.advance(1h);
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(Deliveries, EndWithTheRetryPolicyAndWithATargetThatIsGone) {
  put_schedule("rate(1 day)");
  auto target = function();
  target.RetryPolicy = api::RetryPolicy{.MaximumRetryAttempts = 1};
  put_target("every", target);
  refuse = [] { throw std::runtime_error("no"); };
  clock.advance(24h);
  EXPECT_EQ(attempts_so_far(), 1);
  clock.advance(10min);
  EXPECT_EQ(attempts_so_far(), 2);
  clock.advance(10min);
  EXPECT_EQ(attempts_so_far(), 2);
  {
    std::lock_guard lock(mutex);
    refuse = [] { throw AwsError("ResourceNotFoundException", "Function not found", 404); };
  }
  put_target("every", function());
  clock.advance(24h - 20min);
  EXPECT_EQ(attempts_so_far(), 3);
  clock.advance(1h);
  EXPECT_EQ(attempts_so_far(), 3);
}

TEST_F(PutEvents, ReachesTheRulesThatWantIt) {
  put_pattern(R"({"source":["brewery"],"detail":{"ph":[{"numeric":["<",5]}]}})");
  put_target("wants", function("1", std::nullopt));
  const auto sour = put("brewery", R"({"ph": 4.20})");
  EXPECT_EQ(sour.FailedEntryCount, 0);
  put("brewery", R"({"ph": 5.5})");
  put("winery", R"({"ph": 4.2})");
  const auto told = take();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0], testing::HasSubstr("\"id\":\"" + *sour.Entries->at(0).EventId + "\""));
  EXPECT_THAT(told[0], testing::HasSubstr(R"("detail":{"ph": 4.20}})"));  // as it was written
}

TEST_F(PutEvents, PassesOverRulesThatAreOff) {
  put_pattern(R"({"source":["brewery"]})");
  put_target("wants", function());
  run(disable_rule, {.Name = "wants"});
  put("brewery", "{}");
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(PutEvents, FailsOnlyTheBadEntries) {
  put_pattern(R"({"source":[{"prefix":""}]})");
  put_target("wants", function());
  api::PutEventsInput input;
  input.Entries.resize(5);
  for (auto& entry : input.Entries) {
    entry.Source = "brewery";
    entry.DetailType = "t";
    entry.Detail = "{}";
  }
  input.Entries[0].Source.reset();
  input.Entries[1].Detail = "[1]";
  input.Entries[2].Source = "aws.s3";
  input.Entries[3].EventBusName = "other";
  const auto output = run(put_events, input);
  EXPECT_EQ(output.FailedEntryCount, 4);
  EXPECT_EQ(output.Entries->at(0).ErrorMessage,
            "Parameter Source is not valid. Reason: Source is a required argument.");
  EXPECT_EQ(output.Entries->at(1).ErrorCode, "MalformedDetail");
  EXPECT_EQ(output.Entries->at(2).ErrorCode, "NotAuthorizedForSource");
  EXPECT_EQ(output.Entries->at(3).ErrorCode, "ResourceNotFoundException");
  EXPECT_TRUE(output.Entries->at(4).EventId);
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(PutEvents, OfServicesMayComeFromAws) {
  put_pattern(R"({"source":["aws.sagemaker"],"resources":[{"suffix":"/beer"}]})");
  put_target("wants", function());
  events->put_event("aws.sagemaker", "SageMaker Model Package State Change", R"({"s":1})",
                    {kPipeline});
  EXPECT_THAT(take(), ElementsAre("extract {}"));
}

TEST_F(PutEvents, CanBeTriedWithoutARule) {
  constexpr const char* kEvent =
      R"({"id":"1","account":"2","source":"brewery","time":"t","region":"r","resources":[],"detail-type":"d","detail":{}})";
  EXPECT_EQ(run(test_event_pattern, {R"({"source":["brewery"]})", kEvent}).Result, true);
  EXPECT_EQ(run(test_event_pattern, {R"({"source":["winery"]})", kEvent}).Result, false);
  EXPECT_NE(error(test_event_pattern, {R"({"source":["winery"]})", R"({"source":"brewery"})"}), "");
}

TEST_F(EventsTest, KnowsTheDefaultBusOnly) {
  EXPECT_EQ(run(describe_event_bus, {}).Arn,
            "arn:aws:events:us-east-1:123456789012:event-bus/default");
  EXPECT_EQ(run(list_event_buses, {}).EventBuses->size(), 1u);
  EXPECT_THAT(*run(list_event_buses, {.NamePrefix = "x"}).EventBuses, IsEmpty());
  EXPECT_EQ(error(describe_event_bus, {.Name = "x"}),
            "ResourceNotFoundException: Event bus x does not exist.");
}

TEST_F(EventsTest, TellsNobodyWhoDoesNotLetTheRuleIn) {
  TestAuthority authority;
  context->authority = &authority;
  put_schedule("rate(5 minutes)");
  put_target("every", {.Id = "1", .Arn = kFunction});
  take();
  authority.refuse("lambda:InvokeFunction");
  clock.advance(5min);
  EXPECT_THAT(take(), IsEmpty());
  authority.allow("lambda:InvokeFunction");
  EXPECT_THAT(take(), IsEmpty()) << "a refusal is final";
  clock.advance(5min);
  EXPECT_EQ(take().size(), 1u);
  events->stop();
  context->authority = nullptr;
}

}  // namespace
}  // namespace engine::events
