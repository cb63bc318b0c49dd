// Rules: what they want, and whether they are on.
#include "engine/patterns/pattern.h"
#include "engine/protocol/json.h"
#include "engine/schedules/schedule.h"
#include "engine/services/events/errors.h"
#include "engine/services/events/operations.h"
#include "engine/services/events/state.h"
#include "engine/services/paging.h"

#include <stdexcept>

namespace engine::events {
namespace {

constexpr std::uint64_t kMostRules = 300;  ///< of a bus

void check_schedule(std::string_view expression) {
  try {
    schedules::Schedule check(expression);
  } catch (const std::invalid_argument&) {
    throw bad_schedule();
  }
}

/// From now on: a schedule's first time is one period after this.
void count_from_now(Events::Impl& impl, const std::string& rule, storage::Batch& batch) {
  batch.put(kFired, rule, std::to_string(impl.context.clock.now().time_since_epoch().count()));
}

void set_state(Events& events, const std::string& name, const std::optional<std::string>& bus,
               const char* state) {
  auto& impl = events.impl();
  impl.check_bus(bus);
  std::lock_guard lock(impl.mutex);
  api::Rule rule = impl.rule(name);
  if (rule.State == state) return;
  rule.State = state;
  storage::Batch batch;
  batch.put(kRules, name, to_json(rule));
  // What passed while it was off stays unfired.
  if (rule.ScheduleExpression) count_from_now(impl, name, batch);
  impl.commit(std::move(batch));
}

}  // namespace

api::PutRuleOutput put_rule(Events& events, Call&, const api::PutRuleInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  const bool scheduled = !input.ScheduleExpression.value_or("").empty();
  const bool matching = !input.EventPattern.value_or("").empty();
  if (!scheduled && !matching)
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (scheduled) check_schedule(*input.ScheduleExpression);
  if (matching) patterns::Pattern check(*input.EventPattern);

  api::Rule rule;
  rule.Name = input.Name;
  rule.Arn = impl.context.arn("events", "rule/" + input.Name);
  if (matching) rule.EventPattern = input.EventPattern;
  if (scheduled) rule.ScheduleExpression = input.ScheduleExpression;
  rule.State = input.State.value_or("ENABLED");
  rule.Description = input.Description;
  rule.RoleArn = input.RoleArn;
  rule.EventBusName = kDefaultBus;

  std::lock_guard lock(impl.mutex);
  const auto before = impl.find_rule(input.Name);
  if (!before && impl.context.catalog.count(kRules) >= kMostRules) throw limit_exceeded();
  storage::Batch batch;
  batch.put(kRules, input.Name, to_json(rule));
  if (!scheduled) {
    batch.remove(kFired, input.Name);
  } else if (!before || before->ScheduleExpression != rule.ScheduleExpression ||
             before->State != rule.State) {
    count_from_now(impl, input.Name, batch);
  }
  if (!before && input.Tags) {  // of an existing rule they are changed by TagResource only
    for (const auto& tag : *input.Tags) batch.put(kTags, key_of(*rule.Arn, tag.Key), tag.Value);
  }
  impl.commit(std::move(batch));
  return {.RuleArn = rule.Arn};
}

api::DescribeRuleOutput describe_rule(Events& events, Call&, const api::DescribeRuleInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  const api::Rule rule = impl.rule(input.Name);
  return {.Name = rule.Name,
          .Arn = rule.Arn,
          .EventPattern = rule.EventPattern,
          .ScheduleExpression = rule.ScheduleExpression,
          .State = rule.State,
          .Description = rule.Description,
          .RoleArn = rule.RoleArn,
          .ManagedBy = rule.ManagedBy,
          .EventBusName = rule.EventBusName,
          .CreatedBy = impl.context.account};
}

api::DeleteRuleOutput delete_rule(Events& events, Call&, const api::DeleteRuleInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  std::lock_guard lock(impl.mutex);
  const auto rule = impl.find_rule(input.Name);
  if (!rule) return {};  // as with AWS, deleting twice is no error
  if (impl.context.catalog.count(kTargets, key_of(input.Name, "")) > 0) {
    throw invalid("Rule can't be deleted since it has targets.");
  }
  storage::Batch batch;
  batch.remove(kRules, input.Name);
  batch.remove(kFired, input.Name);
  for (const auto& row : impl.context.catalog.scan(kTags, key_of(*rule->Arn, "")))
    batch.remove(kTags, row.key);
  impl.commit(std::move(batch));
  return {};
}

api::ListRulesOutput list_rules(Events& events, Call&, const api::ListRulesInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.EventBusName);
  auto page = page_by_name(impl.rules(input.NamePrefix.value_or("")), input.NextToken, input.Limit,
                           100, invalid("Parameter NextToken is not valid."),
                           [](const api::Rule& rule) { return *rule.Name; });
  return {.Rules = std::move(page.items), .NextToken = std::move(page.next)};
}

api::EnableRuleOutput enable_rule(Events& events, Call&, const api::EnableRuleInput& input) {
  set_state(events, input.Name, input.EventBusName, "ENABLED");
  return {};
}

api::DisableRuleOutput disable_rule(Events& events, Call&, const api::DisableRuleInput& input) {
  set_state(events, input.Name, input.EventBusName, "DISABLED");
  return {};
}

}  // namespace engine::events
