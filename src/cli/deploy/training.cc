// What makes models: the image's repository, the registry's group and the pipeline.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"
#include "lib/base/ids.h"

#include <fmt/format.h>

namespace cli {
namespace {

json::value call_ecr(Deployment& deployment, const char* operation, const json::object& input) {
  return deployment.call("ecr", fmt::format("AmazonEC2ContainerRegistry_V20150921.{}", operation),
                         input);
}

/// What the deployment expires: images that a newer one took the tag from.
json::value image_lifecycle() {
  constexpr int kDays = 30;
  const json::object rule{{"rulePriority", 1},
                          {"description", "Images that a newer one took the tag from"},
                          {"selection",
                           {{"tagStatus", "untagged"},
                            {"countType", "sinceImagePushed"},
                            {"countUnit", "days"},
                            {"countNumber", kDays}}},
                          {"action", {{"type", "expire"}}}};
  return json::object{{"rules", json::array{rule}}};
}

bool update_image_lifecycle(Deployment& deployment, const std::string& repository) {
  const json::value wanted = image_lifecycle();
  const auto present = describe([&] {
    return call_ecr(deployment, "GetLifecyclePolicy", {{"repositoryName", repository}});
  });
  boost::system::error_code failed;
  if (present && json::parse(text(*present, "lifecyclePolicyText"), failed) == wanted) return false;
  call_ecr(deployment, "PutLifecyclePolicy",
           {{"repositoryName", repository}, {"lifecyclePolicyText", json::serialize(wanted)}});
  return true;
}

/// Of a repository that is there.
bool update_repository(Deployment& deployment, const std::string& name, const json::value& present,
                       const json::object& wanted) {
  bool changed = update_tags(deployment, "ecr", text(present, "repositoryArn"));
  const json::object scanning{
      {"imageScanningConfiguration", wanted.at("imageScanningConfiguration")}};
  if (!agrees(present, scanning)) {
    json::object input = scanning;
    input["repositoryName"] = name;
    call_ecr(deployment, "PutImageScanningConfiguration", input);
    changed = true;
  }
  if (text(present, "imageTagMutability") != text(wanted, "imageTagMutability")) {
    call_ecr(deployment, "PutImageTagMutability",
             {{"repositoryName", name}, {"imageTagMutability", wanted.at("imageTagMutability")}});
    changed = true;
  }
  return changed;
}

void deploy_repository(Deployment& deployment) {
  const std::string& name = deployment.spec().training.repository;
  json::object wanted{{"repositoryName", name},
                      {"imageTagMutability", "MUTABLE"},
                      {"imageScanningConfiguration", {{"scanOnPush", true}}}};
  const auto present = describe([&] {
    return call_ecr(deployment, "DescribeRepositories", {{"repositoryNames", json::array{name}}});
  });
  bool changed = false;
  if (!present) {
    add_tag_list(wanted, deployment.spec(), "tags");
    call_ecr(deployment, "CreateRepository", wanted);
  } else {
    changed = update_repository(deployment, name, list(*present, "repositories").at(0), wanted);
  }
  changed |= update_image_lifecycle(deployment, name);
  deployment.done("repository " + name, !present, changed);
}

void deploy_group(Deployment& deployment) {
  const std::string& name = deployment.spec().registry.group;
  const auto present = describe([&] {
    return deployment.call("sagemaker", "SageMaker.DescribeModelPackageGroup",
                           {{"ModelPackageGroupName", name}});
  });
  if (present) {
    const bool tagged =
        update_tags(deployment, "sagemaker", text(*present, "ModelPackageGroupArn"));
    return deployment.done("model package group " + name, false, tagged);
  }
  json::object input{{"ModelPackageGroupName", name},
                     {"ModelPackageGroupDescription", "Models that predict a beer's IBU"}};
  add_tag_list(input, deployment.spec());
  deployment.call("sagemaker", "SageMaker.CreateModelPackageGroup", input);
  deployment.created("model package group " + name);
}

bool same_definition(const json::value& pipeline, const std::string& wanted) {
  boost::system::error_code failed;
  const json::value present = json::parse(text(pipeline, "PipelineDefinition"), failed);
  return !failed && present == json::parse(wanted);
}

/// A pipeline as it should be.
struct WantedPipeline {
  std::string name, description, definition;
};

/// Everything but the definition, which AWS may give back written in another way.
json::object pipeline_settings(const System& system, const WantedPipeline& pipeline) {
  return {{"PipelineName", pipeline.name},
          {"PipelineDisplayName", pipeline.name},
          {"PipelineDescription", pipeline.description},
          {"RoleArn", system.role_arn(system.spec.roles.pipeline)}};
}

json::value create_pipeline(Deployment& deployment, json::object input,
                            const std::string& definition) {
  input["PipelineDefinition"] = definition;
  input["ClientRequestToken"] = base::Ids().uuid();
  add_tag_list(input, deployment.spec());
  return with_new_role(
      [&] { return deployment.call("sagemaker", "SageMaker.CreatePipeline", input); });
}

/// Its ARN.
std::string deploy_pipeline(Deployment& deployment, const WantedPipeline& pipeline) {
  const std::string& name = pipeline.name;
  json::object wanted = pipeline_settings(deployment.system(), pipeline);
  const auto present = describe([&] {
    return deployment.call("sagemaker", "SageMaker.DescribePipeline", {{"PipelineName", name}});
  });
  if (!present) {
    std::string arn = text(create_pipeline(deployment, wanted, pipeline.definition), "PipelineArn");
    deployment.created("pipeline " + name);
    return arn;
  }
  std::string arn = text(*present, "PipelineArn");
  const bool differs = !agrees(*present, wanted) || !same_definition(*present, pipeline.definition);
  if (differs) {
    wanted["PipelineDefinition"] = pipeline.definition;
    deployment.call("sagemaker", "SageMaker.UpdatePipeline", wanted);
  }
  const bool tagged = update_tags(deployment, "sagemaker", arn);
  deployment.done("pipeline " + name, false, differs || tagged);
  return arn;
}

}  // namespace

void deploy_training(Deployment& deployment) {
  const System& system = deployment.system();
  deploy_repository(deployment);
  deploy_group(deployment);
  deployment.pipeline_arn = deploy_pipeline(
      deployment, {system.spec.training.pipeline, "From cleaned beers to a registered model",
                   pipelines::pipeline_definition(system.pipeline_settings())});
  deployment.watching_arn =
      deploy_pipeline(deployment, {system.spec.watching.pipeline,
                                   "The approved model against the beers that came since",
                                   pipelines::watching_definition(system.watching_settings())});
}

}  // namespace cli
