// The deployed system: a spec, in an account and a region.
#include "cli/system.h"

#include "cli/xgboost_image.h"

#include <fmt/format.h>

namespace cli {

std::string fixed_prefix(std::string_view prefix) {
  const std::string_view fixed = prefix.substr(0, prefix.find("!{"));
  return std::string(fixed.substr(0, fixed.rfind('/') + 1));
}

std::string System::arn(std::string_view service, std::string_view resource) const {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, region, account, resource);
}

std::string System::bucket(std::string_view name) const {
  return fmt::format("{}-{}", name, account);
}

std::string System::bucket_arn(std::string_view name) const {
  return fmt::format("arn:aws:s3:::{}", bucket(name));
}

std::string System::stream_arn() const { return arn("kinesis", "stream/" + spec.stream.name); }

std::string System::function_arn(std::string_view name) const {
  return arn("lambda", fmt::format("function:{}", name));
}

std::string System::role_arn(std::string_view name) const {
  return fmt::format("arn:aws:iam::{}:role/{}", account, name);
}

std::string System::rule_arn() const { return arn("events", "rule/" + spec.schedule.rule); }

std::string System::image_uri() const {
  return fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}:{}", account, region, spec.training.repository,
                     spec.training.image_tag);
}

std::string System::xgboost_image_uri() const {
  if (spec.training.xgboost_image != "auto") return spec.training.xgboost_image;
  return xgboost_image.empty() ? cli::xgboost_image_uri(region) : xgboost_image;
}

std::string System::table_location() const {
  return fmt::format("s3://{}/{}", cleaned_bucket(), fixed_prefix(spec.cleaned.prefix));
}

pipelines::PipelineSettings System::pipeline_settings() const {
  pipelines::PipelineSettings settings;
  settings.project = spec.project;
  settings.cleaned_data_uri = table_location();
  settings.output_uri = "s3://" + models_bucket();
  settings.image_uri = image_uri();
  settings.role_arn = role_arn(spec.roles.pipeline);
  settings.model_package_group = spec.registry.group;
  settings.instance_type = spec.training.instance_type;
  settings.training_instances = spec.training.instances;
  settings.approval_status = spec.gate.approval_status;
  settings.mae_threshold = spec.gate.mae_threshold;
  settings.champion_tolerance = spec.gate.champion_tolerance;
  settings.test_fraction = spec.training.test_fraction;
  settings.seed = spec.training.seed;
  settings.hyperparameters = spec.training.hyperparameters;
  if (spec.training.trainer == "xgboost") settings.xgboost_image_uri = xgboost_image_uri();
  return settings;
}

std::string System::watching_namespace() const { return "/aws/sagemaker/" + spec.project; }

pipelines::WatchingSettings System::watching_settings() const {
  pipelines::WatchingSettings settings;
  settings.project = spec.project;
  settings.cleaned_data_uri = table_location();
  settings.output_uri = "s3://" + models_bucket();
  settings.image_uri = image_uri();
  settings.role_arn = role_arn(spec.roles.pipeline);
  settings.instance_type = spec.training.instance_type;
  settings.metric_namespace = watching_namespace();
  settings.metric_group = spec.registry.group;
  settings.window = spec.watching.window;
  settings.minimum = spec.watching.minimum;
  settings.psi = spec.watching.psi;
  return settings;
}

}  // namespace cli
