// QualityCheck steps.
//
//   SkipCheck  RegisterNewBaseline   checked against   BaselineUsedForDriftCheck… is
//   false      false                 the earlier one   the earlier one
//   false      true                  the earlier one   the one just calculated
//   true       false                 nothing           the earlier one
//   true       true                  nothing           the one just calculated
#include "engine/services/sagemaker/pipelines/quality_check.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

constexpr const char* kMembers[] = {"CheckType",
                                    "SkipCheck",
                                    "RegisterNewBaseline",
                                    "FailOnViolation",
                                    "ModelPackageGroupName",
                                    "SuppliedBaselineStatistics",
                                    "SuppliedBaselineConstraints"};
constexpr std::string_view kProperties[] = {
    "CalculatedBaselineStatistics", "CalculatedBaselineConstraints",
    "BaselineUsedForDriftCheckStatistics", "BaselineUsedForDriftCheckConstraints"};

struct Baseline {
  std::optional<std::string> statistics, constraints;
};

std::optional<std::string> text_in(const json::object& check, const char* name) {
  const auto* value = check.if_contains(name);
  if (value == nullptr || !value->is_string() || value->as_string().empty()) return std::nullopt;
  return std::string(value->as_string());
}

/// A parameter's value may be a text.
bool flag_in(const json::object& check, const char* name, bool fallback) {
  const auto* value = check.if_contains(name);
  if (value == nullptr || value->is_null()) return fallback;
  if (value->is_bool()) return value->as_bool();
  const std::string text = text_of(*value);
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  throw ReferenceError(fmt::format("{} must be true or false, not {}", name, text));
}

template <class Check>
Baseline baseline_in(const std::optional<Check>& check) {
  Baseline found;
  if (check && check->Statistics) found.statistics = check->Statistics->S3Uri;
  if (check && check->Constraints) found.constraints = check->Constraints->S3Uri;
  return found;
}

/// Of the group's newest approved package.
Baseline registered(const SageMaker::Impl& state, const std::string& group, bool model_quality) {
  std::int64_t newest = 0;
  Baseline found;
  for (const auto& package : state.packages.all(key_of(group, "model-package-group") + "/")) {
    const auto version = static_cast<std::int64_t>(package.ModelPackageVersion.value_or(0));
    if (package.ModelApprovalStatus != "Approved" || version < newest) continue;
    newest = version;
    found = {};
    if (!package.DriftCheckBaselines) continue;
    found = model_quality ? baseline_in(package.DriftCheckBaselines->ModelQuality)
                          : baseline_in(package.DriftCheckBaselines->ModelDataQuality);
  }
  return found;
}

Baseline earlier_baseline(const SageMaker::Impl& state, const json::object& check) {
  Baseline found;
  if (const auto group = text_in(check, "ModelPackageGroupName")) {
    found = registered(state, *group, text_in(check, "CheckType") == "MODEL_QUALITY");
  }
  if (auto uri = text_in(check, "SuppliedBaselineStatistics")) found.statistics = std::move(uri);
  if (auto uri = text_in(check, "SuppliedBaselineConstraints")) found.constraints = std::move(uri);
  return found;
}

/// Where the job writes; no '/' at its end.
std::string output_of(const json::object& arguments) {
  const json::value whole(arguments);
  const Path path{std::string("ProcessingOutputConfig"), std::string("Outputs"), std::size_t{0},
                  std::string("S3Output"), std::string("S3Uri")};
  const json::value& uri = follow(whole, path, "ProcessingOutputConfig.Outputs[0]");
  std::string text = text_of(uri);
  while (text.ends_with('/')) text.pop_back();
  return text;
}

/// Adds a file of the baseline to the job's inputs and tells it where it lies.
void hand_over(json::object& arguments, const char* variable, const char* folder,
               const std::optional<std::string>& uri) {
  if (!uri) return;
  const std::string local = fmt::format("/opt/ml/processing/baseline/{}", folder);
  auto& inputs = arguments["ProcessingInputs"];
  if (!inputs.is_array()) inputs = json::array();
  inputs.as_array().push_back(json::object{{"InputName", variable},
                                           {"AppManaged", false},
                                           {"S3Input",
                                            {{"S3Uri", *uri},
                                             {"LocalPath", local},
                                             {"S3DataType", "S3Prefix"},
                                             {"S3InputMode", "File"}}}});
  auto& environment = arguments["Environment"];
  if (!environment.is_object()) environment = json::object();
  environment.as_object()[variable] = fmt::format("{}/{}", local, uri->substr(uri->rfind('/') + 1));
}

