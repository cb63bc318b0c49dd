// Model packages: Create, Describe, List, Update, Delete.
#include "engine/services/sagemaker/registry/packages.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state_changes.h"
#include "engine/services/sagemaker/tokens.h"

#include <charconv>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "model-package";
constexpr const char* kVersions = "sagemaker/model_package_versions";  // the last one of each group
using Package = api::DescribeModelPackageOutput;

/// "group/3" → "group/0000000003", so that versions stand in order; other names stay.
std::string row_key(std::string_view name_or_arn) {
  std::string key = key_of(name_or_arn, kKind);
  const auto slash = key.rfind('/');
  if (slash == key.npos) return key;
  std::int64_t version = 0;
  const auto [end, error] =
      std::from_chars(key.data() + slash + 1, key.data() + key.size(), version);
  if (error != std::errc{} || end != key.data() + key.size()) return key;
  return fmt::format("{}/{:010}", key.substr(0, slash), version);
}

std::int64_t next_version(const SageMaker::Impl& state, const std::string& group) {
  const auto last = state.context.catalog.get(kVersions, group);
  std::int64_t version = 0;
  if (last) std::from_chars(last->data(), last->data() + last->size(), version);
  return version + 1;
}

void emit(const SageMaker::Impl& state, const Package& package) {
  emit_change(state, kModelPackageEvent, package.ModelPackageArn, package);
}

Package new_package(const SageMaker::Impl& state, const api::CreateModelPackageInput& request) {
  auto package = converted<Package>(request);
  package.ModelPackageStatus = "Completed";
  package.CreationTime = state.now();
  package.LastModifiedTime = package.CreationTime;
  return package;
}

/// `with(batch, arn)` adds what is committed with the package.
template <class With>
Package make_version(SageMaker::Impl& state, const api::CreateModelPackageInput& request,
                     With&& with) {
  const std::string key = key_of(*request.ModelPackageGroupName, "model-package-group");
  const auto group = state.package_groups.find(key);
  if (!group) throw no_such_group(state.arn("model-package-group", key));
  Package package = new_package(state, request);
  package.ModelPackageGroupName = group->ModelPackageGroupName;
  package.ModelPackageName = group->ModelPackageGroupName;
  if (!package.ModelApprovalStatus) package.ModelApprovalStatus = "PendingManualApproval";
  // Another registration may take the same number first; then the next one is tried.
  for (bool made = false; !made;) {
    const std::int64_t version = next_version(state, key);
    package.ModelPackageVersion = version;
    package.ModelPackageArn = state.arn(kKind, fmt::format("{}/{}", key, version));
    storage::Batch batch;
    batch.put(kVersions, key, std::to_string(version));
    with(batch, package.ModelPackageArn);
    made = state.packages.insert(row_key(package.ModelPackageArn), package, std::move(batch));
  }
  return package;
}

template <class With>
Package make_unversioned(SageMaker::Impl& state, const api::CreateModelPackageInput& request,
                         With&& with) {
  Package package = new_package(state, request);
  package.ModelPackageArn = state.arn(kKind, package.ModelPackageName);
  storage::Batch batch;
  with(batch, package.ModelPackageArn);
  if (!state.packages.insert(row_key(package.ModelPackageArn), package, std::move(batch))) {
    throw validation(fmt::format("Model Package already exists: {}", package.ModelPackageArn));
  }
  return package;
}

AwsError no_such_package(const SageMaker::Impl& state, std::string_view name_or_arn) {
  return could_not_find("model package", name_or_arn.starts_with("arn:")
                                             ? std::string(name_or_arn)
                                             : state.arn(kKind, name_or_arn));
}

/// Members of the request that take the place of the package's, when they are given.
void apply(const api::UpdateModelPackageInput& input, Package& package) {
  const auto set = [](auto& to, const auto& from) {
    if (from) to = from;
  };
  set(package.ModelApprovalStatus, input.ModelApprovalStatus);
  set(package.ModelPackageRegistrationType, input.ModelPackageRegistrationType);
  set(package.ApprovalDescription, input.ApprovalDescription);
  set(package.InferenceSpecification, input.InferenceSpecification);
  set(package.SourceUri, input.SourceUri);
  set(package.ModelCard, input.ModelCard);
  set(package.ModelLifeCycle, input.ModelLifeCycle);
  if (input.CustomerMetadataProperties) {
    if (!package.CustomerMetadataProperties) package.CustomerMetadataProperties.emplace();
    for (const auto& [key, value] : *input.CustomerMetadataProperties) {
      (*package.CustomerMetadataProperties)[key] = value;
    }
  }
  if (input.CustomerMetadataPropertiesToRemove && package.CustomerMetadataProperties) {
    for (const auto& key : *input.CustomerMetadataPropertiesToRemove) {
      package.CustomerMetadataProperties->erase(key);
    }
  }
}

}  // namespace

