// What a role may do: its inline policies, and the managed ones attached to it.
#include "engine/services/iam/holders.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {

api::PutRolePolicyOutput put_role_policy(Iam& iam, Call&, const api::PutRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  put_inlined(iam, kOfRoles, input.RoleName, input.PolicyName, input.PolicyDocument);
  return {};
}

api::GetRolePolicyOutput get_role_policy(Iam& iam, Call&, const api::GetRolePolicyInput& input) {
  iam.role(input.RoleName);
  return {.RoleName = input.RoleName,
          .PolicyName = input.PolicyName,
          .PolicyDocument = document_answer(inlined(iam, kOfRoles, input.RoleName, input.PolicyName))};
}

api::ListRolePoliciesOutput list_role_policies(Iam& iam, Call&,
                                               const api::ListRolePoliciesInput& input) {
  iam.role(input.RoleName);
  api::ListRolePoliciesOutput output;
  output.PolicyNames = page(inlined_names(iam, kOfRoles, input.RoleName), input, output,
                            [](const std::string& name) { return name; });
  return output;
}

api::DeleteRolePolicyOutput delete_role_policy(Iam& iam, Call&,
                                               const api::DeleteRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  delete_inlined(iam, kOfRoles, input.RoleName, input.PolicyName);
  return {};
}

api::AttachRolePolicyOutput attach_role_policy(Iam& iam, Call&,
                                               const api::AttachRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  attach(iam, kOfRoles, input.RoleName, input.PolicyArn);
  return {};
}

api::DetachRolePolicyOutput detach_role_policy(Iam& iam, Call&,
                                               const api::DetachRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  detach(iam, kOfRoles, input.RoleName, input.PolicyArn);
  return {};
}

api::ListAttachedRolePoliciesOutput list_attached_role_policies(
    Iam& iam, Call&, const api::ListAttachedRolePoliciesInput& input) {
  iam.role(input.RoleName);
  api::ListAttachedRolePoliciesOutput output;
  output.AttachedPolicies = page(attached_policies(iam, kOfRoles, input.RoleName, input.PathPrefix), input, output,
                                 [](const api::AttachedPolicy& one) { return *one.PolicyArn; });
  return output;
}

}  // namespace engine::iam
