// Lifecycle configurations of notebook instances: two scripts in base64, kept as they came.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "notebook-instance-lifecycle-config";
using Lifecycle = api::DescribeNotebookInstanceLifecycleConfigOutput;

AwsError no_such_lifecycle(std::string_view arn) {
  return validation(
      fmt::format("Unable to describe Notebook Instance Lifecycle Config '{}'. Details: Notebook "
                  "Instance Lifecycle Config does not exist.",
                  arn));
}

}  // namespace

api::op::CreateNotebookInstanceLifecycleConfig::Output create_notebook_instance_lifecycle_config(
    SageMaker& sagemaker, Call&,
    const api::op::CreateNotebookInstanceLifecycleConfig::Input& input) {
  auto& state = sagemaker.impl();
  auto row = converted<Lifecycle>(input);
  const std::string arn = state.arn(kKind, input.NotebookInstanceLifecycleConfigName);
  row.NotebookInstanceLifecycleConfigArn = arn;
  row.CreationTime = row.LastModifiedTime = state.now();
  const std::string key = key_of(input.NotebookInstanceLifecycleConfigName, kKind);
  if (!state.notebook_lifecycles.insert(key, row)) {
    throw cannot_create_existing("notebook instance lifecycle configuration", arn);
  }
  state.put_tags(arn, input.Tags);
  return {.NotebookInstanceLifecycleConfigArn = arn};
}

api::op::DescribeNotebookInstanceLifecycleConfig::Output
describe_notebook_instance_lifecycle_config(
    SageMaker& sagemaker, Call&,
    const api::op::DescribeNotebookInstanceLifecycleConfig::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.NotebookInstanceLifecycleConfigName, kKind);
  auto row = state.notebook_lifecycles.find(key);
  if (!row) throw no_such_lifecycle(state.arn(kKind, key));
  return *row;
}

api::op::UpdateNotebookInstanceLifecycleConfig::Output update_notebook_instance_lifecycle_config(
    SageMaker& sagemaker, Call&,
    const api::op::UpdateNotebookInstanceLifecycleConfig::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.NotebookInstanceLifecycleConfigName, kKind);
  const auto row = state.notebook_lifecycles.change(key, [&](Lifecycle& kept) {
    kept.OnCreate = input.OnCreate;
    kept.OnStart = input.OnStart;
    kept.LastModifiedTime = state.now();
  });
  if (!row) throw no_such_lifecycle(state.arn(kKind, key));
  return {};
}

api::op::DeleteNotebookInstanceLifecycleConfig::Output delete_notebook_instance_lifecycle_config(
    SageMaker& sagemaker, Call&,
    const api::op::DeleteNotebookInstanceLifecycleConfig::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.NotebookInstanceLifecycleConfigName, kKind);
  for (const auto& notebook : state.notebooks.all()) {
    const std::string used = notebook.NotebookInstanceLifecycleConfigName.value_or("");
    if (!used.empty() && key_of(used, kKind) == key) {
      throw validation(fmt::format("The notebook instance {} uses the lifecycle configuration.",
                                   notebook.NotebookInstanceArn.value_or("")));
    }
  }
  if (!state.notebook_lifecycles.remove(key)) throw no_such_lifecycle(state.arn(kKind, key));
  return {};
}

api::op::ListNotebookInstanceLifecycleConfigs::Output list_notebook_instance_lifecycle_configs(
    SageMaker& sagemaker, Call&,
    const api::op::ListNotebookInstanceLifecycleConfigs::Input& input) {
  std::vector<Listed<api::NotebookInstanceLifecycleConfigSummary>> all;
  for (const Lifecycle& row : sagemaker.impl().notebook_lifecycles.all()) {
    all.push_back({converted<api::NotebookInstanceLifecycleConfigSummary>(row),
                   *row.NotebookInstanceLifecycleConfigName, *row.CreationTime,
                   *row.LastModifiedTime, ""});
  }
  auto page = list_page(input, std::move(all));
  return {.NextToken = page.next, .NotebookInstanceLifecycleConfigs = std::move(page.items)};
}

}  // namespace engine::sagemaker
