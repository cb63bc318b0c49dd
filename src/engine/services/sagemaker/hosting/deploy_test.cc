// Updates of endpoints: how the traffic moves, and when it goes back.
#include "engine/services/sagemaker/hosting/deployment.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/hosting/test_endpoints.h"

#include <atomic>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

api::DeploymentConfig policy(const std::string& type, const std::string& unit = "",
                             std::int64_t size = 0) {
  api::TrafficRoutingConfig routing{.Type = type, .WaitIntervalInSeconds = 100};
  if (type == "CANARY") routing.CanarySize = api::CapacitySize{.Type = unit, .Value = size};
  if (type == "LINEAR") routing.LinearStepSize = api::CapacitySize{.Type = unit, .Value = size};
  return {.BlueGreenUpdatePolicy =
              api::BlueGreenUpdatePolicy{.TrafficRoutingConfiguration = routing}};
}

std::vector<double> shares(const api::DeploymentConfig& config, std::int64_t instances = 1) {
  std::vector<double> all;
  for (const auto& step : traffic_plan(config, instances).steps) all.push_back(step.share);
  return all;
}

TEST(TrafficPlan, MovesByPercentsOrInstances) {
  EXPECT_THAT(shares({}), ElementsAre(1));
  EXPECT_THAT(shares(policy("ALL_AT_ONCE")), ElementsAre(1));
  EXPECT_THAT(shares(policy("CANARY", "CAPACITY_PERCENT", 10)), ElementsAre(0.1, 1));
  EXPECT_THAT(shares(policy("CANARY", "INSTANCE_COUNT", 1), 4), ElementsAre(0.25, 1));
  EXPECT_THAT(shares(policy("LINEAR", "CAPACITY_PERCENT", 25)), ElementsAre(0.25, 0.5, 0.75, 1));
  EXPECT_THAT(shares(policy("LINEAR", "CAPACITY_PERCENT", 40)), ElementsAre(0.4, 0.8, 1));
  const auto plan = traffic_plan(policy("CANARY", "CAPACITY_PERCENT", 10), 1);
  EXPECT_EQ(plan.steps[0].bake, 100s);
  EXPECT_EQ(plan.steps[1].bake, 100s);
}

