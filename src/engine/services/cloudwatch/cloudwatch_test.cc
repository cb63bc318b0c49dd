#include "engine/services/cloudwatch/cloudwatch.h"

#include "engine/services/cloudwatch/test_engine.h"

#include <gmock/gmock.h>

#include <future>

namespace engine::cloudwatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Alarms = CloudWatchTest;
using Metrics = CloudWatchTest;

TEST_F(Alarms, ReadBackAsTheyWerePut) {
  auto input = errors_alarm();
  input.AlarmDescription = "errors";
  input.TreatMissingData = "notBreaching";
  input.DatapointsToAlarm = 1;
  input.AlarmActions = {{"arn:aws:sns:us-east-1:123456789012:t"}};
  put(input);
  const auto found = alarm();
  EXPECT_EQ(found.AlarmArn, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors");
  EXPECT_EQ(found.AlarmDescription, "errors");
  EXPECT_EQ(found.TreatMissingData, "notBreaching");
  EXPECT_EQ(found.AlarmActions, input.AlarmActions);
  EXPECT_EQ(found.ActionsEnabled, true);
  EXPECT_THAT(*found.OKActions, IsEmpty());
  EXPECT_EQ(found.Dimensions->at(0).Value, "f");
  EXPECT_FALSE(found.Unit);
  EXPECT_FALSE(found.Metrics);
  EXPECT_EQ(found.StateValue, "INSUFFICIENT_DATA");
  EXPECT_EQ(found.StateReason, "Unchecked: Initial alarm creation");
}

TEST_F(Alarms, KeepTheirStateAndTagsWhenTheyArePutAnew) {
  auto input = errors_alarm();
  input.Tags = {{{"a", "1"}}};
  put(input);
  set_alarm_state(*cloudwatch, call, {.AlarmName = "errors", .StateValue = "OK", .StateReason = "by hand"});
  input.Threshold = 5;
  input.Tags = {{{"b", "2"}}};
  put(input);
  EXPECT_EQ(alarm().StateValue, "OK");
  EXPECT_EQ(alarm().Threshold, 5);
  const auto tags = list_tags_for_resource(*cloudwatch, call, {*alarm().AlarmArn});
  ASSERT_EQ(tags.Tags->size(), 1u);
  EXPECT_EQ(tags.Tags->at(0).Key, "a");
}

TEST_F(Alarms, AreNotDeletedWhenOneOfThemIsNotThere) {
  put(errors_alarm());
  EXPECT_EQ(code_of([&] { delete_alarms(*cloudwatch, call, {.AlarmNames = {"errors", "missing"}}); }), "ResourceNotFound");
  EXPECT_EQ(alarm().AlarmName, "errors");
  delete_alarms(*cloudwatch, call, {.AlarmNames = {"errors"}});
  EXPECT_THAT(*describe_alarms(*cloudwatch, call, {}).MetricAlarms, IsEmpty());
  EXPECT_EQ(code_of([&] { list_tags_for_resource(*cloudwatch, call, {"arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"}); }),
            "ResourceNotFoundException");
}

TEST_F(Alarms, AreFoundByPrefixStateActionAndMetric) {
  for (const char* name : {"a1", "a2", "b1"}) {
    auto input = errors_alarm(name);
    if (name[1] == '2') input.OKActions = {{"arn:x"}};
    put(input);
  }
  const auto names = [&](const api::DescribeAlarmsInput& input) {
    std::vector<std::string> found;
    const auto output = describe_alarms(*cloudwatch, call, input);
    for (const auto& alarm : *output.MetricAlarms) found.push_back(*alarm.AlarmName);
    if (output.NextToken) found.push_back("more");
    return found;
  };
  EXPECT_THAT(names({.AlarmNamePrefix = "a"}), ElementsAre("a1", "a2"));
  EXPECT_THAT(names({.ActionPrefix = "arn:"}), ElementsAre("a2"));
  EXPECT_THAT(names({.StateValue = "OK"}), IsEmpty());
  EXPECT_THAT(names({.AlarmTypes = {{"CompositeAlarm"}}}), IsEmpty());
  EXPECT_THAT(names({.MaxRecords = 2}), ElementsAre("a1", "a2", "more"));
  const auto watching = [&](const std::string& function) {
    return describe_alarms_for_metric(*cloudwatch, call, {.MetricName = "Errors", .Namespace = "AWS/Lambda",
                                                          .Dimensions = {{{"FunctionName", function}}}}).MetricAlarms->size();
  };
  EXPECT_EQ(watching("f"), 3u);
  EXPECT_EQ(watching("g"), 0u);
}

TEST_F(Alarms, AreRefusedWhenTheyCanNotBeWatched) {
  const auto refusal = [&](auto&& change) {
    auto input = errors_alarm();
    change(input);
    return code_of([&] { put(input); });
  };
  EXPECT_EQ(refusal([](auto& input) { input.Period = 61; }), "ValidationError");
  EXPECT_EQ(refusal([](auto& input) { input.EvaluationPeriods = 2000; }), "ValidationError");
  EXPECT_EQ(refusal([](auto& input) { input.DatapointsToAlarm = 2; }), "ValidationError");
  EXPECT_EQ(refusal([](auto& input) { input.Threshold.reset(); }), "ValidationError");
  EXPECT_EQ(refusal([](auto& input) { input.TreatMissingData = "maybe"; }), "ValidationError");
  EXPECT_EQ(refusal([](auto& input) { input.ExtendedStatistic = "p90"; }), "InvalidParameterCombination");
  EXPECT_EQ(refusal([](auto& input) { input.Statistic.reset(); input.ExtendedStatistic = "p90"; }), "InvalidParameterValue");
  EXPECT_EQ(refusal([](auto& input) { input.Metrics.emplace(); }), "InvalidParameterCombination");
  EXPECT_EQ(refusal([](auto& input) { input.ThresholdMetricId = "ad1"; }), "InvalidParameterValue");
  EXPECT_EQ(refusal([](auto&) {}), "");
}

TEST_F(Alarms, GoOffAndCalmDownAndTellOfIt) {
  put(errors_alarm());
  errors(0);
  minute();
  EXPECT_EQ(alarm().StateValue, "OK");
  errors(2);
  minute();
  EXPECT_EQ(alarm().StateValue, "ALARM");
  EXPECT_THAT(*alarm().StateReason, StartsWith("Threshold Crossed: 1 out of the last 1 datapoints [2.0 ("));
  EXPECT_THAT(*alarm().StateReasonData, HasSubstr("\"recentDatapoints\":[2]"));
  const Timestamp since = *alarm().StateTransitionedTimestamp;
  errors(1);
  minute();
  EXPECT_EQ(alarm().StateTransitionedTimestamp, since);
  errors(0);
  minute();
  EXPECT_EQ(alarm().StateValue, "OK");

  ASSERT_EQ(published.size(), 3u);
  EXPECT_THAT(published[1], StartsWith("CloudWatch Alarm State Change arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors "));
  EXPECT_THAT(published[1], HasSubstr("\"previousState\":{\"value\":\"OK\""));
  std::vector<std::string> summaries;
  const auto history = describe_alarm_history(*cloudwatch, call, {.AlarmName = "errors"});
  for (const auto& item : *history.AlarmHistoryItems) {
    summaries.push_back(*item.HistorySummary);
  }
  EXPECT_THAT(summaries, ElementsAre("Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM",
                                     "Alarm updated from INSUFFICIENT_DATA to OK", "Alarm \"errors\" created"));
}

TEST_F(Alarms, TreatMissingDataAsTheyAreTold) {
  auto input = errors_alarm("calm");
  input.TreatMissingData = "notBreaching";
  put(input);
  input = errors_alarm("worried");
  input.TreatMissingData = "breaching";
  put(input);
  put(errors_alarm("unsure"));
  minute();
  EXPECT_EQ(alarm("calm").StateValue, "OK");
  EXPECT_EQ(alarm("worried").StateValue, "ALARM");
  EXPECT_EQ(alarm("unsure").StateValue, "INSUFFICIENT_DATA");
}

TEST_F(Alarms, WatchTheMathOfSeveralMetrics) {
  api::PutMetricAlarmInput input;
  input.AlarmName = "rate";
  input.EvaluationPeriods = 1;
  input.Threshold = 10;
  input.ComparisonOperator = "GreaterThanThreshold";
  const auto metric = [](const std::string& id, const std::string& name) {
    api::MetricDataQuery query;
    query.Id = id;
    query.MetricStat = {{.Metric = {"AWS/Lambda", name, {{{"FunctionName", "f"}}}}, .Period = 60, .Stat = "Sum"}};
    query.ReturnData = false;
    return query;
  };
  api::MetricDataQuery rate;
  rate.Id = "rate";
  rate.Expression = "100 * errors / invocations";
  input.Metrics = {{rate, metric("errors", "Errors"), metric("invocations", "Invocations")}};
  put(input);
  EXPECT_EQ(alarm("rate").Metrics->at(0).Expression, rate.Expression);
  EXPECT_EQ(alarm("rate").Metrics->at(0).ReturnData, true);

  errors(1);
  cloudwatch->record({"AWS/Lambda", "Invocations", "FunctionName", "f", 9});
  minute();
  EXPECT_EQ(alarm("rate").StateValue, "ALARM");

  input.Metrics->at(0).Expression = "100 * errors / nothing";
  EXPECT_EQ(code_of([&] { put(input); }), "ValidationError");
  input.Metrics->at(0).Expression = "rate + 1";
  EXPECT_EQ(code_of([&] { put(input); }), "ValidationError");
  input.Metrics->at(0).Expression = "errors";
  input.Metrics->at(1).ReturnData = true;
  EXPECT_EQ(code_of([&] { put(input); }), "ValidationError");
}

TEST_F(Alarms, SurviveARestartWithTheirState) {
  put(errors_alarm());
  errors(1);
  minute();
  open();
  EXPECT_EQ(alarm().StateValue, "ALARM");
}

TEST_F(Alarms, AreJudgedByALoopAtEveryFullMinute) {
  put(errors_alarm());
  std::promise<void> told;
  cloudwatch->start([&](auto, auto, const auto&) { told.set_value(); }, [this] { errors(1); });
  clock.wait_for_sleepers(1);
  clock.advance(std::chrono::minutes(1));
  told.get_future().wait();
  cloudwatch->stop();
  EXPECT_EQ(alarm().StateValue, "ALARM");
}

TEST_F(Alarms, AreSilencedAndWokenWithoutAWordAboutThoseNobodyKnows) {
  put(errors_alarm());
  disable_alarm_actions(*cloudwatch, call, {.AlarmNames = {"errors", "missing"}});
  EXPECT_EQ(alarm().ActionsEnabled, false);
  enable_alarm_actions(*cloudwatch, call, {.AlarmNames = {"errors"}});
  EXPECT_EQ(alarm().ActionsEnabled, true);
}

TEST_F(Alarms, TakeOnlyReasonsThatAreJson) {
  put(errors_alarm());
  EXPECT_EQ(code_of([&] {
              set_alarm_state(*cloudwatch, call,
                              {.AlarmName = "errors", .StateValue = "OK", .StateReason = "x", .StateReasonData = "{"});
            }),
            "InvalidFormat");
}

TEST_F(Metrics, AreReadBackByStatisticAndPeriod) {
  const Timestamp begin = clock.now();
  for (const double value : {1.0, 2.0, 6.0}) {
    put_metric_data(*cloudwatch, call, {.Namespace = "Beer", .MetricData = {{{.MetricName = "Ibu", .Value = value, .Unit = "Count"}}}});
    clock.advance(std::chrono::minutes(1));
  }
  open();  // durable before the answer
  api::GetMetricStatisticsInput input{.Namespace = "Beer", .MetricName = "Ibu", .StartTime = begin,
                                      .EndTime = begin + std::chrono::minutes(4), .Period = 120,
                                      .Statistics = {{"Sum", "Maximum"}}};
  const auto points = *get_metric_statistics(*cloudwatch, call, input).Datapoints;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].Timestamp, begin);
  EXPECT_EQ(points[0].Sum, 3);
  EXPECT_EQ(points[0].Maximum, 2);
  EXPECT_FALSE(points[0].Average);
  EXPECT_EQ(points[0].Unit, "Count");
  EXPECT_EQ(points[1].Sum, 6);
  input.Period = 61;
  EXPECT_EQ(code_of([&] { get_metric_statistics(*cloudwatch, call, input); }), "InvalidParameterValue");
}

