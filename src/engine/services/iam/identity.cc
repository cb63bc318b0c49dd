// Whom a key belongs to, and what the policies say of them.
#include "engine/protocol/json.h"
#include "engine/services/iam/iam.h"
#include "engine/services/iam/managed.h"
#include "engine/services/iam/principal.h"
#include "engine/services/iam/sessions.h"
#include "lib/base/log.h"

namespace engine::iam {
namespace {

/// The document that counts now; nothing for one of AWS's that we don't have.
std::optional<std::string> document_of(const Iam& iam, const std::string& arn) {
  if (const auto known = managed_document(arn)) return std::string(*known);
  const auto row = iam.context().catalog.get(kPolicies, arn);
  if (!row) return std::nullopt;
  const auto policy = from_json<api::Policy>(*row);
  for (const auto& version : iam.versions(arn)) {
    if (version.VersionId == policy.DefaultVersionId) return version.Document;
  }
  return std::nullopt;
}

/// One that was stored before documents were read may be none: it allows nothing, and says so.
void add(std::vector<NamedPolicy>& all, const std::string& name, const std::string& document) {
  try {
    all.push_back({name, parse_policy(document, PolicyKind::kIdentity)});
  } catch (const AwsError& error) {
    base::log_warning("iam", "the policy {} can't be read and allows nothing: {}", name, error.what());
  }
}

std::vector<NamedPolicy> managed(const Iam& iam, const std::string& arn) {
  std::vector<NamedPolicy> all;
  if (const auto document = document_of(iam, arn)) add(all, arn, *document);
  return all;
}

template <class Holder>
std::optional<std::string> boundary_of(const std::optional<Holder>& holder) {
  if (!holder || !holder->PermissionsBoundary) return std::nullopt;
  return holder->PermissionsBoundary->PermissionsBoundaryArn;
}

}  // namespace

Say Iam::say_of(const Holders& holders, std::string_view name, std::string_view session_policy) const {
  Say say;
  const std::string scope = join(name, "");
  for (const auto& row : context_.catalog.scan(holders.inlined, scope)) {
    add(say.identity, row.key.substr(scope.size()), row.value);
  }
  for (const auto& arn : attached(holders, name)) {
    if (const auto document = document_of(*this, arn)) add(say.identity, arn, *document);
  }
  const bool role = holders.inlined == kOfRoles.inlined;
  const auto boundary = role ? boundary_of(find_role(name)) : boundary_of(find_user(name));
  if (boundary) say.boundary = managed(*this, *boundary);
  if (!session_policy.empty()) add(say.session.emplace(), "session", std::string(session_policy));
  return say;
}

Say Iam::say_of_caller(std::string_view arn, std::string_view session_policy) const {
  if (const auto user = user_name(arn)) return say_of(kOfUsers, *user, session_policy);
  if (const auto role = role_name(arn)) return say_of(kOfRoles, *role, session_policy);
  return {};
}

std::optional<Identity> Iam::identity(const std::string& access_key_id, const std::string& token) const {
  Identity identity;
  if (access_key_id.starts_with("ASIA")) {
    const auto session = open_session(*this, access_key_id, token, base::system_clock().now());
    if (!session) return std::nullopt;
    const auto user = user_name(session->arn);
    identity.kind = user ? Identity::Kind::kUser : Identity::Kind::kRole;
    if (session->arn.ends_with(":root")) identity.kind = Identity::Kind::kRoot;
    identity.name = user ? *user : role_name(session->arn).value_or("");
    identity.arn = session->arn;
    identity.secret = session_key_secret(*this, access_key_id);
    identity.session_policy = session->policy;
    identity.temporary = true;
    identity.expired = session->lifetime.count() == 0;
    return identity;
  }
  const auto row = context_.catalog.get(kAccessKeys, access_key_id);
  if (!row) return std::nullopt;
  const auto key = from_json<api::AccessKey>(*row);
  const auto user = find_user(key.UserName);
  if (!user || key.Status != "Active") return std::nullopt;
  identity.kind = Identity::Kind::kUser;
  identity.name = user->UserName;
  identity.arn = user->Arn;
  identity.secret = key.SecretAccessKey;
  return identity;
}

std::string Iam::user_id(std::string_view principal_arn) const {
  if (const auto name = user_name(principal_arn)) {
    const auto user = find_user(*name);
    return user ? user->UserId : *name;
  }
  if (const auto name = role_name(principal_arn)) {
    const auto role = find_role(*name);
    return (role ? role->RoleId : *name) + ":" + std::string(principal_arn.substr(principal_arn.rfind('/') + 1));
  }
  return context_.account;
}

}  // namespace engine::iam
