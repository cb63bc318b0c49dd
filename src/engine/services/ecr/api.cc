// The operations of ECR, one line each.
#include "engine/services/ecr/api.h"

#include "engine/services/ecr/operations.h"

namespace engine::ecr {

ServiceDefinition definition(Ecr& ecr) {
  return {.name = "ecr",
          .signing_name = "ecr",
          .protocol = Protocol::kAwsJson11,
          .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
          .validation_code = "InvalidParameterException",
          .operations = {
              operation<api::op::CreateRepository>(create_repository, ecr),
              operation<api::op::DescribeRepositories>(describe_repositories, ecr),
              operation<api::op::DeleteRepository>(delete_repository, ecr),
              operation<api::op::PutImageTagMutability>(put_image_tag_mutability, ecr),
              operation<api::op::PutImageScanningConfiguration>(put_image_scanning_configuration, ecr),
              operation<api::op::GetAuthorizationToken>(get_authorization_token, ecr),
              operation<api::op::SetRepositoryPolicy>(set_repository_policy, ecr),
              operation<api::op::GetRepositoryPolicy>(get_repository_policy, ecr),
              operation<api::op::DeleteRepositoryPolicy>(delete_repository_policy, ecr),
              operation<api::op::PutLifecyclePolicy>(put_lifecycle_policy, ecr),
              operation<api::op::GetLifecyclePolicy>(get_lifecycle_policy, ecr),
              operation<api::op::DeleteLifecyclePolicy>(delete_lifecycle_policy, ecr),
              operation<api::op::ListTagsForResource>(list_tags_for_resource, ecr),
              operation<api::op::TagResource>(tag_resource, ecr),
              operation<api::op::UntagResource>(untag_resource, ecr),
              operation<api::op::PutImage>(put_image, ecr),
              operation<api::op::BatchGetImage>(batch_get_image, ecr),
              operation<api::op::DescribeImages>(describe_images, ecr),
              operation<api::op::ListImages>(list_images, ecr),
          }};
}

}  // namespace engine::ecr
