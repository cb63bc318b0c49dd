// One processing job, with parameters for all that an approval changes.
#include "pipelines/definition/watching.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

json::object get(const std::string& path) { return {{"Get", path}}; }
json::object parameter(const char* name) { return get(std::string("Parameters.") + name); }

json::object declared(const char* name, const std::string& value) {
  return {{"Name", name}, {"Type", "String"}, {"DefaultValue", value}};
}

json::object input(const char* name, const char* uri) {
  return {{"InputName", name},
          {"AppManaged", false},
          {"S3Input",
           {{"S3Uri", parameter(uri)},
            {"LocalPath", std::string("/opt/ml/processing/") + name},
            {"S3DataType", "S3Prefix"},
            {"S3InputMode", "File"},
            {"S3DataDistributionType", "FullyReplicated"},
            {"S3CompressionType", "None"}}}};
}

/// Until a model is approved there is nothing to watch: the folder that preprocessing fills.
json::array parameters(const WatchingSettings& settings) {
  const std::string nothing = settings.output_uri + "/no_champion/";
  return {declared("CleanedDataUri", settings.cleaned_data_uri),
          declared("ImageUri", settings.image_uri),
          declared("RoleArn", settings.role_arn),
          declared("InstanceType", settings.instance_type),
          declared("Window", std::to_string(settings.window)),
          declared("Minimum", std::to_string(settings.minimum)),
          declared("Psi", fmt::format("{}", settings.psi)),
          declared("ModelVersion", "none"),
          declared("ModelUri", nothing),
          declared("BaselineUri", nothing),
          declared("RowsUri", nothing),
          declared("EvaluationUri", nothing)};
}

json::object output(const WatchingSettings& settings) {
  json::object uri{{"Std:Join",
                    {{"On", "/"},
                     {"Values", json::array{json::string(settings.output_uri + "/watching"),
                                            get("Execution.PipelineExecutionId"), "drift"}}}}};
  return {{"OutputName", "drift"},
          {"AppManaged", false},
          {"S3Output",
           {{"S3Uri", std::move(uri)},
            {"LocalPath", "/opt/ml/processing/drift"},
            {"S3UploadMode", "EndOfJob"}}}};
}

json::object watch(const WatchingSettings& settings) {
  json::array arguments{"--version",
                        parameter("ModelVersion"),
                        "--window",
                        parameter("Window"),
                        "--minimum",
                        parameter("Minimum"),
                        "--psi",
                        parameter("Psi"),
                        "--metric-namespace",
                        json::string(settings.metric_namespace),
                        "--metric-group",
                        json::string(settings.metric_group)};
  return {
      {"ProcessingResources",
       {{"ClusterConfig",
         {{"InstanceType", parameter("InstanceType")},
          {"InstanceCount", 1},
          {"VolumeSizeInGB", 30}}}}},
      {"AppSpecification",
       {{"ImageUri", parameter("ImageUri")},
        {"ContainerEntrypoint", {"/opt/program/beer-pipeline", "watch"}},
        {"ContainerArguments", std::move(arguments)}}},
      {"RoleArn", parameter("RoleArn")},
      {"StoppingCondition", {{"MaxRuntimeInSeconds", 3600}}},
      {"ProcessingInputs", json::array{input("input", "CleanedDataUri"), input("model", "ModelUri"),
                                       input("baseline", "BaselineUri"), input("rows", "RowsUri"),
                                       input("evaluation", "EvaluationUri")}},
      {"ProcessingOutputConfig", {{"Outputs", json::array{output(settings)}}}}};
}

}  // namespace

std::string watching_definition(const WatchingSettings& settings) {
  return json::serialize(json::object{
      {"Version", "2020-12-01"},
      {"Metadata", {{"Project", settings.project}}},
      {"Parameters", parameters(settings)},
      {"Steps", json::array{json::object{
                    {"Name", "Watch"}, {"Type", "Processing"}, {"Arguments", watch(settings)}}}}});
}

}  // namespace pipelines
