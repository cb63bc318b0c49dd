// The operations of EventBridge.
#pragma once

#include "engine/models/events.h"
#include "engine/protocol/operation.h"
#include "engine/services/events/events.h"

namespace engine::events {

// rules.cc
api::PutRuleOutput put_rule(Events&, Call&, const api::PutRuleInput&);
api::DescribeRuleOutput describe_rule(Events&, Call&, const api::DescribeRuleInput&);
api::DeleteRuleOutput delete_rule(Events&, Call&, const api::DeleteRuleInput&);
api::ListRulesOutput list_rules(Events&, Call&, const api::ListRulesInput&);
api::EnableRuleOutput enable_rule(Events&, Call&, const api::EnableRuleInput&);
api::DisableRuleOutput disable_rule(Events&, Call&, const api::DisableRuleInput&);

// targets.cc
api::PutTargetsOutput put_targets(Events&, Call&, const api::PutTargetsInput&);
api::RemoveTargetsOutput remove_targets(Events&, Call&, const api::RemoveTargetsInput&);
api::ListTargetsByRuleOutput list_targets_by_rule(Events&, Call&,
                                                  const api::ListTargetsByRuleInput&);
api::ListRuleNamesByTargetOutput list_rule_names_by_target(Events&, Call&,
                                                           const api::ListRuleNamesByTargetInput&);

// put_events.cc
api::PutEventsOutput put_events(Events&, Call&, const api::PutEventsInput&);
api::TestEventPatternOutput test_event_pattern(Events&, Call&, const api::TestEventPatternInput&);

// buses.cc
api::DescribeEventBusOutput describe_event_bus(Events&, Call&, const api::DescribeEventBusInput&);
api::ListEventBusesOutput list_event_buses(Events&, Call&, const api::ListEventBusesInput&);
api::TagResourceOutput tag_resource(Events&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(Events&, Call&, const api::UntagResourceInput&);
api::ListTagsForResourceOutput list_tags_for_resource(Events&, Call&,
                                                      const api::ListTagsForResourceInput&);

}  // namespace engine::events