TEST_F(Metrics, AreGivenInPages) {
  const Timestamp begin = clock.now();
  api::PutMetricDataInput put{.Namespace = "Beer"};
  put.MetricData.emplace();
  for (int i = 0; i < 5; ++i) {
    put.MetricData->push_back({.MetricName = "Ibu", .Timestamp = begin + std::chrono::minutes(i), .Value = static_cast<double>(i)});
  }
  put_metric_data(*cloudwatch, call, put);
  api::MetricDataQuery metric;
  metric.Id = "m1";
  metric.MetricStat = {{.Metric = {"Beer", "Ibu", {}}, .Period = 60, .Stat = "Sum"}};
  api::MetricDataQuery twice;
  twice.Id = "e1";
  twice.Expression = "m1 * 2";
  api::GetMetricDataInput input{.MetricDataQueries = {metric, twice}, .StartTime = begin, .EndTime = begin + std::chrono::minutes(5),
                                .NextToken = {}, .ScanBy = "TimestampAscending", .MaxDatapoints = 4};
  std::map<std::string, std::vector<double>> values;
  do {
    const auto page = get_metric_data(*cloudwatch, call, input);
    for (const auto& result : *page.MetricDataResults) {
      values[*result.Id].insert(values[*result.Id].end(), result.Values->begin(), result.Values->end());
    }
    input.NextToken = page.NextToken;
  } while (input.NextToken);
  EXPECT_THAT(values["m1"], ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(values["e1"], ElementsAre(0, 2, 4, 6, 8));
  input.NextToken = "x";
  EXPECT_EQ(code_of([&] { get_metric_data(*cloudwatch, call, input); }), "InvalidNextToken");
}

TEST_F(Metrics, AreListedOnceAndFiltered) {
  errors(1);
  const auto put = [&](const std::string& name, const std::string& unit) {
    put_metric_data(*cloudwatch, call, {.Namespace = "Beer", .MetricData = {{{.MetricName = name, .Dimensions = {{{"Style", "ipa"}}}, .Value = 1, .Unit = unit}}}});
  };
  put("Ibu", "Count");
  put("Ibu", "None");
  const auto count = [&](const api::ListMetricsInput& input) { return list_metrics(*cloudwatch, call, input).Metrics->size(); };
  EXPECT_EQ(count({}), 2u);
  EXPECT_EQ(count({.Namespace = "Beer"}), 1u);
  EXPECT_EQ(count({.Dimensions = {{{.Name = "Style"}}}}), 1u);
  EXPECT_EQ(count({.Dimensions = {{{.Name = "Style", .Value = "stout"}}}}), 0u);
  clock.advance(std::chrono::hours(4));
  EXPECT_EQ(count({.RecentlyActive = "PT3H"}), 0u);
  EXPECT_EQ(count({}), 2u);
}

TEST_F(Metrics, AreRefusedWhenTheyMakeNoSense) {
  const auto refusal = [&](api::MetricDatum datum, const std::string& name_space = "Beer") {
    datum.MetricName = datum.MetricName.empty() ? "m" : datum.MetricName;
    return code_of([&] { put_metric_data(*cloudwatch, call, {.Namespace = name_space, .MetricData = {{datum}}}); });
  };
  EXPECT_EQ(refusal({}), "MissingParameter");
  EXPECT_EQ(refusal({.Value = 1, .Values = {{1.0}}}), "InvalidParameterCombination");
  EXPECT_EQ(refusal({.Value = std::nan("")}), "InvalidParameterValue");
  EXPECT_EQ(refusal({.Values = {{1.0, 2.0}}, .Counts = {{1.0}}}), "InvalidParameterCombination");
  EXPECT_EQ(refusal({.Timestamp = clock.now() + std::chrono::hours(3), .Value = 1}), "InvalidParameterValue");
  EXPECT_EQ(refusal({.Timestamp = clock.now() - std::chrono::hours(24 * 15), .Value = 1}), "InvalidParameterValue");
  EXPECT_EQ(refusal({.MetricName = "a\x1f", .Value = 1}), "InvalidParameterValue");
  EXPECT_EQ(refusal({.Value = 1}, "AWS/Lambda"), "InvalidParameterValue");
  EXPECT_THAT(*list_metrics(*cloudwatch, call, {}).Metrics, IsEmpty());
}

TEST_F(Metrics, TakeWholeStatisticsAndCountedValues) {
  api::MetricDatum counted{.MetricName = "m", .Values = {{1.0, 3.0}}, .Counts = {{2.0, 1.0}}};
  api::MetricDatum whole{.MetricName = "m", .StatisticValues = {{.SampleCount = 2, .Sum = 10, .Minimum = 4, .Maximum = 6}}};
  put_metric_data(*cloudwatch, call, {.Namespace = "Beer", .MetricData = {{counted, whole}}});
  const auto minutes = cloudwatch->impl().store.read(Metric::prefix("Beer", "m", {}, {}), 0, minute_of(clock.now()) + 1);
  ASSERT_EQ(minutes.size(), 1u);
  const Totals& totals = minutes.begin()->second;
  EXPECT_EQ(totals.sum, 15);
  EXPECT_EQ(totals.count, 5);
  EXPECT_EQ(totals.minimum, 1);
  EXPECT_EQ(totals.maximum, 6);
}

}  // namespace
}  // namespace engine::cloudwatch
