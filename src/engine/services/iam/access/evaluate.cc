// Whether policies allow a request.
#include "engine/services/iam/access/evaluate.h"

#include "engine/services/iam/access/wildcard.h"

#include <algorithm>

namespace engine::iam {
namespace {

constexpr std::string_view kIdentity = "identity-based policy", kResource = "resource-based policy",
                           kBoundary = "permissions boundary", kSession = "session policy";

bool names_action(const Statement& statement, const AccessRequest& request) {
  const bool named = std::any_of(statement.actions.begin(), statement.actions.end(),
                                 [&](const std::string& one) { return fits_any_case(one, request.action); });
  return named != statement.not_actions;
}

bool names_resource(const Statement& statement, const AccessRequest& request, bool variables) {
  if (statement.resources.empty()) return true;  // a trust policy's
  const auto named = [&](const std::string& one) {
    const auto pattern = variables ? expand(one, request.facts) : std::optional(one);
    return pattern && fits_arn(*pattern, request.resource);
  };
  const bool any = std::any_of(statement.resources.begin(), statement.resources.end(), named);
  return any != statement.not_resources;
}

bool names_principal(const Statement& statement, const AccessRequest& request) {
  if (!statement.principals) return true;  // an identity's own policy
  const Principals& all = *statement.principals;
  const auto is_among = [](const std::vector<std::string>& names, const std::string& one) {
    return std::find(names.begin(), names.end(), one) != names.end();
  };
  const auto asks = [&](const std::string& one) {
    return is_among(request.principals, one) || (!statement.allow && is_among(request.account, one));
  };
  const bool any = all.everyone || std::any_of(all.aws.begin(), all.aws.end(), asks) ||
                   std::any_of(all.services.begin(), all.services.end(), asks);
  return any != statement.not_principals;
}

bool names_caller(const Statement& statement, const AccessRequest& request) {
  if (!statement.principals || statement.not_principals || request.principals.empty()) return false;
  const auto& named = statement.principals->aws;
  return std::find(named.begin(), named.end(), request.principals.front()) != named.end();
}

bool applies(const Statement& statement, const AccessRequest& request, bool variables) {
  return names_action(statement, request) && names_resource(statement, request, variables) &&
         names_principal(statement, request) &&
         std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const Condition& one) { return holds(one, request.facts, variables); });
}

Decision of_kind(std::string_view kind, Decision decision) {
  decision.kind = kind;
  return decision;
}

}  // namespace

Decision evaluate(const std::vector<NamedPolicy>& policies, const AccessRequest& request) {
  Decision found;
  for (const auto& [name, policy] : policies) {
    for (std::size_t i = 0; i < policy.statements.size(); ++i) {
      const Statement& statement = policy.statements[i];
      const bool to_caller = names_caller(statement, request);
      if (statement.allow && found.allowed() && (found.to_caller || !to_caller)) continue;
      if (!applies(statement, request, policy.variables)) continue;
      found = {.verdict = statement.allow ? Verdict::kAllowed : Verdict::kDenied,
               .policy = name,
               .sid = statement.sid.empty() ? std::to_string(i + 1) : statement.sid,
               .kind = {},
               .to_caller = to_caller};
      if (!statement.allow) return found;
    }
  }
  return found;
}

Decision decide(const Say& say, const AccessRequest& request) {
  Decision identity = of_kind(kIdentity, evaluate(say.identity, request));
  Decision resource = of_kind(kResource, evaluate(say.resource, request));
  std::vector<Decision> bounds;
  if (say.boundary) bounds.push_back(of_kind(kBoundary, evaluate(*say.boundary, request)));
  if (say.session) bounds.push_back(of_kind(kSession, evaluate(*say.session, request)));

  for (const Decision* one : {&identity, &resource}) {
    if (one->verdict == Verdict::kDenied) return *one;
  }
  for (const Decision& one : bounds) {
    if (one.verdict == Verdict::kDenied) return one;
  }
  if (resource.allowed() && resource.to_caller) return resource;
  const Decision& given = resource.allowed() ? resource : identity;
  if (!given.allowed()) return identity;
  for (const Decision& one : bounds) {
    if (!one.allowed()) return one;
  }
  return given;
}

}  // namespace engine::iam
