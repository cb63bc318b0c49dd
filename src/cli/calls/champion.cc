// The registry asked for its newest approved version, and a rule's target told.
#include "cli/calls/champion.h"

#include "cli/deploy/steps.h"

namespace cli {

std::optional<Champion> find_champion(Session& session) {
  const auto page = describe([&] {
    return session.aws().json("sagemaker", "SageMaker.ListModelPackages",
                              json::object{{"ModelPackageGroupName", session.spec().registry.group},
                                           {"ModelApprovalStatus", "Approved"},
                                           {"SortBy", "CreationTime"},
                                           {"SortOrder", "Descending"},
                                           {"MaxResults", 1}});
  });
  if (!page || list(*page, "ModelPackageSummaryList").empty()) return std::nullopt;
  const std::string arn = text(*page, "ModelPackageSummaryList.0.ModelPackageArn");
  const json::value package = session.aws().json("sagemaker", "SageMaker.DescribeModelPackage",
                                                 json::object{{"ModelPackageName", arn}});
  return Champion{static_cast<int>(number(package, "ModelPackageVersion")),
                  text(package, "CustomerMetadataProperties.judged_model"),
                  text(package, "CustomerMetadataProperties.judged_rows")};
}

std::vector<std::pair<std::string, std::string>> champion_parameters(
    const std::optional<Champion>& champion) {
  if (!champion) return {};
  std::vector<std::pair<std::string, std::string>> parameters{
      {"ChampionVersion", std::to_string(champion->version)}};
  if (!champion->judged_model.empty() && !champion->judged_rows.empty()) {
    parameters.emplace_back("ChampionModel", champion->judged_model);
    parameters.emplace_back("ChampionRows", champion->judged_rows);
  }
  return parameters;
}

std::optional<json::object> champion_of_target(const std::optional<Champion>& champion) {
  if (!champion) return std::nullopt;
  json::array values;
  for (const auto& [name, value] : champion_parameters(champion)) {
    values.push_back(json::object{{"Name", name}, {"Value", value}});
  }
  return json::object{{"PipelineParameterList", std::move(values)}};
}

void crown_for_retraining(Session& session) {
  const std::string& rule = session.spec().training.retraining.rule;
  const auto present = describe([&] {
    return session.aws().json("events", "AWSEvents.ListTargetsByRule",
                              json::object{{"Rule", rule}});
  });
  if (!present) return;
  for (const json::value& target : list(*present, "Targets")) {
    if (text(target, "Id") != kTrainingTarget) continue;
    json::object wanted = target.as_object();
    wanted.erase("SageMakerPipelineParameters");
    if (auto champion = champion_of_target(find_champion(session))) {
      wanted["SageMakerPipelineParameters"] = std::move(*champion);
    }
    if (wanted == target.as_object()) return;
    session.aws().json("events", "AWSEvents.PutTargets",
                       json::object{{"Rule", rule}, {"Targets", json::array{std::move(wanted)}}});
  }
}

}  // namespace cli
