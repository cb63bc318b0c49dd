// GetCallerIdentity, AssumeRole, GetSessionToken.
#include "engine/services/sts/sts.h"

#include "engine/protocol/error.h"

#include <fmt/format.h>

namespace engine::sts {
namespace {

constexpr std::int64_t kRoleSeconds = 3600, kTokenSeconds = 43'200, kRootSeconds = 3600;

bool is_session(const std::string& arn) { return arn.find(":assumed-role/") != std::string::npos; }

/// Deviation: there are no MFA devices.
void refuse_mfa(const auto& input) {
  if (!input.SerialNumber && !input.TokenCode) return;
  throw AwsError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", 403);
}

}  // namespace

api::GetCallerIdentityOutput get_caller_identity(const Sessions& sessions, Call& call,
                                                 const api::GetCallerIdentityInput&) {
  return {.UserId = sessions.user_id(call.principal_arn), .Account = call.account, .Arn = call.principal_arn};
}

api::AssumeRoleOutput assume_role(const Sessions& sessions, Call& call, const api::AssumeRoleInput& input) {
  refuse_mfa(input);
  if (input.PolicyArns && !input.PolicyArns->empty()) {
    throw AwsError("ValidationError", "This engine takes no PolicyArns: hand over the policy itself, by Policy.");
  }
  const Wanted wanted{.role_arn = input.RoleArn,
                      .session_name = input.RoleSessionName,
                      .policy = input.Policy.value_or(""),
                      .external_id = input.ExternalId.value_or(""),
                      .lifetime = std::chrono::seconds(input.DurationSeconds.value_or(kRoleSeconds))};
  // A role that assumes a role does so for an hour at most.
  if (is_session(call.principal_arn) && wanted.lifetime > std::chrono::seconds(kRoleSeconds)) {
    throw AwsError("ValidationError",
                   "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
  }
  api::AssumeRoleOutput output;
  output.Credentials = sessions.make(wanted, call.principal_arn);
  const auto name = wanted.role_arn.substr(wanted.role_arn.rfind('/') + 1);
  const auto arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", call.account, name, wanted.session_name);
  output.AssumedRoleUser = {.AssumedRoleId = sessions.user_id(arn), .Arn = arn};
  return output;
}

api::GetSessionTokenOutput get_session_token(const Sessions& sessions, Call& call,
                                             const api::GetSessionTokenInput& input) {
  refuse_mfa(input);
  if (is_session(call.principal_arn)) {
    throw AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
  }
  const bool root = call.principal_arn.ends_with(":root");
  std::int64_t seconds = input.DurationSeconds.value_or(kTokenSeconds);
  if (root) seconds = std::min(seconds, kRootSeconds);
  return {.Credentials = sessions.make({.lifetime = std::chrono::seconds(seconds)}, call.principal_arn)};
}

}  // namespace engine::sts
