// Every operation of IAM that we implement, by the file it stands in.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/iam/iam.h"

namespace engine::iam {

// roles.cc
api::CreateRoleOutput create_role(Iam&, Call&, const api::CreateRoleInput&);
api::GetRoleOutput get_role(Iam&, Call&, const api::GetRoleInput&);
api::ListRolesOutput list_roles(Iam&, Call&, const api::ListRolesInput&);
api::DeleteRoleOutput delete_role(Iam&, Call&, const api::DeleteRoleInput&);
api::UpdateRoleOutput update_role(Iam&, Call&, const api::UpdateRoleInput&);
api::UpdateRoleDescriptionOutput update_role_description(Iam&, Call&,
                                                         const api::UpdateRoleDescriptionInput&);
api::UpdateAssumeRolePolicyOutput update_assume_role_policy(
    Iam&, Call&, const api::UpdateAssumeRolePolicyInput&);
api::TagRoleOutput tag_role(Iam&, Call&, const api::TagRoleInput&);
api::UntagRoleOutput untag_role(Iam&, Call&, const api::UntagRoleInput&);
api::ListRoleTagsOutput list_role_tags(Iam&, Call&, const api::ListRoleTagsInput&);
api::ListInstanceProfilesForRoleOutput list_instance_profiles_for_role(
    Iam&, Call&, const api::ListInstanceProfilesForRoleInput&);

// role_policies.cc
api::PutRolePolicyOutput put_role_policy(Iam&, Call&, const api::PutRolePolicyInput&);
api::GetRolePolicyOutput get_role_policy(Iam&, Call&, const api::GetRolePolicyInput&);
api::ListRolePoliciesOutput list_role_policies(Iam&, Call&, const api::ListRolePoliciesInput&);
api::DeleteRolePolicyOutput delete_role_policy(Iam&, Call&, const api::DeleteRolePolicyInput&);
api::AttachRolePolicyOutput attach_role_policy(Iam&, Call&, const api::AttachRolePolicyInput&);
api::DetachRolePolicyOutput detach_role_policy(Iam&, Call&, const api::DetachRolePolicyInput&);
api::ListAttachedRolePoliciesOutput list_attached_role_policies(
    Iam&, Call&, const api::ListAttachedRolePoliciesInput&);

// policies.cc
api::CreatePolicyOutput create_policy(Iam&, Call&, const api::CreatePolicyInput&);
api::GetPolicyOutput get_policy(Iam&, Call&, const api::GetPolicyInput&);
api::ListPoliciesOutput list_policies(Iam&, Call&, const api::ListPoliciesInput&);
api::DeletePolicyOutput delete_policy(Iam&, Call&, const api::DeletePolicyInput&);
api::TagPolicyOutput tag_policy(Iam&, Call&, const api::TagPolicyInput&);
api::UntagPolicyOutput untag_policy(Iam&, Call&, const api::UntagPolicyInput&);
api::ListPolicyTagsOutput list_policy_tags(Iam&, Call&, const api::ListPolicyTagsInput&);
api::ListEntitiesForPolicyOutput list_entities_for_policy(
    Iam&, Call&, const api::ListEntitiesForPolicyInput&);

// policy_versions.cc
api::CreatePolicyVersionOutput create_policy_version(
    Iam&, Call&, const api::CreatePolicyVersionInput&);
api::GetPolicyVersionOutput get_policy_version(Iam&, Call&, const api::GetPolicyVersionInput&);
api::ListPolicyVersionsOutput list_policy_versions(
    Iam&, Call&, const api::ListPolicyVersionsInput&);
api::DeletePolicyVersionOutput delete_policy_version(
    Iam&, Call&, const api::DeletePolicyVersionInput&);
api::op::SetDefaultPolicyVersion::Output set_default_policy_version(
    Iam&, Call&, const api::op::SetDefaultPolicyVersion::Input&);

// users.cc
api::CreateUserOutput create_user(Iam&, Call&, const api::CreateUserInput&);
api::GetUserOutput get_user(Iam&, Call&, const api::GetUserInput&);
api::ListUsersOutput list_users(Iam&, Call&, const api::ListUsersInput&);
api::DeleteUserOutput delete_user(Iam&, Call&, const api::DeleteUserInput&);

// access_keys.cc
api::CreateAccessKeyOutput create_access_key(Iam&, Call&, const api::CreateAccessKeyInput&);
api::ListAccessKeysOutput list_access_keys(Iam&, Call&, const api::ListAccessKeysInput&);
api::UpdateAccessKeyOutput update_access_key(Iam&, Call&, const api::UpdateAccessKeyInput&);
api::DeleteAccessKeyOutput delete_access_key(Iam&, Call&, const api::DeleteAccessKeyInput&);

// user_policies.cc
api::PutUserPolicyOutput put_user_policy(Iam&, Call&, const api::PutUserPolicyInput&);
api::GetUserPolicyOutput get_user_policy(Iam&, Call&, const api::GetUserPolicyInput&);
api::ListUserPoliciesOutput list_user_policies(Iam&, Call&, const api::ListUserPoliciesInput&);
api::DeleteUserPolicyOutput delete_user_policy(Iam&, Call&, const api::DeleteUserPolicyInput&);
api::AttachUserPolicyOutput attach_user_policy(Iam&, Call&, const api::AttachUserPolicyInput&);
api::DetachUserPolicyOutput detach_user_policy(Iam&, Call&, const api::DetachUserPolicyInput&);
api::ListAttachedUserPoliciesOutput list_attached_user_policies(
    Iam&, Call&, const api::ListAttachedUserPoliciesInput&);

// simulate.cc
api::SimulateCustomPolicyOutput simulate_custom_policy(Iam&, Call&,
                                                       const api::SimulateCustomPolicyInput&);
api::SimulatePrincipalPolicyOutput simulate_principal_policy(
    Iam&, Call&, const api::SimulatePrincipalPolicyInput&);

}  // namespace engine::iam
