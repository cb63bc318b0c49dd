// Notebook instances: records only; nothing runs behind them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "notebook-instance";
using Notebook = api::DescribeNotebookInstanceOutput;

AwsError no_such_notebook() { return validation("RecordNotFound"); }

}  // namespace

/// Deviation: the instance is InService at once, and its URL leads nowhere.
api::op::CreateNotebookInstance::Output create_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::CreateNotebookInstance::Input& input) {
  auto& state = sagemaker.impl();
  auto notebook = converted<Notebook>(input);
  const std::string arn = state.arn(kKind, input.NotebookInstanceName);
  notebook.NotebookInstanceArn = arn;
  notebook.NotebookInstanceStatus = "InService";
  notebook.SecurityGroups = input.SecurityGroupIds;
  notebook.NotebookInstanceLifecycleConfigName = input.LifecycleConfigName;
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

api::op::StopNotebookInstance::Output stop_notebook_instance(
    SageMaker& sagemaker, Call&, const api::op::StopNotebookInstance::Input& input) {
  auto& state = sagemaker.impl();
  const auto notebook =
      state.notebooks.change(key_of(input.NotebookInstanceName, kKind), [&](Notebook& row) {
        row.NotebookInstanceStatus = "Stopped";
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
  if (notebook->NotebookInstanceStatus != "Stopped" &&
      notebook->NotebookInstanceStatus != "Failed") {
    throw validation(fmt::format(
        "Status ({}) not in ([Stopped, Failed]). Unable to transition to "
        "(Deleting) for Notebook Instance ({})",
        notebook->NotebookInstanceStatus.value_or(""), notebook->NotebookInstanceArn.value_or("")));
  }
  state.notebooks.remove(key);
  return {};
}

}  // namespace engine::sagemaker
