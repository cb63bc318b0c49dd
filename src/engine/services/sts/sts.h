// STS: who calls, and temporary keys. It has no state: the gateway knows the caller before the operation runs, and
// IAM makes the keys.
#pragma once

#include "engine/models/sts.h"
#include "engine/protocol/operation.h"

#include <functional>
#include <string>

namespace engine::sts {

/// What a session is asked for with.
struct Wanted {
  std::string role_arn, session_name;  ///< "" for a session of the caller itself
  std::string policy;                  ///< bounds it; "" for none
  std::string external_id;
  std::chrono::seconds lifetime;
};

/// IAM, as far as STS needs it.
struct Sessions {
  std::function<api::Credentials(const Wanted&, const std::string& caller_arn)> make;
  std::function<std::string(const std::string& arn)> user_id;
};

api::GetCallerIdentityOutput get_caller_identity(const Sessions&, Call&, const api::GetCallerIdentityInput&);
api::AssumeRoleOutput assume_role(const Sessions&, Call&, const api::AssumeRoleInput&);
api::GetSessionTokenOutput get_session_token(const Sessions&, Call&, const api::GetSessionTokenInput&);

}  // namespace engine::sts
