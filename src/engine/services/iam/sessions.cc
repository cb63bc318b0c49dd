// Temporary keys: sessions of a role, or of a user.
#include "engine/services/iam/sessions.h"

#include "engine/services/iam/access/policy.h"
#include "engine/services/iam/errors.h"
#include "engine/services/iam/principal.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

namespace engine::iam {
namespace {

namespace json = boost::json;

constexpr std::size_t kSecretBytes = 30;  // 40 characters, as AWS's

std::string seal(const Iam& iam, std::string_view what) {
  return base::to_hex(base::hmac_sha256(iam.session_secret(), "token:" + std::string(what)));
}

AwsError not_trusted(std::string_view caller, std::string_view role) {
  return {"AccessDenied", fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", caller, role), 403};
}

/// A role that trusts its account leaves it to the policies of who asks; one that names them does not ask further.
bool is_trusted(const Iam& iam, const api::Role& role, AccessRequest asked, std::string_view caller) {
  const std::vector<NamedPolicy> trust{
      {role.RoleName, parse_policy(role.AssumeRolePolicyDocument.value_or("{}"), PolicyKind::kTrust)}};
  const bool root = caller.ends_with(":root");
  const auto names = principal_names(caller, iam.context().account);
  asked.principals = names.account;
  asked.principals.insert(asked.principals.end(), names.own.begin(), names.own.end());
  const Decision trusted = evaluate(trust, asked);
  if (!trusted.allowed()) return false;
  if (root) return true;
  const Decision own = decide(iam.say_of_caller(caller), asked);
  if (own.verdict == Verdict::kDenied) return false;
  asked.principals = names.own;
  return own.allowed() || evaluate(trust, asked).allowed();
}

}  // namespace

std::string session_key_secret(const Iam& iam, std::string_view access_key_id) {
  const std::string made = base::hmac_sha256(iam.session_secret(), "secret:" + std::string(access_key_id));
  return base::to_base64(made.substr(0, kSecretBytes));
}

Session make_session(Iam& iam, const SessionOf& of, Timestamp now) {
  Session session;
  session.access_key_id = iam.new_id("ASIA").substr(0, 20);
  session.secret = session_key_secret(iam, session.access_key_id);
  session.expires = std::chrono::floor<std::chrono::seconds>(now) + of.lifetime;
  const std::string content = json::serialize(json::value{
      {"key", session.access_key_id}, {"arn", of.arn}, {"policy", of.policy},
      {"expires", session.expires.time_since_epoch().count()}});
  session.token = base::to_base64(content) + "." + seal(iam, content);
  return session;
}

std::optional<SessionOf> open_session(const Iam& iam, std::string_view access_key_id, std::string_view token,
                                      Timestamp now) {
  const auto dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto content = base::from_base64(token.substr(0, dot));
  // Of the spellings of one content base64 has several; a token has one.
  if (!content || base::to_base64(*content) != token.substr(0, dot)) return std::nullopt;
  if (!base::constant_time_equal(seal(iam, *content), token.substr(dot + 1))) return std::nullopt;
  // Sealed by us, so it has the form we gave it.
  const json::value parsed = json::parse(*content);
  if (parsed.at("key").as_string() != access_key_id) return std::nullopt;
  const Timestamp expires{base::Milliseconds{parsed.at("expires").to_number<std::int64_t>()}};
  SessionOf of;
  of.arn = parsed.at("arn").as_string();
  of.policy = parsed.at("policy").as_string();
  of.lifetime = std::max(std::chrono::seconds(0), std::chrono::ceil<std::chrono::seconds>(expires - now));
  return of;
}

// Deviation: the root may assume a role that trusts its account; AWS never lets it.
Session assume_role(Iam& iam, const AssumeRole& wanted, std::string_view caller_arn) {
  const auto name = role_name(wanted.role_arn);
  const auto role = name ? iam.find_role(*name) : std::nullopt;
  // Who may not know which roles there are gets the same answer.
  if (!role || role->Arn != wanted.role_arn) throw not_trusted(caller_arn, wanted.role_arn);
  if (wanted.lifetime > std::chrono::seconds(role->MaxSessionDuration.value_or(3600))) {
    throw AwsError("ValidationError",
                   "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  if (!wanted.policy.empty()) parse_policy(wanted.policy, PolicyKind::kIdentity);
  AccessRequest asked{.action = "sts:AssumeRole", .resource = role->Arn};
  asked.facts["aws:principalarn"] = {std::string(caller_arn)};
  asked.facts["sts:rolesessionname"] = {wanted.session_name};
  if (!wanted.external_id.empty()) asked.facts["sts:externalid"] = {wanted.external_id};
  if (!is_trusted(iam, *role, std::move(asked), caller_arn)) throw not_trusted(caller_arn, wanted.role_arn);
  const SessionOf of{.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", iam.context().account, role->RoleName,
                                        wanted.session_name),
                     .policy = wanted.policy,
                     .lifetime = wanted.lifetime};
  return make_session(iam, of, base::system_clock().now());
}

}  // namespace engine::iam
