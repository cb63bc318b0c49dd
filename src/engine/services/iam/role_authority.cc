// What roles may do while services act in their names.
#include "engine/services/iam/role_authority.h"

#include "engine/services/iam/principal.h"
#include "engine/services/iam/sessions.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

namespace engine::iam {
namespace {

constexpr std::size_t kMostRemembered = 4096;  // roles
constexpr std::size_t kMostDeeds = 20'000;

/// The ARN of a session of the role, as sentences and conditions have it.
std::string session_arn(const Actor& actor, const std::string& account) {
  return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role_name(actor.role).value_or("?"), actor.session);
}

AwsError denied(const std::string& sentence) { return {"AccessDenied", sentence, 403}; }

std::string why(const Decision& decision, std::string_view action) {
  const std::string article = decision.kind.starts_with('i') ? "an" : "a";
  return decision.verdict == Verdict::kDenied ? fmt::format("with an explicit deny in {} {}", article, decision.kind)
                                              : fmt::format("because no {} allows the {} action", decision.kind, action);
}

Facts common_facts(const Context& context) {
  const Timestamp now = base::system_clock().now();
  return {{"aws:requestedregion", {context.region}},
          {"aws:currenttime", {base::to_iso8601(now)}},
          {"aws:epochtime", {std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count())}},
          {"aws:securetransport", {"true"}},
          {"aws:sourceaccount", {context.account}}};
}

}  // namespace

/// Deviation: of who hands the role over only the account and the service are known, not the very resource.
bool RoleAuthority::trusts(std::string_view role, std::string_view service) const {
  const auto name = role_name(role);
  const auto found = name ? iam_.find_role(*name) : std::nullopt;
  if (!found || found->Arn != role) return false;
  const Context& context = iam_.context();
  AccessRequest asked{.action = "sts:AssumeRole", .resource = found->Arn, .facts = common_facts(context),
                      .principals = {std::string(service)}};
  asked.facts["sts:externalid"] = {context.account};
  asked.facts["aws:sourcearn"] = {context.arn(service.substr(0, service.find('.')), "*")};
  try {
    return evaluate({{found->RoleName, parse_policy(found->AssumeRolePolicyDocument.value_or("{}"), PolicyKind::kTrust)}},
                    asked).allowed();
  } catch (const AwsError&) {
    return false;  // stored before documents were read
  }
}

bool RoleAuthority::may_assume(std::string_view role, std::string_view service) const {
  if (enforcement_ == Enforcement::kOff || trusts(role, service)) return true;
  base::log_warning("iam", "{}: {} can't take on {}: it isn't there, or its trust policy doesn't allow it",
                    enforcement_ == Enforcement::kLog ? "let through" : "refused", service, role);
  return enforcement_ == Enforcement::kLog;
}

RoleAuthority::Remembered RoleAuthority::role(const Actor& actor) const {
  const std::pair key{actor.role, actor.service};
  const std::uint64_t now = generation_;  // before the policies are read: a change meanwhile makes it old
  const auto known = roles_.read([&](const auto& all) -> std::optional<Remembered> {
    const auto at = all.find(key);
    if (at == all.end() || at->second.generation != now) return std::nullopt;
    return at->second;
  });
  if (known) return *known;
  Remembered fresh{.trusts = trusts(actor.role, actor.service), .generation = now};
  const auto name = role_name(actor.role);
  fresh.say = std::make_shared<const Say>(name ? iam_.say_of(kOfRoles, *name) : Say());
  roles_.with([&](auto& all) {
    if (all.size() >= kMostRemembered) all.clear();
    all[key] = fresh;
  });
  return fresh;
}

void RoleAuthority::note(Deed deed) const {
  deeds_.with([&](auto& all) {
    if (all.size() >= kMostDeeds) all.clear();
    all.insert(std::move(deed));
  });
}

void RoleAuthority::refuse(const std::string& who, std::string_view action, std::string_view resource,
                           const std::string& sentence) const {
  const bool let_through = enforcement_ == Enforcement::kLog;
  base::log_warning("iam", "{}: {} lacks a statement that allows {} on {}", let_through ? "let through" : "refused", who,
                    action, resource);
  if (!let_through) throw denied(sentence);
}

void RoleAuthority::require(const Actor& actor, std::string_view action, std::string_view resource,
                            const ActFacts& more) const {
  if (enforcement_ == Enforcement::kOff) return;
  const Remembered known = role(actor);
  const Context& context = iam_.context();
  const std::string who = session_arn(actor, context.account);
  if (!known.trusts) {
    note({actor.role, "sts:AssumeRole", actor.role, false});
    return refuse(actor.service, "sts:AssumeRole", actor.role,
                  fmt::format("{} is not authorized to perform: sts:AssumeRole on resource: {}", actor.service, actor.role));
  }
  const auto names = principal_names(who, context.account);
  AccessRequest asked{.action = std::string(action), .resource = std::string(resource), .facts = common_facts(context),
                      .principals = names.own, .account = names.account};
  // As a session of the role that isn't below a path.
  asked.principals.push_back(actor.role);
  asked.facts["aws:principalarn"] = {actor.role};
  asked.facts["aws:principalaccount"] = {context.account};
  asked.facts["aws:principaltype"] = {"AssumedRole"};
  asked.facts["aws:calledvia"] = {actor.service};
  for (const auto& [key, value] : more) asked.facts[key] = {value};
  auto of_resource = read_resource_policy(resource_policies_, asked.resource, false);
  const auto with_resource = [&] {
    Say say = *known.say;
    say.resource = std::move(of_resource);
    return decide(say, asked);
  };
  const Decision decision = of_resource.empty() ? decide(*known.say, asked) : with_resource();
  note({actor.role, asked.action, asked.resource, decision.allowed()});
  if (decision.allowed()) return;
  refuse(who, action, resource, fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", who, action,
                                            resource, why(decision, action)));
}

void RoleAuthority::require_of_resource(std::string_view service, std::string_view source, std::string_view action,
                                        std::string_view resource) const {
  if (enforcement_ == Enforcement::kOff) return;
  AccessRequest asked{.action = std::string(action), .resource = std::string(resource),
                      .facts = common_facts(iam_.context()), .principals = {std::string(service)}};
  asked.facts["aws:sourcearn"] = {std::string(source)};
  asked.facts["aws:principalservicename"] = {std::string(service)};
  const Decision decision =
      decide({.resource = read_resource_policy(resource_policies_, asked.resource, false)}, asked);
  note({std::string(service), asked.action, asked.resource, decision.allowed()});
  if (decision.allowed()) return;
  const std::string reason = decision.verdict == Verdict::kDenied
                                 ? why(decision, action)
                                 : fmt::format("because no resource-based policy allows the {} action", action);
  refuse(fmt::format("{} for {}", service, source), action, resource,
         fmt::format("{} is not authorized to perform: {} on resource: {} {}", service, action, resource, reason));
}

std::optional<RoleKeys> RoleAuthority::keys(const Actor& actor, std::chrono::seconds lifetime) const {
  const auto name = role_name(actor.role);
  if (!name) return std::nullopt;
  const Session session = make_session(
      iam_, {.arn = session_arn(actor, iam_.context().account), .policy = {}, .lifetime = lifetime}, base::system_clock().now());
  return RoleKeys{session.access_key_id, session.secret, session.token, session.expires};
}

std::vector<Deed> RoleAuthority::deeds() const {
  return deeds_.read([](const auto& all) { return std::vector<Deed>(all.begin(), all.end()); });
}

}  // namespace engine::iam
