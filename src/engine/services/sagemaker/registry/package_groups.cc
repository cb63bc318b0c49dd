// Model package groups: Create, Describe, List, Delete.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/registry/packages.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "model-package-group";
using Group = api::DescribeModelPackageGroupOutput;

}  // namespace

std::string make_group(SageMaker::Impl& state, const api::CreateModelPackageGroupInput& request) {
  auto group = converted<Group>(request);
  group.ModelPackageGroupArn = state.arn(kKind, request.ModelPackageGroupName);
  group.ModelPackageGroupStatus = "Completed";
  group.CreationTime = state.now();
  if (!state.package_groups.insert(key_of(request.ModelPackageGroupName, kKind), group)) {
    throw validation(
        fmt::format("Model Package Group already exists: {}", group.ModelPackageGroupArn));
  }
  state.put_tags(group.ModelPackageGroupArn, request.Tags);
  return group.ModelPackageGroupArn;
}

void make_group_if_missing(SageMaker::Impl& state, const std::string& name) {
  if (state.package_groups.has(key_of(name, kKind))) return;
  try {
    make_group(state, {.ModelPackageGroupName = name.substr(name.rfind('/') + 1)});
  } catch (const AwsError& error) {
    if (!state.package_groups.has(key_of(name, kKind))) throw;  // else another step was first
  }
}

api::op::CreateModelPackageGroup::Output create_model_package_group(
    SageMaker& sagemaker, Call&, const api::op::CreateModelPackageGroup::Input& input) {
  return {.ModelPackageGroupArn = make_group(sagemaker.impl(), input)};
}

api::op::DescribeModelPackageGroup::Output describe_model_package_group(
    SageMaker& sagemaker, Call&, const api::op::DescribeModelPackageGroup::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ModelPackageGroupName, kKind);
  auto group = state.package_groups.find(key);
  if (!group) throw no_such_group(state.arn(kKind, key));
  return *group;
}

api::op::ListModelPackageGroups::Output list_model_package_groups(
    SageMaker& sagemaker, Call&, const api::op::ListModelPackageGroups::Input& input) {
  std::vector<Listed<api::ModelPackageGroupSummary>> all;
  for (const Group& group : sagemaker.impl().package_groups.all()) {
    all.push_back({converted<api::ModelPackageGroupSummary>(group), group.ModelPackageGroupName,
                   group.CreationTime, group.CreationTime, group.ModelPackageGroupStatus});
  }
  // Verified: oldest first unless asked otherwise, says the API's reference.
  auto page = list_page(input, std::move(all), "Ascending");
  return {.ModelPackageGroupSummaryList = std::move(page.items), .NextToken = page.next};
}

api::op::DeleteModelPackageGroup::Output delete_model_package_group(
    SageMaker& sagemaker, Call&, const api::op::DeleteModelPackageGroup::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ModelPackageGroupName, kKind);
  if (!state.packages.all(key + "/").empty()) {
    throw conflict(fmt::format("The model package group {} still holds model packages.",
                               state.arn(kKind, key)));
  }
  if (!state.package_groups.remove(key)) throw no_such_group(state.arn(kKind, key));
  return {};
}

}  // namespace engine::sagemaker
