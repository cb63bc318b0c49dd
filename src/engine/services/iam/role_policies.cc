// What a role may do: its inline policies, and the managed ones attached to it.
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {
namespace {

constexpr std::size_t kMostAttached = 20;

void commit(Iam& iam, storage::Batch batch) { iam.context().catalog.commit(std::move(batch)); }

}  // namespace

api::PutRolePolicyOutput put_role_policy(Iam& iam, Call&, const api::PutRolePolicyInput& input) {
  check_document(input.PolicyDocument);
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  storage::Batch batch;
  batch.put(kRolePolicies, join(input.RoleName, input.PolicyName), input.PolicyDocument);
  commit(iam, std::move(batch));
  return {};
}

api::GetRolePolicyOutput get_role_policy(Iam& iam, Call&, const api::GetRolePolicyInput& input) {
  iam.role(input.RoleName);
  const auto document =
      iam.context().catalog.get(kRolePolicies, join(input.RoleName, input.PolicyName));
  if (!document) throw no_such_role_policy(input.PolicyName);
  return {.RoleName = input.RoleName,
          .PolicyName = input.PolicyName,
          .PolicyDocument = document_answer(*document)};
}

api::ListRolePoliciesOutput list_role_policies(Iam& iam, Call&,
                                               const api::ListRolePoliciesInput& input) {
  iam.role(input.RoleName);
  const std::string scope = join(input.RoleName, "");
  std::vector<std::string> names;
  for (const auto& row : iam.context().catalog.scan(kRolePolicies, scope)) {
    names.push_back(row.key.substr(scope.size()));
  }
  api::ListRolePoliciesOutput output;
  output.PolicyNames = page(std::move(names), input, output, [](const std::string& name) { return name; });
  return output;
}

api::DeleteRolePolicyOutput delete_role_policy(Iam& iam, Call&,
                                               const api::DeleteRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  const auto row = join(input.RoleName, input.PolicyName);
  if (!iam.context().catalog.get(kRolePolicies, row)) throw no_such_role_policy(input.PolicyName);
  storage::Batch batch;
  batch.remove(kRolePolicies, row);
  commit(iam, std::move(batch));
  return {};
}

api::AttachRolePolicyOutput attach_role_policy(Iam& iam, Call&,
                                               const api::AttachRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  if (!iam.find_policy(input.PolicyArn)) throw policy_not_attachable(input.PolicyArn);
  auto attached = iam.attached(input.RoleName);
  std::erase(attached, input.PolicyArn);  // attaching again is fine
  if (attached.size() >= kMostAttached) {
    throw too_many(fmt::format("Cannot exceed quota for PoliciesPerRole: {}", kMostAttached));
  }
  storage::Batch batch;
  batch.put(kAttachments, join(input.RoleName, input.PolicyArn), "");
  commit(iam, std::move(batch));
  return {};
}

api::DetachRolePolicyOutput detach_role_policy(Iam& iam, Call&,
                                               const api::DetachRolePolicyInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  const auto row = join(input.RoleName, input.PolicyArn);
  if (!iam.context().catalog.get(kAttachments, row)) throw not_attached(input.PolicyArn);
  storage::Batch batch;
  batch.remove(kAttachments, row);
  commit(iam, std::move(batch));
  return {};
}

api::ListAttachedRolePoliciesOutput list_attached_role_policies(
    Iam& iam, Call&, const api::ListAttachedRolePoliciesInput& input) {
  iam.role(input.RoleName);
  std::vector<api::AttachedPolicy> attached;
  for (const auto& arn : iam.attached(input.RoleName)) {
    const auto policy = iam.policy(arn);
    if (!policy.Path->starts_with(input.PathPrefix.value_or("/"))) continue;
    attached.push_back({.PolicyName = policy.PolicyName, .PolicyArn = arn});
  }
  api::ListAttachedRolePoliciesOutput output;
  output.AttachedPolicies = page(std::move(attached), input, output,
                                 [](const api::AttachedPolicy& one) { return *one.PolicyArn; });
  return output;
}

}  // namespace engine::iam
