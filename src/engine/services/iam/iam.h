// IAM as other services see it: roles and managed policies, kept and given back as they were sent.
#pragma once

#include "engine/models/iam.h"
#include "engine/services/context.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// Thread-safe. The rows are the generated shapes, documents in them as sent (the wire has them
/// percent-encoded: see `role_answer` and its like in operations.h).
///
/// Deviation: policies are kept, not enforced: every signed request is allowed.
class Iam {
 public:
  explicit Iam(Context& context) : context_(context) {}

  Context& context() { return context_; }

  std::optional<api::Role> find_role(std::string_view name) const;
  api::Role role(std::string_view name) const;  ///< or NoSuchEntity

  /// The account's own policies and those of AWS (managed.h).
  std::optional<api::Policy> find_policy(std::string_view arn) const;
  api::Policy policy(std::string_view arn) const;  ///< or NoSuchEntity

  /// The versions of a policy of the account's, oldest first.
  std::vector<api::PolicyVersion> versions(std::string_view arn) const;

  /// ARNs of the policies that are attached to the role.
  std::vector<std::string> attached(std::string_view role) const;
  /// Names of the roles that the policy is attached to.
  std::vector<std::string> attached_to(std::string_view policy_arn) const;

  /// Held by every operation that reads and then writes.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  /// "AROA" + 17 characters.
  std::string new_id(std::string_view prefix);
  Timestamp now() const;  ///< in whole seconds

 private:
  Context& context_;
  std::mutex mutex_;
};

// Tables.
inline constexpr std::string_view kRoles = "iam/roles";                ///< name → api::Role
inline constexpr std::string_view kRolePolicies = "iam/role-policies"; ///< role\0policy → document
inline constexpr std::string_view kAttachments = "iam/attachments";    ///< role\0policy ARN → ""
inline constexpr std::string_view kPolicies = "iam/policies";          ///< ARN → api::Policy
inline constexpr std::string_view kVersions = "iam/policy-versions";   ///< ARN\0000001 → api::PolicyVersion
inline constexpr std::string_view kCounters = "iam/policy-counters";   ///< ARN → newest version's number

/// "a\0b": rows of `a` stand together.
std::string join(std::string_view a, std::string_view b);

}  // namespace engine::iam
