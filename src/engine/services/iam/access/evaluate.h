// Whether policies allow a request.
// Source: "Policy evaluation logic" in AWS's IAM User Guide, for one account: an explicit deny anywhere
// wins; else an identity's or a resource's policy must allow, and what bounds the identity must as well.
#pragma once

#include "engine/services/iam/access/condition.h"
#include "engine/services/iam/access/policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// What is asked: one action on one resource.
struct AccessRequest {
  std::string action;     ///< "kinesis:PutRecords"
  std::string resource;   ///< an ARN, or "*" for actions that know none
  Facts facts;
  /// Who asks, as a Principal element may name it: first its ARN, then its role's; or a service's name. None of
  /// who sends no signature.
  std::vector<std::string> principals;
  /// Names of its account: a statement that denies means all in it, one that allows leaves it to their own policies.
  std::vector<std::string> account = {};
};

struct NamedPolicy {
  std::string name;  ///< an ARN or an inline policy's name
  Policy policy;
};

enum class Verdict { kAllowed, kNotAllowed, kDenied };  ///< not allowed: nobody says anything

struct Decision {
  Verdict verdict = Verdict::kNotAllowed;
  std::string policy;  ///< whose statement decided; "" when none did
  std::string sid;     ///< of that statement, or its number from 1
  std::string kind;    ///< "identity-based policy", "permissions boundary", … that denied or didn't allow
  bool to_caller = false;  ///< the statement allows it to the very ARN that asks, which no boundary bounds
  bool allowed() const { return verdict == Verdict::kAllowed; }
};

/// The policies of one kind by themselves.
Decision evaluate(const std::vector<NamedPolicy>& policies, const AccessRequest& request);

/// All that has a say. What isn't there bounds nothing.
struct Say {
  std::vector<NamedPolicy> identity;
  std::optional<std::vector<NamedPolicy>> boundary;  ///< of the user or role
  std::optional<std::vector<NamedPolicy>> session;   ///< handed over when the role was assumed
  std::vector<NamedPolicy> resource;
};

Decision decide(const Say& say, const AccessRequest& request);

}  // namespace engine::iam
