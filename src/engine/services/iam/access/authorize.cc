// May this caller do that?
#include "engine/services/iam/access/authorize.h"

#include "engine/services/authority.h"
#include "engine/services/iam/principal.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

namespace engine::iam {
namespace {

/// What STS does by itself: who calls is told to anybody, and a role's trust is judged with the role.
bool needs_nothing(const ServiceDefinition& service, const OperationModel& model) {
  return service.signing_name == "sts" &&
         (model.name == "GetCallerIdentity" || model.name == "AssumeRole" || model.name == "GetSessionToken");
}

Facts facts_of(const Iam& iam, const Call& call, const Identity& who) {
  Facts facts;
  if (who.kind == Identity::Kind::kAnonymous) {
    facts["aws:userid"] = {"anonymous"};
    facts["aws:principaltype"] = {"Anonymous"};
  } else {
    facts["aws:principalarn"] = {who.arn};
    facts["aws:principalaccount"] = {call.account};
    facts["aws:userid"] = {iam.user_id(who.arn)};
    facts["aws:principaltype"] = {who.kind == Identity::Kind::kUser ? "User" : "AssumedRole"};
  }
  if (who.kind == Identity::Kind::kUser) facts["aws:username"] = {who.name};
  facts["aws:requestedregion"] = {call.region};
  const Timestamp now = base::system_clock().now();
  facts["aws:currenttime"] = {base::to_iso8601(now)};
  facts["aws:epochtime"] = {std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count())};
  facts["aws:securetransport"] = {"false"};
  const std::string_view peer = call.request.peer;
  if (!peer.empty()) facts["aws:sourceip"] = {std::string(peer.substr(0, peer.rfind(':')))};
  const std::string_view agent = call.request.headers.get("user-agent");
  if (!agent.empty()) facts["aws:useragent"] = {std::string(agent)};
  return facts;
}

std::string sentence(const Identity& who, const Need& need, const Decision& decision, bool quoted) {
  const std::string resource = quoted ? "\"" + need.resource + "\"" : need.resource;
  const bool denied = decision.verdict == Verdict::kDenied;
  const std::string article = decision.kind.starts_with('i') ? "an" : "a";
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", who.arn, need.action, resource,
                     denied ? fmt::format("with an explicit deny in {} {}", article, decision.kind)
                            : fmt::format("because no {} allows the {} action", decision.kind, need.action));
}

AwsError refusal(const ServiceDefinition& service, const std::string& why) {
  switch (service.protocol) {
    case Protocol::kQuery:
    case Protocol::kRestXml: return {"AccessDenied", why, 403};
    case Protocol::kRestJson: return {"AccessDeniedException", why, 403};
    default: return {"AccessDeniedException", why, 400};
  }
}

/// A role that isn't there, or trusts somebody else: in the words of the service it was handed to.
AwsError cannot_assume(std::string_view service, const std::string& role) {
  if (service == "lambda") {
    return {"InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", 400};
  }
  if (service == "firehose") {
    return {"InvalidArgumentException",
            fmt::format("Firehose is unable to assume role {}. Please check the role provided.", role)};
  }
  if (service == "glue") {
    return {"InvalidInputException", "Service is unable to assume provided role. Please verify role's TrustPolicy"};
  }
  if (service == "events") {
    return {"ValidationException",
            fmt::format("Provided role '{}' cannot be assumed by principal 'events.amazonaws.com'.", role)};
  }
  return {"ValidationException",
          fmt::format("Could not assume role {}. Please ensure that the role exists and allows principal "
                      "'sagemaker.amazonaws.com' to assume the role.", role)};
}

/// In each part of it that everyone may ask for.
void leave_out_everyone(Policy& policy) {
  std::erase_if(policy.statements, [](const Statement& one) { return one.allow && one.principals && one.principals->everyone; });
}

}  // namespace

std::vector<NamedPolicy> read_resource_policy(const ResourcePolicies& policies, const std::string& arn, bool anonymous) {
  if (!policies) return {};
  const auto found = policies(arn);
  if (!found) return {};
  try {
    NamedPolicy read{"the policy of " + arn, parse_policy(found->document, found->kind)};
    if (anonymous && found->restricted) leave_out_everyone(read.policy);
    return {std::move(read)};
  } catch (const AwsError& error) {
    base::log_warning("iam", "the policy of {} can't be read and allows nothing: {}", arn, error.what());
    return {};
  }
}

void Guard::check(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
                  const void* input) const {
  check_caller(service, model, call, who, input);
  if (authority_ == nullptr) return;
  const HandedRoles handed = handed_roles(service.signing_name, model, input, {call.account, call.region});
  for (const std::string& role : handed.roles) {
    if (!authority_->may_assume(role, handed.service)) throw cannot_assume(service.signing_name, role);
  }
}

void Guard::check_caller(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
                  const void* input) const {
  const bool anonymous = who.kind == Identity::Kind::kAnonymous;
  if (who.kind == Identity::Kind::kRoot || (enforcement_ == Enforcement::kOff && !anonymous)) return;
  if (needs_nothing(service, model)) return;
  Say say;
  if (!anonymous) {
    say = iam_.say_of(who.kind == Identity::Kind::kUser ? kOfUsers : kOfRoles, who.name, who.session_policy);
  }
  const Facts facts = facts_of(iam_, call, who);
  const auto names = anonymous ? PrincipalNames() : principal_names(who.arn, call.account);
  for (Need& need : needs_of(service.signing_name, model, input, {call.account, call.region}, lookup_)) {
    AccessRequest asked{.action = need.action, .resource = need.resource, .facts = facts, .principals = names.own, .account = names.account};
    asked.facts.merge(need.facts);
    say.resource = read_resource_policy(resource_policies_, need.resource, anonymous);
    const Decision decision = decide(say, asked);
    if (note_ && who.kind == Identity::Kind::kRole) {
      // A role's path isn't in its session's ARN.
      const auto role = iam_.find_role(who.name);
      note_({role ? role->Arn : who.name, asked.action, asked.resource, decision.allowed()});
    }
    if (decision.allowed()) continue;
    base::log_warning("iam", "{} {}: {} lacks a statement that allows {} on {}{}", call.request_id,
                      enforcement_ == Enforcement::kLog ? "let through" : "refused", who.arn, need.action, need.resource,
                      decision.verdict == Verdict::kDenied
                          ? fmt::format("; statement {} of {} denies it", decision.sid, decision.policy) : "");
    if (anonymous) throw AwsError("AccessDenied", "Access Denied", 403);
    if (enforcement_ == Enforcement::kLog) continue;
    throw refusal(service, sentence(who, need, decision, service.protocol == Protocol::kRestXml));
  }
}

}  // namespace engine::iam
