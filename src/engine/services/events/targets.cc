// Targets: whom a rule tells.
#include "engine/protocol/json.h"
#include "engine/services/events/errors.h"
#include "engine/services/events/input.h"
#include "engine/services/events/operations.h"
#include "engine/services/events/state.h"
#include "engine/services/paging.h"

#include <algorithm>

namespace engine::events {
namespace {

constexpr std::size_t kMostTargets = 5;  ///< of a rule

/// Throws for a target that could never be told.
void check(const api::Target& target) {
  if (!target.Arn.starts_with("arn:") ||
      std::count(target.Arn.begin(), target.Arn.end(), ':') < 5) {
    throw invalid(fmt::format(
        "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", target.Arn));
  }
  const bool pipeline = target.Arn.find(":pipeline/") != std::string::npos;
  if (pipeline && !target.RoleArn)
    throw invalid(fmt::format("RoleArn is required for target {}.", target.Arn));
  if (target.SageMakerPipelineParameters && !pipeline) {
    throw invalid(fmt::format("Parameter(s) SageMakerPipelineParameters not valid for target {}.",
                              target.Arn));
  }
  check_input(target);
}

}  // namespace

api::PutTargetsOutput put_targets(Events& events, Call&, const api::PutTargetsInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  for (const api::Target& target : input.Targets) check(target);
  std::lock_guard lock(impl.mutex);
  impl.rule(input.Rule);
  std::set<std::string> ids;
  for (const api::Target& target : impl.targets_of(input.Rule)) ids.insert(target.Id);
  storage::Batch batch;
  for (const api::Target& target : input.Targets) {
    ids.insert(target.Id);
    batch.put(kTargets, key_of(input.Rule, target.Id), to_json(target));
  }
  if (ids.size() > kMostTargets) throw limit_exceeded();
  impl.commit(std::move(batch));
  return {.FailedEntryCount = 0, .FailedEntries = std::vector<api::PutTargetsResultEntry>()};
}

api::RemoveTargetsOutput remove_targets(Events& events, Call&,
                                        const api::RemoveTargetsInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  std::lock_guard lock(impl.mutex);
  impl.rule(input.Rule);
  std::vector<api::RemoveTargetsResultEntry> failed;
  storage::Batch batch;
  for (const std::string& id : input.Ids) {
    const std::string key = key_of(input.Rule, id);
    if (impl.context.catalog.get(kTargets, key)) {
      batch.remove(kTargets, key);
    } else {
      failed.push_back({.TargetId = id,
                        .ErrorCode = "ResourceNotFoundException",
                        .ErrorMessage = fmt::format(
                            "Rule '{}' does not have a target with the Id '{}'.", input.Rule, id)});
    }
  }
  impl.commit(std::move(batch));
  const auto count = static_cast<std::int64_t>(failed.size());
  return {.FailedEntryCount = count, .FailedEntries = std::move(failed)};
}

api::ListTargetsByRuleOutput list_targets_by_rule(Events& events, Call&,
                                                  const api::ListTargetsByRuleInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  impl.rule(input.Rule);
  auto page = page_of(impl.targets_of(input.Rule), input.NextToken, input.Limit, 100,
                      invalid("Parameter NextToken is not valid."));
  return {.Targets = std::move(page.items), .NextToken = std::move(page.next)};
}

api::ListRuleNamesByTargetOutput list_rule_names_by_target(
    Events& events, Call&, const api::ListRuleNamesByTargetInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  std::vector<std::string> names;
  for (const api::Rule& rule : impl.rules()) {
    const auto targets = impl.targets_of(*rule.Name);
    if (std::any_of(targets.begin(), targets.end(),
                    [&](const auto& target) { return target.Arn == input.TargetArn; })) {
      names.push_back(*rule.Name);
    }
  }
  auto page = page_of(std::move(names), input.NextToken, input.Limit, 100,
                      invalid("Parameter NextToken is not valid."));
  return {.RuleNames = std::move(page.items), .NextToken = std::move(page.next)};
}

}  // namespace engine::events
