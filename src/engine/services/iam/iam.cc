// The rows of roles and policies.
#include "engine/services/iam/iam.h"

#include "engine/protocol/json.h"
#include "engine/services/iam/errors.h"
#include "engine/services/iam/managed.h"

#include <algorithm>

namespace engine::iam {

std::string join(std::string_view a, std::string_view b) {
  std::string text(a);
  text += '\0';
  return text.append(b);
}

std::optional<api::Role> Iam::find_role(std::string_view name) const {
  const auto row = context_.catalog.get(kRoles, name);
  if (!row) return std::nullopt;
  return from_json<api::Role>(*row);
}

api::Role Iam::role(std::string_view name) const {
  auto role = find_role(name);
  if (!role) throw no_such_role(name);
  return std::move(*role);
}

std::optional<api::Policy> Iam::find_policy(std::string_view arn) const {
  std::optional<api::Policy> policy = managed_policy(arn);
  if (!policy) {
    const auto row = context_.catalog.get(kPolicies, arn);
    if (!row) return std::nullopt;
    policy = from_json<api::Policy>(*row);
  }
  policy->AttachmentCount =
      static_cast<std::int64_t>(attached_to(kOfRoles, arn).size() + attached_to(kOfUsers, arn).size());
  policy->PermissionsBoundaryUsageCount = 0;
  return policy;
}

api::Policy Iam::policy(std::string_view arn) const {
  auto policy = find_policy(arn);
  if (!policy) throw no_such_policy(arn);
  return std::move(*policy);
}

std::vector<api::PolicyVersion> Iam::versions(std::string_view arn) const {
  std::vector<api::PolicyVersion> versions;
  for (const auto& row : context_.catalog.scan(kVersions, join(arn, ""))) {
    versions.push_back(from_json<api::PolicyVersion>(row.value));
  }
  return versions;
}

std::optional<api::User> Iam::find_user(std::string_view name) const {
  const auto row = context_.catalog.get(kUsers, name);
  if (!row) return std::nullopt;
  return from_json<api::User>(*row);
}

api::User Iam::user(std::string_view name) const {
  auto user = find_user(name);
  if (!user) throw no_such_user(name);
  return std::move(*user);
}

std::vector<std::string> Iam::attached(const Holders& holders, std::string_view name) const {
  const std::string scope = join(name, "");
  std::vector<std::string> arns;
  for (const auto& row : context_.catalog.scan(holders.attached, scope)) {
    arns.push_back(row.key.substr(scope.size()));
  }
  return arns;
}

std::vector<std::string> Iam::attached_to(const Holders& holders, std::string_view policy_arn) const {
  std::vector<std::string> names;
  for (const auto& row : context_.catalog.scan(holders.attached)) {
    const auto zero = row.key.find('\0');
    if (std::string_view(row.key).substr(zero + 1) == policy_arn) names.push_back(row.key.substr(0, zero));
  }
  return names;
}

std::string Iam::new_id(std::string_view prefix) {
  std::string id = context_.ids.alnum(17);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
  return std::string(prefix) + id;
}

Timestamp Iam::now() const { return std::chrono::floor<std::chrono::seconds>(context_.clock.now()); }

}  // namespace engine::iam
