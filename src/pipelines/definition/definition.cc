// The pipeline's steps, each as the CreateProcessingJob, CreateTrainingJob or CreateModelPackage
// request it stands for, with references in place of what is known only when it runs.
#include "pipelines/definition/definition.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

constexpr const char* kProgram = "/opt/program/beer-pipeline";
constexpr const char* kProcessing = "/opt/ml/processing/";

json::object get(const std::string& path) { return {{"Get", path}}; }
json::object parameter(const std::string& name) { return get("Parameters." + name); }

json::object join(const char* between, json::array values) {
  return {{"Std:Join", {{"On", between}, {"Values", std::move(values)}}}};
}

/// "max_depth" → "MaxDepth".
std::string camel(const std::string& name) {
  std::string result;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    result += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return result;
}

/// Those only our own trainer knows. Early stopping is among them: it stops on folds of the rows
/// that are learned from, SageMaker's image on those held out, which are to judge the model and so
/// may have no say in it.
constexpr const char* kOurs[] = {
    "feature_set",           "bags",         "folds",       "interval_level",
    "early_stopping_rounds", "forest_trees", "forest_leaf", "grid"};

/// For an image that has no forest beside its boosting: what did best alone on some hundred beers,
/// and as many rounds as there are at most.
constexpr std::pair<const char*, const char*> kStanding[] = {{"objective", "reg:squarederror"},
                                                             {"eval_metric", "mae"},
                                                             {"num_round", "200"},
                                                             {"eta", "0.08"},
                                                             {"max_depth", "4"},
                                                             {"min_child_weight", "3"},
                                                             {"subsample", "0.8"},
                                                             {"colsample_bytree", "0.5"},
                                                             {"lambda", "2"}};

/// The hyperparameters that the training image takes.
std::vector<std::pair<std::string, std::string>> taken(const PipelineSettings& settings) {
  if (settings.xgboost_image_uri.empty()) return settings.hyperparameters;
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [name, value] : settings.hyperparameters) {
    if (std::find(std::begin(kOurs), std::end(kOurs), name) == std::end(kOurs)) {
      result.emplace_back(name, value);
    }
  }
  return result;
}

/// Writes the steps of one pipeline; a method for each.
class Writer {
 public:
  explicit Writer(const PipelineSettings& settings)
      : settings_(settings), hyperparameters_(taken(settings)) {}

  json::object definition() const {
    return {{"Version", "2020-12-01"},
            {"Metadata", {{"Project", settings_.project}}},
            {"Parameters", parameters()},
            {"PipelineExperimentConfig",
             {{"ExperimentName", get("Execution.PipelineName")},
              {"TrialName", get("Execution.PipelineExecutionId")}}},
            {"Steps", json::array{preprocess(), train(), evaluate(), check_gate()}}};
  }

 private:
  /// Hyperparameters are strings on the wire, so they are strings here: a number would need a
  /// Std:Join to become one, and would be printed in whatever form the service prefers.
  json::array parameters() const {
    json::array list{declared("CleanedDataUri", settings_.cleaned_data_uri),
                     declared("ImageUri", settings_.image_uri),
                     declared("RoleArn", settings_.role_arn),
                     declared("InstanceType", settings_.instance_type),
                     one_of("ApprovalStatus", settings_.approval_status,
                            {"PendingManualApproval", "Approved", "Rejected"}),
                     declared("TestFraction", fmt::format("{}", settings_.test_fraction)),
                     declared("Seed", std::to_string(settings_.seed)),
                     declared("MetricPath", "regression_metrics.mae.value"),
                     number("MetricThreshold", settings_.mae_threshold),
                     number("ChampionTolerance", settings_.champion_tolerance),
                     declared("ChampionVersion", "none"),
                     declared("ChampionModel", no_champion()),
                     declared("ChampionRows", no_champion())};
    if (others_train()) {
      list.push_back(declared("XgboostImageUri", settings_.xgboost_image_uri));
    }
    for (const auto& [name, value] : hyperparameters_) {
      list.push_back(declared(camel(name), value));
    }
    return list;
  }

  static json::object declared(const std::string& name, const std::string& value) {
    return {{"Name", name}, {"Type", "String"}, {"DefaultValue", value}};
  }

