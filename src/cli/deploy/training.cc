// What makes models: the image's repository, the registry's group and the pipeline.
#include "cli/deploy/steps.h"
#include "lib/base/ids.h"

#include <fmt/format.h>

namespace cli {
namespace {

void deploy_repository(Deployment& deployment) {
  const std::string& name = deployment.spec().training.repository;
  const auto present = describe([&] {
    return deployment.call("ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
                           {{"repositoryNames", json::array{name}}});
  });
  if (present) return deployment.unchanged();
  deployment.call("ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository",
                  {{"repositoryName", name}});
  deployment.created("repository " + name);
}

void deploy_group(Deployment& deployment) {
  const std::string& name = deployment.spec().registry.group;
  const auto present = describe([&] {
    return deployment.call("sagemaker", "SageMaker.DescribeModelPackageGroup",
                           {{"ModelPackageGroupName", name}});
  });
  if (present) return deployment.unchanged();
  deployment.call("sagemaker", "SageMaker.CreateModelPackageGroup",
                  {{"ModelPackageGroupName", name},
                   {"ModelPackageGroupDescription", "Models that predict a beer's IBU"}});
  deployment.created("model package group " + name);
}

bool same_definition(const json::value& pipeline, const std::string& wanted) {
  boost::system::error_code failed;
  const json::value present = json::parse(text(pipeline, "PipelineDefinition"), failed);
  return !failed && present == json::parse(wanted);
}

void deploy_pipeline(Deployment& deployment) {
  const System& system = deployment.system();
  const std::string& name = system.spec.training.pipeline;
  const std::string definition = pipelines::pipeline_definition(system.pipeline_settings());
  const std::string role = system.role_arn(system.spec.roles.pipeline);
  const auto present = describe([&] {
    return deployment.call("sagemaker", "SageMaker.DescribePipeline", {{"PipelineName", name}});
  });
  if (!present) {
    const json::object input{{"PipelineName", name},
                             {"PipelineDefinition", definition},
                             {"RoleArn", role},
                             {"ClientRequestToken", base::Ids().uuid()}};
    with_new_role([&] { return deployment.call("sagemaker", "SageMaker.CreatePipeline", input); });
    return deployment.created("pipeline " + name);
  }
  if (same_definition(*present, definition) && text(*present, "RoleArn") == role) {
    return deployment.unchanged();
  }
  deployment.call("sagemaker", "SageMaker.UpdatePipeline",
                  {{"PipelineName", name}, {"PipelineDefinition", definition}, {"RoleArn", role}});
  deployment.updated("pipeline " + name);
}

}  // namespace

void deploy_training(Deployment& deployment) {
  deploy_repository(deployment);
  deploy_group(deployment);
  deploy_pipeline(deployment);
}

}  // namespace cli
