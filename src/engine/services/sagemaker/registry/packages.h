// The model registry as pipelines and endpoints use it.
#pragma once

#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {

/// A version of a group, or an unversioned package, by ARN or name.
std::optional<api::DescribeModelPackageOutput> find_package(const SageMaker::Impl& state,
                                                            std::string_view name_or_arn);

/// Registers a package; its ARN. In a group it gets the next version, and a version is never used
/// again. Throws AwsError.
std::string make_package(SageMaker::Impl& state, const api::CreateModelPackageInput& request);

std::string make_group(SageMaker::Impl& state, const api::CreateModelPackageGroupInput& request);
void make_group_if_missing(SageMaker::Impl& state, const std::string& name);

}  // namespace engine::sagemaker