  static json::object number(const char* name, double value) {
    return {{"Name", name}, {"Type", "Float"}, {"DefaultValue", value}};
  }
  /// A job's arguments are texts.
  static json::object text_of(const char* name) { return join("", {parameter(name)}); }

  std::string no_champion() const { return settings_.output_uri + "/no_champion/"; }

  static json::object one_of(const std::string& name, const std::string& value,
                             json::array allowed) {
    json::object parameter = declared(name, value);
    parameter["EnumValues"] = std::move(allowed);
    return parameter;
  }

  // Steps ---------------------------------------------------------------------------------------

  json::object preprocess() const {
    json::object arguments = processing("preprocess");
    arguments.at("AppSpecification").as_object()["ContainerArguments"] = {
        "--test-fraction", parameter("TestFraction"), "--seed", parameter("Seed")};
    if (in_parts()) {
      json::array& words = arguments.at("AppSpecification").at("ContainerArguments").as_array();
      words.push_back("--parts");
      words.push_back(json::string(std::to_string(settings_.training_instances)));
    }
    arguments["ProcessingInputs"] = json::array{input("input", parameter("CleanedDataUri"))};
    arguments["ProcessingOutputConfig"] = outputs({"train", "test", "rows", "baseline"});
    arguments.at("ProcessingOutputConfig")
        .at("Outputs")
        .as_array()
        .push_back(output("no_champion", json::string(no_champion())));
    return step("Preprocess", "Processing", std::move(arguments));
  }

  json::object train() const { return training("Train", "model", channels()); }

  /// The model that is registered: of all beers, by the same parameters, once its twin that hadn't
  /// seen the held-out ones has passed.
  json::object refit() const {
    json::array all = channels();
    all.push_back(channel("held_out", "test"));
    return training("Refit", "refit", std::move(all));
  }

  json::object training(const char* name, const char* output, json::array channels) const {
    json::object hyperparameters;
    if (others_train()) {
      for (const auto& [name, value] : kStanding) hyperparameters[name] = value;
    }
    for (const auto& [name, value] : hyperparameters_) {
      hyperparameters[name] = parameter(camel(name));
    }
    hyperparameters["seed"] = parameter("Seed");
    return step(name, "Training",
                {{"AlgorithmSpecification", algorithm()},
                 {"RoleArn", parameter("RoleArn")},
                 {"ResourceConfig", instances(settings_.training_instances)},
                 {"StoppingCondition", {{"MaxRuntimeInSeconds", 3600}}},
                 {"OutputDataConfig", {{"S3OutputPath", below_output(output)}}},
                 {"InputDataConfig", std::move(channels)},
                 {"HyperParameters", std::move(hyperparameters)}});
  }

  json::object evaluate() const {
    json::object arguments = processing("evaluate");
    arguments.at("AppSpecification").as_object()["ContainerArguments"] = {
        "--seed",
        parameter("Seed"),
        "--metric-path",
        parameter("MetricPath"),
        "--metric-threshold",
        text_of("MetricThreshold"),
        "--champion-version",
        parameter("ChampionVersion"),
        "--champion-tolerance",
        text_of("ChampionTolerance")};
    arguments["ProcessingInputs"] =
        json::array{input("model", get("Steps.Train.ModelArtifacts.S3ModelArtifacts")),
                    input("test", output_of("Preprocess", "test")),
                    input("train", output_of("Preprocess", "train")),
                    input("rows", output_of("Preprocess", "rows")),
                    input("champion", parameter("ChampionModel")),
                    input("champion_rows", parameter("ChampionRows"))};
    arguments["ProcessingOutputConfig"] = outputs({"evaluation"});
    json::object result = step("Evaluate", "Processing", std::move(arguments));
    result["PropertyFiles"] = json::array{json::object{{"PropertyFileName", "EvaluationReport"},
                                                       {"OutputName", "evaluation"},
                                                       {"FilePath", "evaluation.json"}}};
    return result;
  }

