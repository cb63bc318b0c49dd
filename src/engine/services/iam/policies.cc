// Managed policies: making, reading, listing, deleting and tagging them.
#include "engine/protocol/json.h"
#include "engine/services/iam/managed.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"
#include "engine/services/iam/versions.h"

namespace engine::iam {
namespace {

void store(Iam& iam, const api::Policy& policy, storage::Batch batch = {}) {
  batch.put(kPolicies, *policy.Arn, to_json(policy));
  iam.context().catalog.commit(std::move(batch));
}

/// Reads, changes and writes a policy of the account's.
template <class F>
void change(Iam& iam, std::string_view arn, F&& use) {
  const auto alone = iam.lock();
  const auto row = iam.context().catalog.get(kPolicies, arn);
  if (!row) throw no_such_policy(arn);
  auto policy = from_json<api::Policy>(*row);
  use(policy);
  store(iam, policy);
}

// Names are unique over all paths.
bool name_is_taken(Iam& iam, std::string_view name) {
  for (const auto& row : iam.context().catalog.scan(kPolicies)) {
    if (std::string_view(row.key).substr(row.key.rfind('/') + 1) == name) return true;
  }
  return false;
}

std::vector<api::Policy> policies_of_scope(Iam& iam, std::string_view scope) {
  std::vector<api::Policy> policies;
  if (scope != "AWS") {
    for (const auto& row : iam.context().catalog.scan(kPolicies)) policies.push_back(iam.policy(row.key));
  }
  if (scope != "Local") {
    for (const auto arn : known_managed_policies()) policies.push_back(iam.policy(arn));
  }
  return policies;
}

}  // namespace

api::CreatePolicyOutput create_policy(Iam& iam, Call&, const api::CreatePolicyInput& input) {
  check_document(input.PolicyDocument);
  api::Policy policy;
  policy.PolicyName = input.PolicyName;
  policy.Path = input.Path.value_or("/");
  policy.PolicyId = iam.new_id("ANPA");
  policy.Arn = fmt::format("arn:aws:iam::{}:policy{}{}", iam.context().account, *policy.Path,
                           input.PolicyName);
  policy.DefaultVersionId = "v1";
  policy.IsAttachable = true;
  policy.Description = input.Description;
  policy.CreateDate = iam.now();
  policy.UpdateDate = policy.CreateDate;
  if (input.Tags) add_tags(policy.Tags, *input.Tags);

  const auto alone = iam.lock();
  if (name_is_taken(iam, input.PolicyName)) throw policy_exists(input.PolicyName);
  storage::Batch batch;
  add_version(batch, *policy.Arn, 1, input.PolicyDocument, *policy.CreateDate);
  store(iam, policy, std::move(batch));
  return {.Policy = iam.policy(*policy.Arn)};
}

api::GetPolicyOutput get_policy(Iam& iam, Call&, const api::GetPolicyInput& input) {
  return {.Policy = iam.policy(input.PolicyArn)};
}

api::ListPoliciesOutput list_policies(Iam& iam, Call&, const api::ListPoliciesInput& input) {
  auto policies = policies_of_scope(iam, input.Scope.value_or("All"));
  std::erase_if(policies, [&](const api::Policy& policy) {
    return !policy.Path->starts_with(input.PathPrefix.value_or("/")) ||
           (input.OnlyAttached.value_or(false) && policy.AttachmentCount == 0);
  });
  for (auto& policy : policies) {
    policy.Tags.reset();  // a list leaves out what GetPolicy tells
    policy.Description.reset();
  }
  api::ListPoliciesOutput output;
  output.Policies = page(std::move(policies), input, output,
                         [](const api::Policy& policy) { return *policy.Arn; });
  return output;
}

api::DeletePolicyOutput delete_policy(Iam& iam, Call&, const api::DeletePolicyInput& input) {
  const auto alone = iam.lock();
  auto& catalog = iam.context().catalog;
  if (!catalog.get(kPolicies, input.PolicyArn)) throw no_such_policy(input.PolicyArn);
  if (iam.policy(input.PolicyArn).AttachmentCount > 0) {
    throw delete_conflict("Cannot delete a policy attached to entities.");
  }
  const auto versions = catalog.scan(kVersions, join(input.PolicyArn, ""));
  if (versions.size() > 1) {
    throw delete_conflict("This policy has more than one version. Before you delete a policy, you must "
                          "delete the policy's versions. The default version is deleted with the policy.");
  }
  storage::Batch batch;
  for (const auto& version : versions) batch.remove(kVersions, version.key);
  batch.remove(kCounters, input.PolicyArn);
  batch.remove(kPolicies, input.PolicyArn);
  catalog.commit(std::move(batch));
  return {};
}

api::TagPolicyOutput tag_policy(Iam& iam, Call&, const api::TagPolicyInput& input) {
  change(iam, input.PolicyArn, [&](api::Policy& policy) { add_tags(policy.Tags, input.Tags); });
  return {};
}

api::UntagPolicyOutput untag_policy(Iam& iam, Call&, const api::UntagPolicyInput& input) {
  change(iam, input.PolicyArn, [&](api::Policy& policy) { remove_tags(policy.Tags, input.TagKeys); });
  return {};
}

api::ListPolicyTagsOutput list_policy_tags(Iam& iam, Call&, const api::ListPolicyTagsInput& input) {
  api::ListPolicyTagsOutput output;
  output.Tags = page(iam.policy(input.PolicyArn).Tags.value_or(std::vector<api::Tag>()), input, output,
                     [](const api::Tag& tag) { return tag.Key; });
  return output;
}

api::ListEntitiesForPolicyOutput list_entities_for_policy(
    Iam& iam, Call&, const api::ListEntitiesForPolicyInput& input) {
  iam.policy(input.PolicyArn);
  std::vector<api::PolicyRole> roles;
  for (const auto& name : iam.attached_to(kOfRoles, input.PolicyArn)) {
    const auto role = iam.role(name);
    if (!role.Path.starts_with(input.PathPrefix.value_or("/"))) continue;
    roles.push_back({.RoleName = role.RoleName, .RoleId = role.RoleId});
  }
  std::vector<api::PolicyUser> users;
  for (const auto& name : iam.attached_to(kOfUsers, input.PolicyArn)) {
    const auto user = iam.user(name);
    if (!user.Path.starts_with(input.PathPrefix.value_or("/"))) continue;
    users.push_back({.UserName = user.UserName, .UserId = user.UserId});
  }
  const auto filter = input.EntityFilter.value_or("");
  if (filter == "User" || filter == "Group") roles.clear();
  if (filter == "Role" || filter == "Group") users.clear();
  api::ListEntitiesForPolicyOutput output;
  output.PolicyGroups.emplace();
  output.PolicyUsers = std::move(users);  // on the first page, all of them
  if (input.Marker) output.PolicyUsers->clear();
  output.PolicyRoles = page(std::move(roles), input, output,
                            [](const api::PolicyRole& role) { return *role.RoleName; });
  return output;
}

}  // namespace engine::iam
