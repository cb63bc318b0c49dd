// Every operation of ECR that we implement, by the file it stands in.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/ecr/ecr.h"

namespace engine::ecr {

// repositories.cc
api::CreateRepositoryOutput create_repository(Ecr&, Call&, const api::CreateRepositoryInput&);
api::DescribeRepositoriesOutput describe_repositories(
    Ecr&, Call&, const api::DescribeRepositoriesInput&);
api::DeleteRepositoryOutput delete_repository(Ecr&, Call&, const api::DeleteRepositoryInput&);
api::PutImageTagMutabilityOutput put_image_tag_mutability(
    Ecr&, Call&, const api::PutImageTagMutabilityInput&);
api::PutImageScanningConfigurationOutput put_image_scanning_configuration(
    Ecr&, Call&, const api::PutImageScanningConfigurationInput&);
api::GetAuthorizationTokenOutput get_authorization_token(
    Ecr&, Call&, const api::GetAuthorizationTokenInput&);

// policies.cc
api::SetRepositoryPolicyOutput set_repository_policy(
    Ecr&, Call&, const api::SetRepositoryPolicyInput&);
api::GetRepositoryPolicyOutput get_repository_policy(
    Ecr&, Call&, const api::GetRepositoryPolicyInput&);
api::DeleteRepositoryPolicyOutput delete_repository_policy(
    Ecr&, Call&, const api::DeleteRepositoryPolicyInput&);
api::PutLifecyclePolicyOutput put_lifecycle_policy(
    Ecr&, Call&, const api::PutLifecyclePolicyInput&);
api::GetLifecyclePolicyOutput get_lifecycle_policy(
    Ecr&, Call&, const api::GetLifecyclePolicyInput&);
api::DeleteLifecyclePolicyOutput delete_lifecycle_policy(
    Ecr&, Call&, const api::DeleteLifecyclePolicyInput&);
api::ListTagsForResourceOutput list_tags_for_resource(
    Ecr&, Call&, const api::ListTagsForResourceInput&);
api::TagResourceOutput tag_resource(Ecr&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(Ecr&, Call&, const api::UntagResourceInput&);

// images.cc
api::PutImageOutput put_image(Ecr&, Call&, const api::PutImageInput&);
api::BatchGetImageOutput batch_get_image(Ecr&, Call&, const api::BatchGetImageInput&);
api::DescribeImagesOutput describe_images(Ecr&, Call&, const api::DescribeImagesInput&);
api::ListImagesOutput list_images(Ecr&, Call&, const api::ListImagesInput&);

}  // namespace engine::ecr
