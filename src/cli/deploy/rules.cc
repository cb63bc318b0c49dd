// The rules that start things by the clock: the extraction, and the training.
#include "cli/calls/champion.h"
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>

#include <utility>

namespace cli {
namespace {

constexpr const char* kStatement = "schedule";

void deploy_rule(Deployment& deployment, const Spec::Schedule& schedule,
                 const std::string& description) {
  json::object wanted{{"Name", schedule.rule},
                      {"Description", description},
                      {"ScheduleExpression", schedule.expression},
                      {"State", deployment.options.schedule_live ? "ENABLED" : "DISABLED"}};
  const std::string what = fmt::format("rule {}: {}", schedule.rule, schedule.expression);
  const auto present = describe([&] {
    return deployment.call("events", "AWSEvents.DescribeRule", {{"Name", schedule.rule}});
  });
  const bool differs = !present || !agrees(*present, wanted);
  if (!present) add_tag_list(wanted, deployment.spec());  // a rule that is there takes none
  if (differs) deployment.call("events", "AWSEvents.PutRule", wanted);
  const bool tagged = present && update_tags(deployment, "events", text(*present, "Arn"));
  deployment.done(what, !present, differs || tagged);
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
  deploy_rule(deployment, spec.training.retraining,
              "Starts the pipeline " + spec.training.pipeline);
  json::object training{{"Id", kTrainingTarget},
                        {"Arn", deployment.pipeline_arn},
                        {"RoleArn", system.role_arn(spec.roles.retraining)}};
  if (auto champion = champion_of_target(find_champion(deployment.session))) {
    training["SageMakerPipelineParameters"] = std::move(*champion);
  }
  deploy_target(deployment, spec.training.retraining.rule, training);
  deploy_rule(deployment, spec.schedule, "Calls " + extraction);
  allow_rule(deployment);
  deploy_target(deployment, spec.schedule.rule,
                {{"Id", kExtractionTarget}, {"Arn", system.function_arn(extraction)}});
}

}  // namespace cli
