// What someone should look at: a reader far behind, deliveries late, functions that fail. The
// alarms notify nobody until given an action.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <string_view>

namespace cli {
namespace {

constexpr const char* kService = "monitoring";

/// An alarm over one metric of one thing.
struct Alarm {
  std::string name, description;
  std::string space;  ///< the metric's namespace
  const char* metric;
  const char* dimension;
  std::string of;  ///< the dimension's value
  const char* statistic;
  int period_seconds, periods;
  long threshold;
  const char* comparison;
  const char* missing = "notBreaching";  ///< what no data is taken for
};

Alarm iterator_age(const Spec& spec) {
  const int minutes = spec.alarms.iterator_age_minutes;
  return {
      .name = spec.project + "-iterator-age",
      .description = fmt::format("A reader of the stream is more than {} minutes behind", minutes),
      .space = "AWS/Kinesis",
      .metric = "GetRecords.IteratorAgeMilliseconds",
      .dimension = "StreamName",
      .of = spec.stream.name,
      .statistic = "Maximum",
      .period_seconds = 60,
      .periods = 5,
      .threshold = minutes * 60'000L,
      .comparison = "GreaterThanThreshold"};
}

Alarm freshness(const Spec& spec, const char* key, const std::string& delivery) {
  const int minutes = spec.alarms.freshness_minutes;
  return {.name = fmt::format("{}-freshness-{}", spec.project, key),
          .description =
              fmt::format("The oldest beer that {} hasn't delivered is more than {} minutes old",
                          delivery, minutes),
          .space = "AWS/Firehose",
          .metric = "DeliveryToS3.DataFreshness",
          .dimension = "DeliveryStreamName",
          .of = delivery,
          .statistic = "Maximum",
          .period_seconds = 300,
          .periods = 2,
          .threshold = minutes * 60L,
          .comparison = "GreaterThanThreshold"};
}

Alarm function_errors(const Spec& spec, const char* key, const std::string& function) {
  return {.name = fmt::format("{}-errors-{}", spec.project, key),
          .description = function + " failed",
          .space = "AWS/Lambda",
          .metric = "Errors",
          .dimension = "FunctionName",
          .of = function,
          .statistic = "Sum",
          .period_seconds = 300,
          .periods = 1,
          .threshold = spec.alarms.function_errors,
          .comparison = "GreaterThanOrEqualToThreshold"};
}

/// Of what the watching pipeline says. Between two looks the state stays, so the rule hears of a
/// drift once.
Alarm drift(const System& system) {
  const Spec& spec = system.spec;
  return {.name = spec.project + "-drift",
          .description = "Newly come beers aren't what the approved model of " +
                         spec.registry.group + " was trained on, or it errs more on them",
          .space = system.watching_namespace(),
          .metric = "Breached",
          .dimension = "ModelPackageGroup",
          .of = spec.registry.group,
          .statistic = "Maximum",
          .period_seconds = 60,
          .periods = 1,
          .threshold = 1,
          .comparison = "GreaterThanOrEqualToThreshold",
          .missing = "ignore"};
}

std::vector<Alarm> alarms(const System& system) {
  const Spec& spec = system.spec;
  return {iterator_age(spec),
          freshness(spec, "raw", spec.raw.name),
          freshness(spec, "cleaned", spec.cleaned.name),
          function_errors(spec, "extraction", spec.functions.extraction.name),
          function_errors(spec, "transformation", spec.functions.transformation.name),
          drift(system)};
}

Parameters settings(const Alarm& alarm) {
  return {{"AlarmName", alarm.name},
          {"AlarmDescription", alarm.description},
          {"ActionsEnabled", "true"},
          {"Namespace", alarm.space},
          {"MetricName", alarm.metric},
          {"Dimensions.member.1.Name", alarm.dimension},
          {"Dimensions.member.1.Value", alarm.of},
          {"Statistic", alarm.statistic},
          {"Period", std::to_string(alarm.period_seconds)},
          {"EvaluationPeriods", std::to_string(alarm.periods)},
          {"Threshold", std::to_string(alarm.threshold)},
          {"ComparisonOperator", alarm.comparison},
          {"TreatMissingData", alarm.missing}};
}

/// The value CloudWatch describes under a parameter's name: "Dimensions.member.1.Name" is the first
/// member's.
std::string described(pugi::xml_node node, std::string_view name) {
  for (std::string_view rest = name; !rest.empty();) {
    const auto dot = rest.find('.');
    const std::string part(rest.substr(0, dot));
    if (part != "1") node = node.child(part.c_str());
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  }
  return node.child_value();
}

bool alarm_agrees(const pugi::xml_node& present, const Alarm& wanted) {
  const Parameters parameters = settings(wanted);
  return std::all_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
    const auto& [name, value] = parameter;
    // "900.0" is 900.
    if (name == "Threshold")
      return present.child("Threshold").text().as_double() == wanted.threshold;
    return described(present, name) == value;
  });
}

std::vector<std::string> alarm_names(const System& system) {
  std::vector<std::string> names;
  for (const Alarm& alarm : alarms(system)) names.push_back(alarm.name);
  return names;
}

/// Of the alarms above, those that are there.
pugi::xml_document describe_alarms(Deployment& deployment) {
  Parameters parameters;
  for (const std::string& name : alarm_names(deployment.system())) {
    parameters.emplace_back(fmt::format("AlarmNames.member.{}", parameters.size() + 1), name);
  }
  const std::string answer =
      deployment.session.aws().query(kService, "DescribeAlarms", kAlarmsVersion, parameters);
  pugi::xml_document document;
  document.load_buffer(answer.data(), answer.size());
  return document;
}

pugi::xml_node find_alarm(const pugi::xml_document& described, const std::string& name) {
  for (const auto& member : described.select_nodes("//MetricAlarms/member")) {
    if (member.node().child_value("AlarmName") == name) return member.node();
  }
  return {};
}

}  // namespace

std::vector<std::string> present_alarms(Deployment& deployment) {
  const pugi::xml_document described = describe_alarms(deployment);
  std::vector<std::string> names = alarm_names(deployment.system());
  std::erase_if(names, [&](const std::string& name) { return !find_alarm(described, name); });
  return names;
}

void deploy_alarms(Deployment& deployment) {
  const pugi::xml_document described = describe_alarms(deployment);
  for (const Alarm& alarm : alarms(deployment.system())) {
    const pugi::xml_node present = find_alarm(described, alarm.name);
    const bool differs = !present || !alarm_agrees(present, alarm);
    Parameters parameters = settings(alarm);
    if (!present) add_tags(parameters, deployment.spec());  // an alarm that is there takes none
    if (differs) {
      deployment.session.aws().query(kService, "PutMetricAlarm", kAlarmsVersion, parameters);
    }
    const bool tagged =
        present && update_tags(deployment, kService, present.child_value("AlarmArn"));
    deployment.done("alarm " + alarm.name, !present, differs || tagged);
  }
}

}  // namespace cli