  /// Std:JsonGet takes no parameter for its path, so Evaluate does the comparing, with parameters
  /// for its arguments, and tells what came of it; see ADR 0011.
  json::object check_gate() const {
    json::array pass;
    // SageMaker's image knows no channel for more rows.
    if (!others_train()) pass.push_back(refit());
    pass.push_back(register_model());
    return {{"Name", "CheckGate"},
            {"Type", "Condition"},
            {"Arguments",
             {{"Conditions", json::array{json::object{{"Type", "Equals"},
                                                      {"LeftValue", reported("gate.passed")},
                                                      {"RightValue", true}}}},
              {"IfSteps", std::move(pass)},
              {"ElseSteps", json::array{fail()}}}}};
  }

  json::object register_model() const {
    json::object metadata{{"GeneratedBy", get("Execution.PipelineExecutionArn")}};
    if (!settings_.commit_id.empty()) metadata["CommitId"] = settings_.commit_id;
    return {{"Name", "Register"},
            {"Type", "RegisterModel"},
            {"Arguments",
             {{"ModelPackageGroupName", settings_.model_package_group},
              {"ModelPackageDescription", reported("gate.reason")},
              {"ModelApprovalStatus", parameter("ApprovalStatus")},
              {"InferenceSpecification", inference()},
              {"ModelMetrics", model_metrics()},
              {"MetadataProperties", std::move(metadata)},
              {"CustomerMetadataProperties", customer_metadata()},
              {"SkipModelValidation", "None"}}}};
  }

  /// The parameters the model was trained with, for who looks at the registry; the report for
  /// people, which ModelMetrics has no place for; and the model that was judged with what it
  /// learnt from: when this version is the champion, that one is the fair opponent, since the
  /// registered one has seen the held-out beers.
  json::object customer_metadata() const {
    json::object metadata{
        {"project", settings_.project},
        {"judged_model", get("Steps.Train.ModelArtifacts.S3ModelArtifacts")},
        {"judged_model_sha256", reported("model.sha256")},
        {"judged_rows", output_of("Preprocess", "rows")},
        {"report", join("/", {output_of("Evaluate", "evaluation"), "report.html"})}};
    if (others_train()) metadata["trainer"] = parameter("XgboostImageUri");
    for (const auto& [name, value] : hyperparameters_) {
      metadata[name] = parameter(camel(name));
    }
    return metadata;
  }

  json::object inference() const {
    const json::object container{
        {"Image", parameter("ImageUri")},
        {"ModelDataUrl", get(fmt::format("Steps.{}.ModelArtifacts.S3ModelArtifacts",
                                         others_train() ? "Train" : "Refit"))},
        {"Environment", json::object()}};
    return {{"Containers", json::array{container}},
            {"SupportedContentTypes", {"application/json", "text/csv"}},
            {"SupportedResponseMIMETypes", {"application/json", "text/csv"}},
            {"SupportedRealtimeInferenceInstanceTypes", json::array{parameter("InstanceType")}},
            {"SupportedTransformInstanceTypes", json::array{parameter("InstanceType")}}};
  }

  static json::object model_metrics() {
    return {
        {"ModelQuality", {{"Statistics", file_of("Evaluate", "evaluation", "evaluation.json")}}},
        {"ModelDataQuality",
         {{"Statistics", file_of("Preprocess", "baseline", "statistics.json")}}},
        {"Bias", json::object()},
        {"Explainability", json::object()}};
  }

  static json::object fail() {
    return {
        {"Name", "Reject"},
        {"Type", "Fail"},
        {"Arguments",
         {{"ErrorMessage", join("", {"The model isn't registered: ", reported("gate.reason")})}}}};
  }

  // Parts of steps ------------------------------------------------------------------------------

  json::object step(const char* name, const char* type, json::object arguments) const {
    json::object result{{"Name", name}, {"Type", type}, {"Arguments", std::move(arguments)}};
    if (settings_.cache) result["CacheConfig"] = {{"Enabled", true}, {"ExpireAfter", "P30D"}};
    return result;
  }

  json::object instances(int count = 1) const {
    return {{"InstanceType", parameter("InstanceType")},
            {"InstanceCount", count},
            {"VolumeSizeInGB", 30}};
  }

  json::object processing(const char* command) const {
    return {{"ProcessingResources", {{"ClusterConfig", instances()}}},
            {"AppSpecification",
             {{"ImageUri", parameter("ImageUri")}, {"ContainerEntrypoint", {kProgram, command}}}},
            {"RoleArn", parameter("RoleArn")},
            {"StoppingCondition", {{"MaxRuntimeInSeconds", 3600}}}};
  }

