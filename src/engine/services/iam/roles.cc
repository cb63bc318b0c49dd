// Roles: making, reading, changing, deleting and tagging them.
#include "engine/protocol/json.h"
#include "engine/services/iam/holders.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {
namespace {

void store(Iam& iam, const api::Role& role) {
  storage::Batch batch;
  batch.put(kRoles, role.RoleName, to_json(role));
  iam.context().catalog.commit(std::move(batch));
}

/// Reads, changes and writes a role.
template <class F>
void change(Iam& iam, std::string_view name, F&& use) {
  const auto alone = iam.lock();
  auto role = iam.role(name);
  use(role);
  store(iam, role);
}

api::Role answer(api::Role role) {
  if (role.AssumeRolePolicyDocument) {
    role.AssumeRolePolicyDocument = document_answer(*role.AssumeRolePolicyDocument);
  }
  return role;
}

}  // namespace

api::CreateRoleOutput create_role(Iam& iam, Call&, const api::CreateRoleInput& input) {
  check_document(input.AssumeRolePolicyDocument, PolicyKind::kTrust);
  api::Role role;
  role.Path = input.Path.value_or("/");
  role.RoleName = input.RoleName;
  role.RoleId = iam.new_id("AROA");
  role.Arn = fmt::format("arn:aws:iam::{}:role{}{}", iam.context().account, role.Path, role.RoleName);
  role.CreateDate = iam.now();
  role.AssumeRolePolicyDocument = input.AssumeRolePolicyDocument;
  role.Description = input.Description;
  role.MaxSessionDuration = input.MaxSessionDuration.value_or(3600);
  if (input.PermissionsBoundary) {
    iam.policy(*input.PermissionsBoundary);
    role.PermissionsBoundary = {.PermissionsBoundaryType = "Policy",
                                .PermissionsBoundaryArn = input.PermissionsBoundary};
  }
  if (input.Tags) add_tags(role.Tags, *input.Tags);

  const auto alone = iam.lock();
  if (iam.find_role(role.RoleName)) throw role_exists(role.RoleName);
  store(iam, role);
  return {.Role = answer(std::move(role))};
}

api::GetRoleOutput get_role(Iam& iam, Call&, const api::GetRoleInput& input) {
  auto role = answer(iam.role(input.RoleName));
  role.RoleLastUsed.emplace();
  return {.Role = std::move(role)};
}

api::ListRolesOutput list_roles(Iam& iam, Call&, const api::ListRolesInput& input) {
  std::vector<api::Role> roles;
  for (const auto& row : iam.context().catalog.scan(kRoles)) {
    auto role = from_json<api::Role>(row.value);
    if (!role.Path.starts_with(input.PathPrefix.value_or("/"))) continue;
    role.Tags.reset();  // a list leaves out what GetRole tells
    role.PermissionsBoundary.reset();
    roles.push_back(answer(std::move(role)));
  }
  api::ListRolesOutput output;
  output.Roles = page(std::move(roles), input, output, [](const api::Role& role) { return role.RoleName; });
  return output;
}

api::UpdateRoleOutput update_role(Iam& iam, Call&, const api::UpdateRoleInput& input) {
  change(iam, input.RoleName, [&](api::Role& role) {
    if (input.Description) role.Description = input.Description;
    if (input.MaxSessionDuration) role.MaxSessionDuration = input.MaxSessionDuration;
  });
  return {};
}

api::UpdateRoleDescriptionOutput update_role_description(
    Iam& iam, Call&, const api::UpdateRoleDescriptionInput& input) {
  change(iam, input.RoleName, [&](api::Role& role) { role.Description = input.Description; });
  return {.Role = answer(iam.role(input.RoleName))};
}

api::UpdateAssumeRolePolicyOutput update_assume_role_policy(
    Iam& iam, Call&, const api::UpdateAssumeRolePolicyInput& input) {
  check_document(input.PolicyDocument, PolicyKind::kTrust);
  change(iam, input.RoleName,
         [&](api::Role& role) { role.AssumeRolePolicyDocument = input.PolicyDocument; });
  return {};
}

api::DeleteRoleOutput delete_role(Iam& iam, Call&, const api::DeleteRoleInput& input) {
  const auto alone = iam.lock();
  iam.role(input.RoleName);
  check_holds_nothing(iam, kOfRoles, input.RoleName);
  storage::Batch batch;
  batch.remove(kRoles, input.RoleName);
  iam.context().catalog.commit(std::move(batch));
  return {};
}

api::TagRoleOutput tag_role(Iam& iam, Call&, const api::TagRoleInput& input) {
  change(iam, input.RoleName, [&](api::Role& role) { add_tags(role.Tags, input.Tags); });
  return {};
}

api::UntagRoleOutput untag_role(Iam& iam, Call&, const api::UntagRoleInput& input) {
  change(iam, input.RoleName, [&](api::Role& role) { remove_tags(role.Tags, input.TagKeys); });
  return {};
}

api::ListRoleTagsOutput list_role_tags(Iam& iam, Call&, const api::ListRoleTagsInput& input) {
  api::ListRoleTagsOutput output;
  output.Tags = page(iam.role(input.RoleName).Tags.value_or(std::vector<api::Tag>()), input, output,
                     [](const api::Tag& tag) { return tag.Key; });
  return output;
}

// Deviation: there are no instance profiles.
api::ListInstanceProfilesForRoleOutput list_instance_profiles_for_role(
    Iam& iam, Call&, const api::ListInstanceProfilesForRoleInput& input) {
  iam.role(input.RoleName);
  api::ListInstanceProfilesForRoleOutput output;
  output.IsTruncated = false;
  return output;
}

}  // namespace engine::iam
