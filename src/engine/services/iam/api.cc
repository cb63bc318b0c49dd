// The operations of IAM, one line each.
#include "engine/services/iam/api.h"

#include "engine/services/iam/operations.h"

namespace engine::iam {

ServiceDefinition definition(Iam& iam) {
  return {.name = "iam",
          .signing_name = "iam",
          .protocol = Protocol::kQuery,
          .api_version = "2010-05-08",
          .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
          .validation_code = "ValidationError",
          .operations = {
              operation<api::op::CreateRole>(create_role, iam),
              operation<api::op::GetRole>(get_role, iam),
              operation<api::op::ListRoles>(list_roles, iam),
              operation<api::op::DeleteRole>(delete_role, iam),
              operation<api::op::UpdateRole>(update_role, iam),
              operation<api::op::UpdateRoleDescription>(update_role_description, iam),
              operation<api::op::UpdateAssumeRolePolicy>(update_assume_role_policy, iam),
              operation<api::op::TagRole>(tag_role, iam),
              operation<api::op::UntagRole>(untag_role, iam),
              operation<api::op::ListRoleTags>(list_role_tags, iam),
              operation<api::op::ListInstanceProfilesForRole>(list_instance_profiles_for_role, iam),
              operation<api::op::PutRolePolicy>(put_role_policy, iam),
              operation<api::op::GetRolePolicy>(get_role_policy, iam),
              operation<api::op::ListRolePolicies>(list_role_policies, iam),
              operation<api::op::DeleteRolePolicy>(delete_role_policy, iam),
              operation<api::op::AttachRolePolicy>(attach_role_policy, iam),
              operation<api::op::DetachRolePolicy>(detach_role_policy, iam),
              operation<api::op::ListAttachedRolePolicies>(list_attached_role_policies, iam),
              operation<api::op::CreatePolicy>(create_policy, iam),
              operation<api::op::GetPolicy>(get_policy, iam),
              operation<api::op::ListPolicies>(list_policies, iam),
              operation<api::op::DeletePolicy>(delete_policy, iam),
              operation<api::op::TagPolicy>(tag_policy, iam),
              operation<api::op::UntagPolicy>(untag_policy, iam),
              operation<api::op::ListPolicyTags>(list_policy_tags, iam),
              operation<api::op::ListEntitiesForPolicy>(list_entities_for_policy, iam),
              operation<api::op::CreatePolicyVersion>(create_policy_version, iam),
              operation<api::op::GetPolicyVersion>(get_policy_version, iam),
              operation<api::op::ListPolicyVersions>(list_policy_versions, iam),
              operation<api::op::DeletePolicyVersion>(delete_policy_version, iam),
              operation<api::op::SetDefaultPolicyVersion>(set_default_policy_version, iam),
              operation<api::op::CreateUser>(create_user, iam),
              operation<api::op::GetUser>(get_user, iam),
              operation<api::op::ListUsers>(list_users, iam),
              operation<api::op::DeleteUser>(delete_user, iam),
              operation<api::op::CreateAccessKey>(create_access_key, iam),
              operation<api::op::ListAccessKeys>(list_access_keys, iam),
              operation<api::op::UpdateAccessKey>(update_access_key, iam),
              operation<api::op::DeleteAccessKey>(delete_access_key, iam),
              operation<api::op::PutUserPolicy>(put_user_policy, iam),
              operation<api::op::GetUserPolicy>(get_user_policy, iam),
              operation<api::op::ListUserPolicies>(list_user_policies, iam),
              operation<api::op::DeleteUserPolicy>(delete_user_policy, iam),
              operation<api::op::AttachUserPolicy>(attach_user_policy, iam),
              operation<api::op::DetachUserPolicy>(detach_user_policy, iam),
              operation<api::op::ListAttachedUserPolicies>(list_attached_user_policies, iam),
              operation<api::op::SimulateCustomPolicy>(simulate_custom_policy, iam),
              operation<api::op::SimulatePrincipalPolicy>(simulate_principal_policy, iam),
          }};
}

}  // namespace engine::iam
