// Temporary keys: sessions of a role, or of a user. Nothing of them is stored: the token tells whose they are,
// until when, and what bounds them, and is sealed with the engine's secret, which the key's own is made from.
#pragma once

#include "engine/services/iam/iam.h"

#include <chrono>
#include <string>
#include <string_view>

namespace engine::iam {

struct Session {
  std::string access_key_id;  ///< "ASIA…"
  std::string secret;
  std::string token;
  Timestamp expires;  ///< on the wall clock, as clients judge it
};

/// What a session is of.
struct SessionOf {
  std::string arn;     ///< the session's: "arn:aws:sts::1:assumed-role/brewer/monday", or the user's
  std::string policy;  ///< bounds it; "" for none
  std::chrono::seconds lifetime{3600};
};

Session make_session(Iam& iam, const SessionOf& of, Timestamp now);

/// What the token seals, when it is the key's; its lifetime is what is left of it, 0 when it is over.
std::optional<SessionOf> open_session(const Iam& iam, std::string_view access_key_id, std::string_view token,
                                      Timestamp now);
/// The secret of a temporary key.
std::string session_key_secret(const Iam& iam, std::string_view access_key_id);

/// What a role is assumed with; `policy` bounds the session, "" for none.
struct AssumeRole {
  std::string role_arn, session_name, policy, external_id;
  std::chrono::seconds lifetime{3600};
};
/// A new session of the role, when its trust policy, and the caller's own policies where it leaves it to them, allow
/// it. Throws AccessDenied, also for a role that isn't there, ValidationError, or MalformedPolicyDocument.
Session assume_role(Iam& iam, const AssumeRole& wanted, std::string_view caller_arn);

}  // namespace engine::iam
