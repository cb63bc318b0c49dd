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

/// Held against every call of a key that isn't the root's. Thread-safe.
class Guard {
 public:
  Guard(const Iam& iam, Enforcement enforcement, Lookup lookup, ResourcePolicies resource_policies = {})
      : iam_(iam), enforcement_(enforcement), lookup_(std::move(lookup)), resource_policies_(std::move(resource_policies)) {}

  /// Throws AccessDeniedException, in the words of the service, for what isn't allowed. Who sends no signature is
  /// held to the resource's policy whatever the enforcement.
  void check(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
             const void* input) const;

 private:
  const Iam& iam_;
  const Enforcement enforcement_;
  const Lookup lookup_;
  const ResourcePolicies resource_policies_;
};

}  // namespace engine::iam
