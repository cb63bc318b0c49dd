// May this caller do that?
#pragma once

#include "engine/protocol/identity.h"
#include "engine/protocol/operation.h"
#include "engine/services/iam/access/actions.h"
#include "engine/services/iam/iam.h"

namespace engine::iam {

/// What becomes of a call that no policy allows.
enum class Enforcement {
  kEnforce,  ///< it is refused
  kLog,      ///< it is let through, and the log says what would have been missing
  kOff       ///< nobody looks
};

/// The policy of a resource, by the ARN of what is asked for (an object's is its bucket's).
struct ResourcePolicy {
  std::string document;
  PolicyKind kind = PolicyKind::kResource;  ///< kTrust for those that name no resource: ECR's
  bool restricted = false;  ///< S3's RestrictPublicBuckets: what it allows to everyone, it allows to nobody outside
};
using ResourcePolicies = std::function<std::optional<ResourcePolicy>(const std::string& arn)>;

/// The same, read. One that can't be read allows nothing, and the log says so.
std::vector<NamedPolicy> read_resource_policy(const ResourcePolicies& policies, const std::string& arn, bool anonymous);

/// What a role was let do, or was refused.
struct Deed {
  std::string role, action, resource;
  bool allowed = false;
  auto operator<=>(const Deed&) const = default;
};

/// Held against every call of a key that isn't the root's. Thread-safe.
class Guard {
 public:
  /// `authority` is asked about roles that are handed over; nobody is when there is none. `note` is told what sessions
  /// of roles ask for.
  Guard(const Iam& iam, Enforcement enforcement, Lookup lookup, ResourcePolicies resource_policies = {},
        const Authority* authority = nullptr, std::function<void(Deed)> note = {})
      : iam_(iam), enforcement_(enforcement), lookup_(std::move(lookup)),
        resource_policies_(std::move(resource_policies)), authority_(authority), note_(std::move(note)) {}

  /// Throws AccessDeniedException, in the words of the service, for what isn't allowed. Who sends no signature is
  /// held to the resource's policy whatever the enforcement. A role that the service can't take on is refused to all,
  /// the root among them.
  void check(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
             const void* input) const;

 private:
  void check_caller(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
                    const void* input) const;

  const Iam& iam_;
  const Enforcement enforcement_;
  const Lookup lookup_;
  const ResourcePolicies resource_policies_;
  const Authority* const authority_;
  const std::function<void(Deed)> note_;
};

}  // namespace engine::iam