TEST(TrafficPlan, RefusesWhatCantBe) {
  const auto refused = [](const api::DeploymentConfig& config) -> std::string {
    try {
      traffic_plan(config, 10);
      return "";
    } catch (const AwsError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refused(policy("CANARY", "CAPACITY_PERCENT", 60)), HasSubstr("CanarySize must be"));
  EXPECT_THAT(refused(policy("LINEAR", "CAPACITY_PERCENT", 5)),
              HasSubstr("LinearStepSize must be"));
  auto without = policy("LINEAR", "CAPACITY_PERCENT", 20);
  without.BlueGreenUpdatePolicy->TrafficRoutingConfiguration.LinearStepSize.reset();
  EXPECT_THAT(refused(without), HasSubstr("needs a LinearStepSize"));
  auto hasty = policy("ALL_AT_ONCE");
  hasty.BlueGreenUpdatePolicy->MaximumExecutionTimeoutInSeconds = 100;
  EXPECT_THAT(refused(hasty), HasSubstr("must be larger than the 100 s"));
  EXPECT_THAT(refused({.RollingUpdatePolicy = api::RollingUpdatePolicy{}}),
              HasSubstr("RollingUpdatePolicy is not supported"));
}

/// What the engine's time and alarms are, for as long as there is an engine.
struct World {
  base::ManualClock clock_;
  std::atomic<bool> alarm = false;
};

/// Deployments wait on a clock that the test moves; requests don't.
struct Deployments : World, Endpoints {
  Deployments()
      : Endpoints({.create_wait = 0s,
                   .alarm_state = [this](std::string_view name) -> std::optional<std::string> {
                     if (name != "errors") return std::nullopt;
                     return alarm.load() ? "ALARM" : "OK";
                   }},
                  clock_) {
    make_config("one", "first");
    make_config("two", "second");
    make_endpoint("one");
    wait_for_status("InService");
  }

  void update(const std::string& config, const api::DeploymentConfig& how) {
    update_endpoint(*bench.sagemaker, bench.call,
                    {.EndpointName = "Ibu", .EndpointConfigName = config, .DeploymentConfig = how});
  }
  /// Of many requests, those that the new model answered.
  int served_by_second() {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += invoke("x").Body == "second:x";
    return count;
  }
  std::string stage() {
    const auto pending = about().PendingDeploymentSummary;
    if (!pending || !pending->ProductionVariants) return "";
    const auto& status = pending->ProductionVariants->front().VariantStatus;
    return status ? status->front().Status : "";
  }
  /// Waits until the traffic has moved and the deployment waits.
  void bake() {
    while (stage() != "Baking") std::this_thread::yield();
  }
  /// Lets time pass until the endpoint is in service; the seconds it took.
  int finish() {
    int seconds = 0;
    for (; about().EndpointStatus != "InService"; ++seconds) {
      clock_.advance(1s);
      std::this_thread::yield();
    }
    return seconds;
  }
};

TEST_F(Deployments, SendACanaryFirst) {
  update("two", policy("CANARY", "CAPACITY_PERCENT", 30));
  bake();
  EXPECT_EQ(about().EndpointStatus, "Updating");
  EXPECT_EQ(about().PendingDeploymentSummary->EndpointConfigName, "two");
  EXPECT_EQ(about().EndpointConfigName, "one");
  const int canary = served_by_second();
  EXPECT_GT(canary, 5);  // 30 on average
  EXPECT_LT(canary, 70);
  EXPECT_GE(finish(), 200);
  EXPECT_EQ(served_by_second(), 100);
  EXPECT_EQ(about().EndpointConfigName, "two");
  EXPECT_FALSE(about().PendingDeploymentSummary);
  EXPECT_EQ(about().LastDeploymentConfig->BlueGreenUpdatePolicy->TrafficRoutingConfiguration.Type,
            "CANARY");
}

TEST_F(Deployments, GoBackWhenAnAlarmGoesOff) {
  auto how = policy("ALL_AT_ONCE");
  how.AutoRollbackConfiguration =
      api::AutoRollbackConfig{.Alarms = std::vector<api::Alarm>{{.AlarmName = "errors"}}};
  update("two", how);
  bake();
  EXPECT_EQ(served_by_second(), 100);
  alarm = true;
  finish();
  EXPECT_EQ(about().EndpointConfigName, "one");
  EXPECT_THAT(*about().FailureReason, HasSubstr("\"errors\" is in ALARM state"));
  EXPECT_EQ(served_by_second(), 0);
  bench.wait_for_event({"Endpoint State Change", "ROLLING_BACK"});

  how.AutoRollbackConfiguration->Alarms->front().AlarmName = "none";
  EXPECT_THAT(bench.refusal([&] { update("two", how); }), HasSubstr("\"none\" does not exist"));
}

TEST_F(Deployments, KeepTheOldFleetForAWhile) {
  auto how = policy("ALL_AT_ONCE");
  how.BlueGreenUpdatePolicy->TerminationWaitInSeconds = 50;
  update("two", how);
  bake();
  EXPECT_GE(finish(), 150);
}

TEST_F(Deployments, AreTakenUpByTheNextEngine) {
  update("two", policy("CANARY", "CAPACITY_PERCENT", 10));
  bake();
  bench.restart();
  while (!bench.sagemaker->impl().hosting->serves("ibu")) std::this_thread::yield();
  EXPECT_EQ(about().EndpointStatus, "Updating");
  EXPECT_LT(served_by_second(), 60);  // the old model is there again, too
  EXPECT_GE(finish(), 200);
  EXPECT_EQ(about().EndpointConfigName, "two");
}

TEST_F(Deployments, EndWithTheirEndpoint) {
  update("two", policy("LINEAR", "CAPACITY_PERCENT", 10));
  bake();
  EXPECT_THAT(bench.refusal([&] { update("one", {}); }), HasSubstr("Cannot update in-progress"));
  delete_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "Ibu"});
  while (bench.refusal([&] { about(); }).empty()) std::this_thread::yield();
}

TEST_F(Deployments, DropNoRequest) {
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0, dropped = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      while (!over) {
        try {
          invoke("x");
          ++answered;
        } catch (const std::exception&) {
          ++dropped;
        }
      }
    });
  }
  for (const char* config : {"two", "one", "two", "one"}) {
    update(config, {});
    wait_for_status("InService");
  }
  over = true;
  clients.clear();
  EXPECT_GT(answered, 0);
  EXPECT_EQ(dropped, 0);
}

}  // namespace
}  // namespace engine::sagemaker
