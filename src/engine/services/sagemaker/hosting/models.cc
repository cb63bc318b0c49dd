// Models: Create, Describe, List, Delete.
#include "engine/services/sagemaker/hosting/models.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/registry/packages.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "model";
using Model = api::DescribeModelOutput;

void check(const SageMaker::Impl& state, const api::ContainerDefinition& container) {
  if (container.ModelPackageName) {
    if (!find_package(state, *container.ModelPackageName)) {
      throw could_not_find("model package", *container.ModelPackageName);
    }
  } else if (!container.Image) {
    throw validation("The container must name an Image or a ModelPackageName.");
  }
  // Deviation: a container holds one model.
  if (container.Mode == "MultiModel")
    throw validation("The container mode MultiModel is not supported.");
}

const api::ContainerDefinition& only_container(const api::CreateModelInput& request) {
  if (request.PrimaryContainer) return *request.PrimaryContainer;
  // Deviation: no inference pipelines of several containers.
  if (!request.Containers || request.Containers->size() != 1) {
    throw validation("A model must have exactly one container.");
  }
  return request.Containers->front();
}

/// Container definitions of models and of packages have these members in common.
template <class Definition>
void take(const Definition& from, ServedModel& to) {
  if (from.Image) to.container.image = *from.Image;
  if (from.ModelDataUrl) to.archive = *from.ModelDataUrl;
  if (from.ModelDataSource && from.ModelDataSource->S3DataSource) {
    const auto& source = *from.ModelDataSource->S3DataSource;
    (source.CompressionType == "Gzip" ? to.archive : to.folder) = source.S3Uri;
  }
  if (!from.Environment) return;
  for (const auto& [name, value] : *from.Environment) to.container.environment[name] = value;
}

}  // namespace

std::string make_model(SageMaker::Impl& state, const api::CreateModelInput& request) {
  check(state, only_container(request));
  auto model = converted<Model>(request);
  model.ModelArn = state.arn(kKind, request.ModelName);
  model.CreationTime = state.now();
  if (!state.models.insert(key_of(request.ModelName, kKind), model)) {
    throw cannot_create_existing("model", model.ModelArn);
  }
  state.put_tags(model.ModelArn, request.Tags);
  return model.ModelArn;
}

ServedModel served_model(const SageMaker::Impl& state, const std::string& model_name) {
  const auto model = state.models.find(key_of(model_name, kKind));
  if (!model)
    throw ClientError(fmt::format("Could not find model \"{}\".", state.arn(kKind, model_name)));
  const auto& container =
      model->PrimaryContainer ? *model->PrimaryContainer : model->Containers->at(0);
  ServedModel served;
  served.container.command = "serve";
  served.container.role = model->ExecutionRoleArn.value_or("");
  if (container.ModelPackageName) {
    const auto package = find_package(state, *container.ModelPackageName);
    if (!package || !package->InferenceSpecification ||
        package->InferenceSpecification->Containers.empty()) {
      throw ClientError(fmt::format("The model package \"{}\" has no container to serve.",
                                    *container.ModelPackageName));
    }
    take(package->InferenceSpecification->Containers.front(), served);
  }
  take(container, served);
  return served;
}

api::op::CreateModel::Output create_model(SageMaker& sagemaker, Call&,
                                          const api::op::CreateModel::Input& input) {
  return {.ModelArn = make_model(sagemaker.impl(), input)};
}

api::op::DescribeModel::Output describe_model(SageMaker& sagemaker, Call&,
                                              const api::op::DescribeModel::Input& input) {
  auto& state = sagemaker.impl();
  auto model = state.models.find(key_of(input.ModelName, kKind));
  if (!model) throw could_not_find("model", state.arn(kKind, input.ModelName));
  if (!model->EnableNetworkIsolation) model->EnableNetworkIsolation = false;
  return *model;
}

api::op::ListModels::Output list_models(SageMaker& sagemaker, Call&,
                                        const api::op::ListModels::Input& input) {
  std::vector<Listed<api::ModelSummary>> all;
  for (const Model& model : sagemaker.impl().models.all()) {
    all.push_back({converted<api::ModelSummary>(model), model.ModelName, model.CreationTime,
                   model.CreationTime, ""});
  }
  auto page = list_page(input, std::move(all));
  return {.Models = std::move(page.items), .NextToken = page.next};
}

api::op::DeleteModel::Output delete_model(SageMaker& sagemaker, Call&,
                                          const api::op::DeleteModel::Input& input) {
  auto& state = sagemaker.impl();
  if (!state.models.remove(key_of(input.ModelName, kKind))) {
    throw could_not_find("model", state.arn(kKind, input.ModelName));
  }
  return {};
}

}  // namespace engine::sagemaker
