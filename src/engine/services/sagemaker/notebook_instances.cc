// Notebook instances: records only; nothing runs behind them.
// Deviation: no machine, so InService and Stopped are reached at once, URLs lead nowhere and
// lifecycle scripts are kept but not run.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "notebook-instance";
using Notebook = api::DescribeNotebookInstanceOutput;

AwsError no_such_notebook() { return validation("RecordNotFound"); }

/// Every move but a stop begins at rest.
AwsError cannot_move(const Notebook& notebook, const char* to) {
  const bool stopping = std::string_view(to) == "Stopping";
  return validation(fmt::format(
      "Status ({}) not in ([{}]). Unable to transition to ({}) for Notebook Instance ({})",
      notebook.NotebookInstanceStatus.value_or(""), stopping ? "InService" : "Stopped, Failed", to,
      notebook.NotebookInstanceArn.value_or("")));
}

/// Throws when there is none of that name.
void lifecycle_config(SageMaker::Impl& state, const std::string& name) {
  if (!state.notebook_lifecycles.has(key_of(name, "notebook-instance-lifecycle-config"))) {
    throw validation(
        fmt::format("Unable to find notebook instance lifecycle configuration \"{}\".", name));
  }
}

/// Through the status `by` to `end`.
void move(SageMaker::Impl& state, const std::string& name, const char* by, const std::string& end) {
  const std::string begin = end == "Stopped" ? "InService" : "Stopped";
  const auto notebook = state.notebooks.change(key_of(name, kKind), [&](Notebook& row) {
    if (row.NotebookInstanceStatus != begin) throw cannot_move(row, by);
    row.NotebookInstanceStatus = end;
    row.LastModifiedTime = state.now();
  });
  if (!notebook) throw no_such_notebook();
}

}  // namespace

api::op::CreateNotebookInstance::Output create_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::CreateNotebookInstance::Input& input) {
  auto& state = sagemaker.impl();
  if (input.LifecycleConfigName) lifecycle_config(state, *input.LifecycleConfigName);
  auto notebook = converted<Notebook>(input);
  const std::string arn = state.arn(kKind, input.NotebookInstanceName);
  notebook.NotebookInstanceArn = arn;
  notebook.NotebookInstanceStatus = "InService";
  notebook.SecurityGroups = input.SecurityGroupIds;
  notebook.NotebookInstanceLifecycleConfigName = input.LifecycleConfigName;
  if (!notebook.VolumeSizeInGB) notebook.VolumeSizeInGB = 5;
  if (!notebook.DirectInternetAccess) notebook.DirectInternetAccess = "Enabled";
  if (!notebook.RootAccess) notebook.RootAccess = "Enabled";
  notebook.CreationTime = notebook.LastModifiedTime = state.now();
  notebook.Url =
      fmt::format("{}.notebook.{}.sagemaker.aws", input.NotebookInstanceName, state.context.region);
  if (!state.notebooks.insert(key_of(input.NotebookInstanceName, kKind), notebook)) {
    throw cannot_create_existing("notebook instance", arn);
  }
  state.put_tags(arn, input.Tags);
  return {.NotebookInstanceArn = arn};
}

api::op::DescribeNotebookInstance::Output describe_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::DescribeNotebookInstance::Input& input) {
  auto notebook = sagemaker.impl().notebooks.find(key_of(input.NotebookInstanceName, kKind));
  if (!notebook) throw no_such_notebook();
  return *notebook;
}

api::op::ListNotebookInstances::Output list_notebook_instances(
    SageMaker& sagemaker, Call&, const api::op::ListNotebookInstances::Input& input) {
  std::vector<Listed<api::NotebookInstanceSummary>> all;
  for (const Notebook& row : sagemaker.impl().notebooks.all()) {
    all.push_back({converted<api::NotebookInstanceSummary>(row), *row.NotebookInstanceName,
                   *row.CreationTime, *row.LastModifiedTime, *row.NotebookInstanceStatus});
  }
  auto page = list_page(input, std::move(all));
  return {.NextToken = page.next, .NotebookInstances = std::move(page.items)};
}

api::op::StartNotebookInstance::Output start_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::StartNotebookInstance::Input& input) {
  move(sagemaker.impl(), input.NotebookInstanceName, "Pending", "InService");
  return {};
}

api::op::StopNotebookInstance::Output stop_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::StopNotebookInstance::Input& input) {
  move(sagemaker.impl(), input.NotebookInstanceName, "Stopping", "Stopped");
  return {};
}

api::op::UpdateNotebookInstance::Output update_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::UpdateNotebookInstance::Input& input) {
  auto& state = sagemaker.impl();
  if (input.LifecycleConfigName) lifecycle_config(state, *input.LifecycleConfigName);
  const auto replace = [](auto& value, const auto& given, bool cleared) {
    if (given || cleared) value = given;
  };
  const auto notebook =
      state.notebooks.change(key_of(input.NotebookInstanceName, kKind), [&](Notebook& row) {
        if (row.NotebookInstanceStatus != "Stopped") throw cannot_move(row, "Updating");
        replace(row.InstanceType, input.InstanceType, false);
        replace(row.IpAddressType, input.IpAddressType, false);
        replace(row.PlatformIdentifier, input.PlatformIdentifier, false);
        replace(row.RoleArn, input.RoleArn, false);
        replace(row.VolumeSizeInGB, input.VolumeSizeInGB, false);
        replace(row.RootAccess, input.RootAccess, false);
        replace(row.InstanceMetadataServiceConfiguration,
                input.InstanceMetadataServiceConfiguration, false);
        replace(row.NotebookInstanceLifecycleConfigName, input.LifecycleConfigName,
                input.DisassociateLifecycleConfig.value_or(false));
        replace(row.DefaultCodeRepository, input.DefaultCodeRepository,
                input.DisassociateDefaultCodeRepository.value_or(false));
        replace(row.AdditionalCodeRepositories, input.AdditionalCodeRepositories,
                input.DisassociateAdditionalCodeRepositories.value_or(false));
        replace(row.AcceleratorTypes, input.AcceleratorTypes,
                input.DisassociateAcceleratorTypes.value_or(false));
        row.LastModifiedTime = state.now();
      });
  if (!notebook) throw no_such_notebook();
  return {};
}

api::op::DeleteNotebookInstance::Output delete_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::DeleteNotebookInstance::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.NotebookInstanceName, kKind);
  const auto notebook = state.notebooks.find(key);
  if (!notebook) throw no_such_notebook();
  if (notebook->NotebookInstanceStatus != "Stopped") throw cannot_move(*notebook, "Deleting");
  state.notebooks.remove(key);
  return {};
}

}  // namespace engine::sagemaker