api::QualityCheckStepMetadata metadata_of(const json::object& check, const Baseline& earlier,
                                          const std::string& output) {
  api::QualityCheckStepMetadata made;
  made.CheckType = text_in(check, "CheckType");
  made.ModelPackageGroupName = text_in(check, "ModelPackageGroupName");
  made.SkipCheck = flag_in(check, "SkipCheck", false);
  made.RegisterNewBaseline = flag_in(check, "RegisterNewBaseline", false);
  made.CalculatedBaselineStatistics = output + "/statistics.json";
  made.CalculatedBaselineConstraints = output + "/constraints.json";
  const bool renewed = *made.RegisterNewBaseline;
  made.BaselineUsedForDriftCheckStatistics =
      renewed ? made.CalculatedBaselineStatistics : earlier.statistics;
  made.BaselineUsedForDriftCheckConstraints =
      renewed ? made.CalculatedBaselineConstraints : earlier.constraints;
  return made;
}

/// Fails the step, or only notes the report.
void judge(const StepRun& run, const json::object& check, StepResult& result) {
  auto& made = *result.metadata->QualityCheck;
  // Beside what was calculated, which a result of the cache has elsewhere than this run's output.
  const std::string calculated = made.CalculatedBaselineConstraints.value_or("");
  const std::string report =
      calculated.substr(0, calculated.rfind('/')) + "/constraint_violations.json";
  const json::value found = read_json_object(run.state, report);
  const std::size_t count = found.at("violations").as_array().size();
  if (count == 0) return;
  made.ViolationReport = report;
  if (!flag_in(check, "FailOnViolation", true)) return;
  result.status = "Failed";
  // Deviation: AWS's own sentence isn't known to us; the first half is its job's exit message.
  result.reason = fmt::format(
      "ClientError: CompletedWithViolations: Job completed successfully with {} violations. See "
      "the violation report {}.",
      count, report);
  result.with = {};  // what failed is not to be found in the cache
}

}  // namespace

json::object read_quality_check(const Members& members) {
  json::object check;
  for (const char* name : kMembers) {
    if (const auto* value = members.find(name)) check[name] = *value;
  }
  const std::string type = members.text("CheckType");
  if (!type.empty() && type != "DATA_QUALITY" && type != "MODEL_QUALITY") {
    members.wrong(
        fmt::format("there is no CheckType \"{}\": DATA_QUALITY and MODEL_QUALITY are.", type));
  }
  return check;
}

StepResult run_quality_check(const StepRun& run, json::object arguments) {
  const json::object check = resolve(run.step.quality_check, run.scope).as_object();
  const Baseline earlier = earlier_baseline(run.state, check);
  const std::string output = output_of(arguments);
  StepRun with_check = run;
  with_check.quality_check = metadata_of(check, earlier, output);
  const bool skip = *with_check.quality_check->SkipCheck;
  if (!earlier.constraints && !(skip && *with_check.quality_check->RegisterNewBaseline)) {
    return {"Failed",
            "ClientError: There is no baseline to check against: neither supplied, nor with an "
            "approved model of the ModelPackageGroupName. Set SkipCheck and RegisterNewBaseline to "
            "make the first one."};
  }
  if (!skip) {
    hand_over(arguments, "baseline_constraints", "constraints", earlier.constraints);
    hand_over(arguments, "baseline_statistics", "stats", earlier.statistics);
  }
  StepResult result = run_job_step(with_check, std::move(arguments));
  if (result.status == "Succeeded") {
    if (!skip) judge(run, check, result);
  }
  return result;
}

json::value described_check(const api::QualityCheckStepMetadata& made) {
  json::object properties;
  const auto add = [&](std::string_view name, const std::optional<std::string>& uri) {
    if (uri) properties[name] = *uri;
  };
  add(kProperties[0], made.CalculatedBaselineStatistics);
  add(kProperties[1], made.CalculatedBaselineConstraints);
  add(kProperties[2], made.BaselineUsedForDriftCheckStatistics);
  add(kProperties[3], made.BaselineUsedForDriftCheckConstraints);
  return properties;
}

bool is_property_of_check(std::string_view name) {
  return std::find(std::begin(kProperties), std::end(kProperties), name) != std::end(kProperties);
}

}  // namespace engine::sagemaker::pipelines
