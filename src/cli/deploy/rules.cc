// The rules that start things: by the clock the extraction, the training and the watching, and the
// training when a drift is heard of.
#include "cli/calls/champion.h"
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>

#include <utility>

namespace cli {
namespace {

constexpr const char* kStatement = "schedule";

void deploy_rule(Deployment& deployment, const std::string& what, json::object wanted) {
  const auto present = describe([&] {
    return deployment.call("events", "AWSEvents.DescribeRule", {{"Name", wanted.at("Name")}});
  });
  const bool differs = !present || !agrees(*present, wanted);
  if (!present) add_tag_list(wanted, deployment.spec());  // a rule that is there takes none
  if (differs) deployment.call("events", "AWSEvents.PutRule", wanted);
  const bool tagged = present && update_tags(deployment, "events", text(*present, "Arn"));
  deployment.done(what, !present, differs || tagged);
}

void deploy_schedule(Deployment& deployment, const Spec::Schedule& schedule,
                     const std::string& description, bool awake = true) {
  awake = awake && deployment.options.schedule_live;
  deploy_rule(deployment, fmt::format("rule {}: {}", schedule.rule, schedule.expression),
              {{"Name", schedule.rule},
               {"Description", description},
               {"ScheduleExpression", schedule.expression},
               {"State", awake ? "ENABLED" : "DISABLED"}});
}

/// Hears of the alarm over what the watching pipeline says.
void deploy_drift_rule(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  // In the order of names, as Terraform's jsonencode() writes it.
  const json::object pattern{{"detail",
                              {{"alarmName", json::array{json::string(spec.project + "-drift")}},
                               {"state", {{"value", json::array{"ALARM"}}}}}},
                             {"detail-type", json::array{"CloudWatch Alarm State Change"}},
                             {"source", json::array{"aws.cloudwatch"}}};
  deploy_rule(deployment, fmt::format("rule {}: the drift's alarm", spec.watching.drift_rule),
              {{"Name", spec.watching.drift_rule},
               {"Description", "Starts the pipeline " + spec.training.pipeline +
                                   " when the approved model no longer fits what comes"},
               {"EventPattern", json::serialize(pattern)},
               {"State", "ENABLED"}});
}

void deploy_target(Deployment& deployment, const std::string& rule, const json::object& wanted) {
  const std::string what = "target of the rule " + rule;
  const json::value present =
      deployment.call("events", "AWSEvents.ListTargetsByRule", {{"Rule", rule}});
  bool is_new = true;
  for (const json::value& target : list(present, "Targets")) {
    if (agrees(target, wanted)) return deployment.unchanged();
    if (text(target, "Id") == text(wanted, "Id")) is_new = false;
  }
  deployment.call("events", "AWSEvents.PutTargets",
                  {{"Rule", rule}, {"Targets", json::array{wanted}}});
  deployment.done(what, is_new, true);
}

void allow_rule(Deployment& deployment) {
  const std::string& function = deployment.spec().functions.extraction.name;
  const std::string path = fmt::format("/2015-03-31/functions/{}/policy", function);
  const auto policy =
      describe([&] { return rest_json(deployment.session.aws(), "lambda", "GET", path); });
  const std::string rule = deployment.system().rule_arn();
  if (policy && text(*policy, "Policy").find(rule) != std::string::npos) {
    return deployment.unchanged();
  }
  const json::object input{{"StatementId", kStatement},
                           {"Action", "lambda:InvokeFunction"},
                           {"Principal", "events.amazonaws.com"},
                           {"SourceArn", rule}};
  rest_json(deployment.session.aws(), "lambda", "POST", path, &input);
  deployment.created("permission of the rule to call " + function);
}

}  // namespace

void deploy_rules(Deployment& deployment) {
  const System& system = deployment.system();
  const Spec& spec = system.spec;
  const std::string& extraction = spec.functions.extraction.name;
  deploy_schedule(deployment, spec.training.retraining,
                  "Starts the pipeline " + spec.training.pipeline);
  const auto champion = find_champion(deployment.session);
  json::object training{{"Id", kTrainingTarget},
                        {"Arn", deployment.pipeline_arn},
                        {"RoleArn", system.role_arn(spec.roles.retraining)}};
  if (auto parameters = champion_of_target(champion)) {
    training["SageMakerPipelineParameters"] = std::move(*parameters);
  }
  deploy_target(deployment, spec.training.retraining.rule, training);
  deploy_drift_rule(deployment);
  deploy_target(deployment, spec.watching.drift_rule, training);
  json::object watching{{"Id", kTrainingTarget},
                        {"Arn", deployment.watching_arn},
                        {"RoleArn", system.role_arn(spec.roles.retraining)}};
  const auto watched = watched_of_target(champion);
  if (watched) watching["SageMakerPipelineParameters"] = *watched;
  deploy_schedule(deployment, spec.watching.schedule,
                  "Starts the pipeline " + spec.watching.pipeline, watched.has_value());
  deploy_target(deployment, spec.watching.schedule.rule, watching);
  deploy_schedule(deployment, spec.schedule, "Calls " + extraction);
  allow_rule(deployment);
  deploy_target(deployment, spec.schedule.rule,
                {{"Id", kExtractionTarget}, {"Arn", system.function_arn(extraction)}});
}

}  // namespace cli
