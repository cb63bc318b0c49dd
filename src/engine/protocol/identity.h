// Whom an access key belongs to.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace engine {

struct Identity {
  enum class Kind { kRoot, kUser, kRole, kAnonymous };  ///< anonymous: an unsigned request to S3

  Kind kind = Kind::kRoot;
  std::string name;            ///< of the user or the role
  std::string arn;             ///< as GetCallerIdentity tells it: a role's is that of its session
  std::string secret;          ///< the key's
  std::string session_policy;  ///< a document that bounds a session; "" when there is none
  bool temporary = false;      ///< the key is good with its token only
  bool expired = false;
};

/// What belongs to an access key and the token that came with it; nothing when the key isn't known, or the
/// token isn't the key's.
using IdentitySource =
    std::function<std::optional<Identity>(const std::string& access_key_id, const std::string& token)>;

}  // namespace engine
