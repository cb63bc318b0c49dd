// The registry asked for its newest approved version, and a rule's target told.
#include "cli/calls/champion.h"

#include "cli/deploy/steps.h"

#include <algorithm>

namespace cli {
namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;

/// "s3://b/e/baseline" of "s3://b/e/baseline/statistics.json".
std::string folder_of(const std::string& uri) { return uri.substr(0, uri.rfind('/')); }

json::object as_target(const Texts& parameters) {
  json::array values;
  for (const auto& [name, value] : parameters) {
    values.push_back(json::object{{"Name", name}, {"Value", value}});
  }
  return {{"PipelineParameterList", std::move(values)}};
}

/// Gives the rule's target these parameters, or none.
void tell_rule(Session& session, const std::string& rule, const std::optional<json::object>& said) {
  const auto present = describe([&] {
    return session.aws().json("events", "AWSEvents.ListTargetsByRule",
                              json::object{{"Rule", rule}});
  });
  if (!present) return;
  for (const json::value& target : list(*present, "Targets")) {
    if (text(target, "Id") != kTrainingTarget) continue;
    json::object wanted = target.as_object();
    wanted.erase("SageMakerPipelineParameters");
    if (said) wanted["SageMakerPipelineParameters"] = *said;
    if (wanted == target.as_object()) return;
    session.aws().json("events", "AWSEvents.PutTargets",
                       json::object{{"Rule", rule}, {"Targets", json::array{std::move(wanted)}}});
  }
}

}  // namespace

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
                  text(package, "CustomerMetadataProperties.judged_rows"),
                  text(package, "InferenceSpecification.Containers.0.ModelDataUrl"),
                  folder_of(text(package, "ModelMetrics.ModelDataQuality.Statistics.S3Uri")),
                  folder_of(text(package, "ModelMetrics.ModelQuality.Statistics.S3Uri"))};
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
  return as_target(champion_parameters(champion));
}

std::optional<Texts> watching_parameters(const std::optional<Champion>& champion) {
  if (!champion) return std::nullopt;
  Texts parameters{{"ModelVersion", std::to_string(champion->version)},
                   {"ModelUri", champion->model},
                   {"BaselineUri", champion->baseline},
                   {"RowsUri", champion->judged_rows},
                   {"EvaluationUri", champion->evaluation}};
  const bool whole = std::none_of(parameters.begin(), parameters.end(),
                                  [](const auto& one) { return one.second.empty(); });
  return whole ? std::optional(std::move(parameters)) : std::nullopt;
}

std::optional<json::object> watched_of_target(const std::optional<Champion>& champion) {
  const auto parameters = watching_parameters(champion);
  if (!parameters) return std::nullopt;
  return as_target(*parameters);
}

void crown_for_retraining(Session& session) {
  const Spec& spec = session.spec();
  const auto champion = find_champion(session);
  for (const std::string& rule : {spec.training.retraining.rule, spec.watching.drift_rule}) {
    tell_rule(session, rule, champion_of_target(champion));
  }
  tell_rule(session, spec.watching.schedule.rule, watched_of_target(champion));
}

void watch_from_now_on(Session& session) {
  if (!watching_parameters(find_champion(session))) return;
  describe([&] {
    return session.aws().json("events", "AWSEvents.EnableRule",
                              json::object{{"Name", session.spec().watching.schedule.rule}});
  });
}

}  // namespace cli
