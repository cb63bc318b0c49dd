// IAM as other services see it: users, roles and policies, kept and given back as they were sent, and who may do what.
#pragma once

#include "engine/models/iam.h"
#include "engine/protocol/identity.h"
#include "engine/services/context.h"
#include "engine/services/iam/access/evaluate.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// Where the policies of one kind of holder stand: name\0policy → document, name\0ARN → "".
struct Holders {
  std::string_view inlined, attached;
  std::string_view word;   ///< "role"
  std::string_view quota;  ///< "PoliciesPerRole"
};

/// Thread-safe. The rows are the generated shapes, documents in them as sent (the wire has them
/// percent-encoded: see `role_answer` and its like in operations.h).
class Iam {
 public:
  /// `session_secret` is what temporary keys are made with: whoever knows it can make them.
  explicit Iam(Context& context, std::string session_secret = {})
      : context_(context), session_secret_(std::move(session_secret)) {}

  Context& context() { return context_; }
  const Context& context() const { return context_; }

  std::optional<api::Role> find_role(std::string_view name) const;
  api::Role role(std::string_view name) const;  ///< or NoSuchEntity

  /// The account's own policies and those of AWS (managed.h).
  std::optional<api::Policy> find_policy(std::string_view arn) const;
  api::Policy policy(std::string_view arn) const;  ///< or NoSuchEntity

  /// The versions of a policy of the account's, oldest first.
  std::vector<api::PolicyVersion> versions(std::string_view arn) const;

  std::optional<api::User> find_user(std::string_view name) const;
  api::User user(std::string_view name) const;  ///< or NoSuchEntity

  /// ARNs of the policies that are attached to the role, or the user.
  std::vector<std::string> attached(const Holders& holders, std::string_view name) const;
  /// Names of the roles, or users, that the policy is attached to.
  std::vector<std::string> attached_to(const Holders& holders, std::string_view policy_arn) const;

  /// Whom a key belongs to that isn't the root's; see IdentitySource.
  std::optional<Identity> identity(const std::string& access_key_id, const std::string& token) const;
  /// As GetCallerIdentity tells it.
  std::string user_id(std::string_view principal_arn) const;
  const std::string& session_secret() const { return session_secret_; }

  /// What the policies say of a role or user, and of a session of it, which `session_policy` bounds. A policy
  /// whose document we don't have (managed.h) allows nothing.
  Say say_of(const Holders& holders, std::string_view name, std::string_view session_policy = {}) const;
  /// The same, of the user or role whose ARN, or session's ARN, that is.
  Say say_of_caller(std::string_view arn, std::string_view session_policy = {}) const;

  /// Held by every operation that reads and then writes.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  /// "AROA" + 17 characters.
  std::string new_id(std::string_view prefix);
  Timestamp now() const;  ///< in whole seconds

 private:
  Context& context_;
  const std::string session_secret_;
  std::mutex mutex_;
};

// Tables.
inline constexpr std::string_view kRoles = "iam/roles";                ///< name → api::Role
inline constexpr std::string_view kRolePolicies = "iam/role-policies"; ///< role\0policy → document
inline constexpr std::string_view kAttachments = "iam/attachments";    ///< role\0policy ARN → ""
inline constexpr std::string_view kPolicies = "iam/policies";          ///< ARN → api::Policy
inline constexpr std::string_view kVersions = "iam/policy-versions";   ///< ARN\0000001 → api::PolicyVersion
inline constexpr std::string_view kCounters = "iam/policy-counters";   ///< ARN → newest version's number
inline constexpr std::string_view kUsers = "iam/users";                ///< name → api::User
inline constexpr std::string_view kUserPolicies = "iam/user-policies"; ///< user\0policy → document
inline constexpr std::string_view kUserAttachments = "iam/user-attachments";  ///< user\0policy ARN → ""
inline constexpr std::string_view kAccessKeys = "iam/access-keys";     ///< id → api::AccessKey

inline constexpr Holders kOfRoles{kRolePolicies, kAttachments, "role", "PoliciesPerRole"};
inline constexpr Holders kOfUsers{kUserPolicies, kUserAttachments, "user", "PoliciesPerUser"};

/// "a\0b": rows of `a` stand together.
std::string join(std::string_view a, std::string_view b);

}  // namespace engine::iam