  /// No entry point: SageMaker runs the image with the argument "train".
  json::object algorithm() const {
    return {{"TrainingImage", parameter(others_train() ? "XgboostImageUri" : "ImageUri")},
            {"TrainingInputMode", "File"},
            {"MetricDefinitions",
             json::array{
                 json::object{{"Name", "train:mae"}, {"Regex", ".*\\[[0-9]+\\].*train-mae:(\\S+)"}},
                 json::object{{"Name", "validation:mae"},
                              {"Regex", ".*\\[[0-9]+\\].*validation-mae:(\\S+)"}}}}};
  }

  static json::object input(const char* name, json::object uri) {
    return {{"InputName", name},
            {"AppManaged", false},
            {"S3Input",
             {{"S3Uri", std::move(uri)},
              {"LocalPath", std::string(kProcessing) + name},
              {"S3DataType", "S3Prefix"},
              {"S3InputMode", "File"},
              {"S3DataDistributionType", "FullyReplicated"},
              {"S3CompressionType", "None"}}}};
  }

  json::object outputs(std::initializer_list<const char*> names) const {
    json::array list;
    for (const char* name : names) {
      list.push_back(output(name, below_output(name)));
    }
    return {{"Outputs", std::move(list)}};
  }

  static json::object output(const char* name, json::value uri) {
    return {{"OutputName", name},
            {"AppManaged", false},
            {"S3Output",
             {{"S3Uri", std::move(uri)},
              {"LocalPath", std::string(kProcessing) + name},
              {"S3UploadMode", "EndOfJob"}}}};
  }

  /// SageMaker's image takes every file of a channel for rows, and any channel but these two for a
  /// mistake.
  json::array channels() const {
    if (!others_train()) return {channel("train", "train"), channel("rows", "rows")};
    // An instance trains on the files it is dealt; all report on the same held-out rows.
    return {channel("train", "train", in_parts() ? "ShardedByS3Key" : "FullyReplicated"),
            channel("validation", "test")};
  }

  static json::object channel(const char* name, const char* output,
                              const char* distribution = "FullyReplicated") {
    return {{"ChannelName", name},
            {"ContentType", "text/csv"},
            {"DataSource",
             {{"S3DataSource",
               {{"S3DataType", "S3Prefix"},
                {"S3DataDistributionType", distribution},
                {"S3Uri", output_of("Preprocess", output)}}}}}};
  }

  bool in_parts() const { return settings_.training_instances > 1; }

  /// Whether SageMaker's own image trains in the place of ours.
  bool others_train() const { return !settings_.xgboost_image_uri.empty(); }

  json::object below_output(const char* name) const {
    return join("/", {settings_.output_uri, get("Execution.PipelineExecutionId"), name});
  }

  static json::object output_of(const char* step, const char* name) {
    return get(
        fmt::format("Steps.{}.ProcessingOutputConfig.Outputs['{}'].S3Output.S3Uri", step, name));
  }

  static json::object file_of(const char* step, const char* output, const char* file) {
    return {{"ContentType", "application/json"},
            {"S3Uri", join("/", {output_of(step, output), file})}};
  }

  static json::object reported(const char* path) {
    return {
        {"Std:JsonGet",
         {{"PropertyFile", get("Steps.Evaluate.PropertyFiles.EvaluationReport")}, {"Path", path}}}};
  }

  const PipelineSettings& settings_;
  std::vector<std::pair<std::string, std::string>> hyperparameters_;  ///< that training is told
};

}  // namespace

std::string pipeline_definition(const PipelineSettings& settings) {
  if (settings.training_instances > 1 && settings.xgboost_image_uri.empty()) {
    throw std::invalid_argument(
        "Our trainer learns on one instance; SageMaker's XGBoost on several.");
  }
  for (const auto& [name, value] : settings.hyperparameters) {
    if (name == "seed")
      throw std::invalid_argument("The seed isn't a hyperparameter: it has a setting.");
    if (name == "feature_set" && value != "recipe" && !settings.xgboost_image_uri.empty()) {
      throw std::invalid_argument(
          "SageMaker's XGBoost image learns from every column: the feature_set must be recipe.");
    }
  }
  return json::serialize(Writer(settings).definition());
}

}  // namespace pipelines
