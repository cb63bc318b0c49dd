// The table of EventBridge's operations.
#include "engine/services/events/api.h"

#include "engine/services/events/operations.h"

namespace engine::events {

ServiceDefinition definition(Events& events) {
  using namespace api::op;
  return {.name = "events",
          .signing_name = "events",
          .protocol = Protocol::kAwsJson11,
          .target_prefix = "AWSEvents",
          .operations = {
              operation<PutRule>(put_rule, events),
              operation<DescribeRule>(describe_rule, events),
              operation<DeleteRule>(delete_rule, events),
              operation<ListRules>(list_rules, events),
              operation<EnableRule>(enable_rule, events),
              operation<DisableRule>(disable_rule, events),
              operation<PutTargets>(put_targets, events),
              operation<RemoveTargets>(remove_targets, events),
              operation<ListTargetsByRule>(list_targets_by_rule, events),
              operation<ListRuleNamesByTarget>(list_rule_names_by_target, events),
              operation<PutEvents>(put_events, events),
              operation<TestEventPattern>(test_event_pattern, events),
              operation<TagResource>(tag_resource, events),
              operation<UntagResource>(untag_resource, events),
              operation<ListTagsForResource>(list_tags_for_resource, events),
              operation<DescribeEventBus>(describe_event_bus, events),
              operation<ListEventBuses>(list_event_buses, events),
          }};
}

}  // namespace engine::events
