// What a service asks before it acts in a role's name, and what a program that it starts for a role is given.
#pragma once

#include "lib/base/clock.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// Who acts: a service, in a role that was handed to it.
struct Actor {
  std::string role;     ///< "arn:aws:iam::1:role/delivery"
  std::string service;  ///< whom the role must trust: "firehose.amazonaws.com"
  std::string session;  ///< what the role's session is called: "AWSFirehoseToS3"
};

/// In front of the name of a session whose token is good for one thing: to ask for keys of the session without it.
inline constexpr const char* kAskingMark = "!";

/// Temporary keys of a role's session.
struct RoleKeys {
  std::string access_key_id, secret_access_key, session_token;
  base::Timestamp expires;  ///< on the wall clock
};

/// What conditions may ask of a deed: keys in small letters ("iam:passedtoservice") and their values.
using ActFacts = std::map<std::string, std::string, std::less<>>;

/// IAM, as services ask it. Thread-safe. Where policies are only logged, or not looked at, nothing is refused.
class Authority {
 public:
  virtual ~Authority() = default;

  /// Whether the role is there and trusts the service: what AWS looks at when a role is handed over.
  virtual bool may_assume(std::string_view role, std::string_view service) const = 0;

  /// Throws AwsError AccessDenied, in AWS's sentence, unless the role's policies, or the resource's, allow that. The
  /// log names the statement that is missing.
  virtual void require(const Actor& actor, std::string_view action, std::string_view resource,
                       const ActFacts& facts = {}) const = 0;

  /// The same for a service that comes in its own name, on behalf of `source` ("arn:aws:events:…:rule/five"): the
  /// policy of the resource must allow it.
  virtual void require_of_resource(std::string_view service, std::string_view source, std::string_view action,
                                   std::string_view resource) const = 0;

  /// Keys for a program that is started in that role; nothing for what isn't a role's ARN.
  virtual std::optional<RoleKeys> keys(const Actor& actor, std::chrono::seconds lifetime) const = 0;
};

}  // namespace engine
