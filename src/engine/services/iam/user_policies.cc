// What a user may do: its inline policies, and the managed ones attached to it.
#include "engine/services/iam/holders.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {

api::PutUserPolicyOutput put_user_policy(Iam& iam, Call&, const api::PutUserPolicyInput& input) {
  const auto alone = iam.lock();
  iam.user(input.UserName);
  put_inlined(iam, kOfUsers, input.UserName, input.PolicyName, input.PolicyDocument);
  return {};
}

api::GetUserPolicyOutput get_user_policy(Iam& iam, Call&, const api::GetUserPolicyInput& input) {
  iam.user(input.UserName);
  return {.UserName = input.UserName,
          .PolicyName = input.PolicyName,
          .PolicyDocument = document_answer(inlined(iam, kOfUsers, input.UserName, input.PolicyName))};
}

api::ListUserPoliciesOutput list_user_policies(Iam& iam, Call&,
                                               const api::ListUserPoliciesInput& input) {
  iam.user(input.UserName);
  api::ListUserPoliciesOutput output;
  output.PolicyNames = page(inlined_names(iam, kOfUsers, input.UserName), input, output,
                            [](const std::string& name) { return name; });
  return output;
}

api::DeleteUserPolicyOutput delete_user_policy(Iam& iam, Call&,
                                               const api::DeleteUserPolicyInput& input) {
  const auto alone = iam.lock();
  iam.user(input.UserName);
  delete_inlined(iam, kOfUsers, input.UserName, input.PolicyName);
  return {};
}

api::AttachUserPolicyOutput attach_user_policy(Iam& iam, Call&,
                                               const api::AttachUserPolicyInput& input) {
  const auto alone = iam.lock();
  iam.user(input.UserName);
  attach(iam, kOfUsers, input.UserName, input.PolicyArn);
  return {};
}

api::DetachUserPolicyOutput detach_user_policy(Iam& iam, Call&,
                                               const api::DetachUserPolicyInput& input) {
  const auto alone = iam.lock();
  iam.user(input.UserName);
  detach(iam, kOfUsers, input.UserName, input.PolicyArn);
  return {};
}

api::ListAttachedUserPoliciesOutput list_attached_user_policies(
    Iam& iam, Call&, const api::ListAttachedUserPoliciesInput& input) {
  iam.user(input.UserName);
  api::ListAttachedUserPoliciesOutput output;
  output.AttachedPolicies = page(attached_policies(iam, kOfUsers, input.UserName, input.PathPrefix), input, output,
                                 [](const api::AttachedPolicy& one) { return *one.PolicyArn; });
  return output;
}

}  // namespace engine::iam