std::optional<Package> find_package(const SageMaker::Impl& state, std::string_view name_or_arn) {
  return state.packages.find(row_key(name_or_arn));
}

std::string make_package(SageMaker::Impl& state, const api::CreateModelPackageInput& request) {
  if (request.ModelPackageName.has_value() == request.ModelPackageGroupName.has_value()) {
    throw validation("Give either a ModelPackageName or a ModelPackageGroupName.");
  }
  const IdempotentRequest idempotent(state.context.catalog, "CreateModelPackage",
                                     request.ClientToken.value_or(""), request);
  if (const auto arn = idempotent.answer()) return *arn;
  const auto remember = [&](storage::Batch& batch, const std::string& arn) {
    idempotent.remember(batch, arn);
  };
  const Package package = request.ModelPackageGroupName
                              ? make_version(state, request, remember)
                              : make_unversioned(state, request, remember);
  state.put_tags(package.ModelPackageArn, request.Tags);
  emit(state, package);
  return package.ModelPackageArn;
}

api::op::CreateModelPackage::Output create_model_package(
    SageMaker& sagemaker, Call&, const api::op::CreateModelPackage::Input& input) {
  return {.ModelPackageArn = make_package(sagemaker.impl(), input)};
}

api::op::DescribeModelPackage::Output describe_model_package(
    SageMaker& sagemaker, Call&, const api::op::DescribeModelPackage::Input& input) {
  auto package = find_package(sagemaker.impl(), input.ModelPackageName);
  if (!package) throw no_such_package(sagemaker.impl(), input.ModelPackageName);
  return *package;
}

api::op::ListModelPackages::Output list_model_packages(
    SageMaker& sagemaker, Call&, const api::op::ListModelPackages::Input& input) {
  auto& state = sagemaker.impl();
  const std::string type =
      input.ModelPackageType.value_or(input.ModelPackageGroupName ? "Versioned" : "Unversioned");
  std::string prefix;
  if (input.ModelPackageGroupName) {
    prefix = key_of(*input.ModelPackageGroupName, "model-package-group") + "/";
  }
  std::vector<Listed<api::ModelPackageSummary>> all;
  for (const Package& package : state.packages.all(prefix)) {
    const bool versioned = package.ModelPackageVersion.has_value();
    if (type != "Both" && versioned != (type == "Versioned")) continue;
    if (input.ModelApprovalStatus && package.ModelApprovalStatus != *input.ModelApprovalStatus)
      continue;
    // The row's key breaks ties between versions of the same millisecond.
    all.push_back({converted<api::ModelPackageSummary>(package), row_key(package.ModelPackageArn),
                   package.CreationTime, package.CreationTime, package.ModelPackageStatus});
  }
  // Deviation: the API's reference names Ascending; AWS's own deployment templates take the first of
  // a list without an order for the newest, and so do we.
  auto page = list_page(input, std::move(all));
  return {.ModelPackageSummaryList = std::move(page.items), .NextToken = page.next};
}

api::op::UpdateModelPackage::Output update_model_package(
    SageMaker& sagemaker, Call&, const api::op::UpdateModelPackage::Input& input) {
  auto& state = sagemaker.impl();
  const auto package = state.packages.change(row_key(input.ModelPackageArn), [&](Package& row) {
    apply(input, row);
    row.LastModifiedTime = state.now();
  });
  if (!package) throw no_such_package(state, input.ModelPackageArn);
  emit(state, *package);
  return {.ModelPackageArn = package->ModelPackageArn};
}

api::op::DeleteModelPackage::Output delete_model_package(
    SageMaker& sagemaker, Call&, const api::op::DeleteModelPackage::Input& input) {
  auto& state = sagemaker.impl();
  if (!state.packages.remove(row_key(input.ModelPackageName))) {
    throw no_such_package(state, input.ModelPackageName);
  }
  return {};
}

}  // namespace engine::sagemaker
