// What policies would say, without asking anything of a service.
#include "engine/services/iam/operations.h"
#include "engine/services/iam/principal.h"
#include "engine/services/iam/rules.h"
#include "lib/base/encoding.h"

namespace engine::iam {
namespace {

std::vector<NamedPolicy> parsed(const std::optional<std::vector<std::string>>& documents, std::string_view prefix,
                                PolicyKind kind = PolicyKind::kIdentity) {
  std::vector<NamedPolicy> all;
  for (const auto& document : documents.value_or(std::vector<std::string>())) {
    const std::string name = fmt::format("{}.{}", prefix, all.size() + 1);
    try {
      all.push_back({name, parse_policy(document, kind)});
    } catch (const AwsError& error) {
      throw invalid_input(fmt::format("Invalid Content Policy:{}: {}", name, error.what()));
    }
  }
  return all;
}

template <class In>
Facts facts_of(const In& input) {
  Facts facts;
  if (!input.ContextEntries) return facts;
  for (const auto& entry : *input.ContextEntries) {
    if (!entry.ContextKeyName) continue;
    facts[base::to_lower(*entry.ContextKeyName)] = entry.ContextKeyValues.value_or(std::vector<std::string>());
  }
  return facts;
}

std::string word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllowed: return "allowed";
    case Verdict::kDenied: return "explicitDeny";
    default: return "implicitDeny";
  }
}

api::EvaluationResult result_of(const Say& say, const AccessRequest& asked) {
  const Decision decision = decide(say, asked);
  api::EvaluationResult result;
  result.EvalActionName = asked.action;
  result.EvalResourceName = asked.resource;
  result.EvalDecision = word(decision.verdict);
  result.MatchedStatements.emplace();
  if (!decision.policy.empty()) result.MatchedStatements->push_back({.SourcePolicyId = decision.policy});
  result.MissingContextValues.emplace();
  if (say.boundary) {
    result.PermissionsBoundaryDecisionDetail = {
        .AllowedByPermissionsBoundary = evaluate(*say.boundary, asked).allowed()};
  }
  return result;
}

template <class Output, class In>
Output results_of(const In& input, Say say, const std::string& caller) {
  if (input.ResourcePolicy) say.resource = parsed(std::vector{*input.ResourcePolicy}, "ResourcePolicy", PolicyKind::kResource);
  if (input.PermissionsBoundaryPolicyInputList) {
    say.boundary = parsed(input.PermissionsBoundaryPolicyInputList, "PermissionsBoundaryPolicyInputList");
  }
  const Facts facts = facts_of(input);
  std::vector<api::EvaluationResult> results;
  for (const auto& action : input.ActionNames) {
    for (const auto& resource : input.ResourceArns.value_or(std::vector<std::string>{"*"})) {
      results.push_back(result_of(say, {.action = action, .resource = resource, .facts = facts,
                                        .principals = {caller, input.CallerArn.value_or(caller)}}));
    }
  }
  Output output;
  output.EvaluationResults = page(std::move(results), input, output, [](const api::EvaluationResult& one) {
    return one.EvalActionName + " " + one.EvalResourceName.value_or("");
  });
  return output;
}

}  // namespace

api::SimulateCustomPolicyOutput simulate_custom_policy(Iam&, Call& call,
                                                       const api::SimulateCustomPolicyInput& input) {
  return results_of<api::SimulateCustomPolicyOutput>(
      input, {.identity = parsed(input.PolicyInputList, "PolicyInputList")}, call.principal_arn);
}

api::SimulatePrincipalPolicyOutput simulate_principal_policy(
    Iam& iam, Call&, const api::SimulatePrincipalPolicyInput& input) {
  if (const auto user = user_name(input.PolicySourceArn)) iam.user(*user);
  else if (const auto role = role_name(input.PolicySourceArn)) iam.role(*role);
  else throw invalid_input(fmt::format("Invalid Entity Arn: {} does not clearly define entity type and name.", input.PolicySourceArn));
  Say say = iam.say_of_caller(input.PolicySourceArn);
  for (auto& more : parsed(input.PolicyInputList, "PolicyInputList")) say.identity.push_back(std::move(more));
  return results_of<api::SimulatePrincipalPolicyOutput>(input, std::move(say), input.PolicySourceArn);
}

}  // namespace engine::iam
