// The operations of CloudWatch.
#pragma once

#include "engine/models/cloudwatch.h"
#include "engine/protocol/operation.h"
#include "engine/services/cloudwatch/cloudwatch.h"

namespace engine::cloudwatch {

// alarms.cc
api::PutMetricAlarmOutput put_metric_alarm(CloudWatch&, Call&, const api::PutMetricAlarmInput&);
api::DeleteAlarmsOutput delete_alarms(CloudWatch&, Call&, const api::DeleteAlarmsInput&);
api::SetAlarmStateOutput set_alarm_state(CloudWatch&, Call&, const api::SetAlarmStateInput&);
api::EnableAlarmActionsOutput enable_alarm_actions(CloudWatch&, Call&, const api::EnableAlarmActionsInput&);
api::DisableAlarmActionsOutput disable_alarm_actions(CloudWatch&, Call&, const api::DisableAlarmActionsInput&);

// describe_alarms.cc
api::DescribeAlarmsOutput describe_alarms(CloudWatch&, Call&, const api::DescribeAlarmsInput&);
api::DescribeAlarmsForMetricOutput describe_alarms_for_metric(CloudWatch&, Call&,
                                                              const api::DescribeAlarmsForMetricInput&);

// history.cc
api::DescribeAlarmHistoryOutput describe_alarm_history(CloudWatch&, Call&, const api::DescribeAlarmHistoryInput&);

// put_metric_data.cc
api::PutMetricDataOutput put_metric_data(CloudWatch&, Call&, const api::PutMetricDataInput&);

// get_metrics.cc
api::ListMetricsOutput list_metrics(CloudWatch&, Call&, const api::ListMetricsInput&);
api::GetMetricStatisticsOutput get_metric_statistics(CloudWatch&, Call&, const api::GetMetricStatisticsInput&);
api::GetMetricDataOutput get_metric_data(CloudWatch&, Call&, const api::GetMetricDataInput&);

// tags.cc
api::ListTagsForResourceOutput list_tags_for_resource(CloudWatch&, Call&, const api::ListTagsForResourceInput&);
api::TagResourceOutput tag_resource(CloudWatch&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(CloudWatch&, Call&, const api::UntagResourceInput&);

}  // namespace engine::cloudwatch
