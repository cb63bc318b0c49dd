// GetCallerIdentity.
#include "engine/services/sts/sts.h"

namespace engine::sts {

// The root's user id is the account's number; another principal's stands behind the last part of its ARN.
api::GetCallerIdentityOutput get_caller_identity(Call& call, const api::GetCallerIdentityInput&) {
  const bool root = call.principal_arn.ends_with(":root");
  const auto name = call.principal_arn.substr(call.principal_arn.rfind('/') + 1);
  return {.UserId = root ? call.account : name, .Account = call.account, .Arn = call.principal_arn};
}

}  // namespace engine::sts
