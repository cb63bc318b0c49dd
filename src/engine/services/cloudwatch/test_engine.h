// CloudWatch over a catalog of its own and a clock that the test moves.
#pragma once

#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/state.h"
#include "lib/io/temporary_folder.h"

#include <gtest/gtest.h>

namespace engine::cloudwatch {

class CloudWatchTest : public testing::Test {
 protected:
  CloudWatchTest() { open(); }
  ~CloudWatchTest() override { cloudwatch.reset(); }

  void open() {
    cloudwatch.reset();
    catalog.reset();
    catalog = std::make_unique<storage::Catalog>(folder.path());
    context = std::make_unique<Context>(Context{*catalog, clock, ids});
    cloudwatch = std::make_unique<CloudWatch>(*context);
    cloudwatch->impl().publish = [this](std::string_view type, std::string_view detail,
                                        const std::vector<std::string>& resources) {
      published.push_back(std::string(type) + " " + resources.at(0) + " " + std::string(detail));
    };
  }

  /// Fires when the errors of "f" within a minute are more than none.
  static api::PutMetricAlarmInput errors_alarm(const std::string& name = "errors") {
    api::PutMetricAlarmInput input;
    input.AlarmName = name;
    input.Namespace = "AWS/Lambda";
    input.MetricName = "Errors";
    input.Dimensions = {{{"FunctionName", "f"}}};
    input.Statistic = "Sum";
    input.Period = 60;
    input.EvaluationPeriods = 1;
    input.Threshold = 0;
    input.ComparisonOperator = "GreaterThanThreshold";
    return input;
  }

  void put(const api::PutMetricAlarmInput& input) { put_metric_alarm(*cloudwatch, call, input); }

  api::MetricAlarm alarm(const std::string& name = "errors") {
    const auto output = describe_alarms(*cloudwatch, call, {.AlarmNames = {{name}}});
    return output.MetricAlarms->at(0);
  }

  void errors(double count) { cloudwatch->record({"AWS/Lambda", "Errors", "FunctionName", "f", count}); }

  /// To the next full minute, where alarms are judged.
  void minute() {
    const Timestamp now = clock.now();
    clock.advance(time_of(minute_of(now) + 1) - now);
    cloudwatch->impl().evaluate(clock.now());
  }

  template <class F>
  static std::string code_of(F&& use) {
    try {
      use();
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }

  base::Ids ids;
  io::TemporaryFolder folder;
  base::ManualClock clock;
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<Context> context;
  std::unique_ptr<CloudWatch> cloudwatch;
  std::vector<std::string> published;
  http::Request request;
  Call call{.request = request};
};

}  // namespace engine::cloudwatch
