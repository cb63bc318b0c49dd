// The table of CloudWatch's operations.
#include "engine/services/cloudwatch/api.h"

#include "engine/services/cloudwatch/operations.h"

namespace engine::cloudwatch {
namespace {

constexpr ErrorName kErrorNames[] = {
    {"InvalidParameterValue", "InvalidParameterValueException"},
    {"InvalidParameterCombination", "InvalidParameterCombinationException"},
    {"MissingParameter", "MissingRequiredParameterException"},
    {"LimitExceeded", "LimitExceededFault"},
    {"InvalidFormat", "InvalidFormatFault"},
};

}  // namespace

ServiceDefinition definition(CloudWatch& cloudwatch, Protocol protocol) {
  using namespace api::op;
  const bool query = protocol == Protocol::kQuery;
  return {.name = "cloudwatch",
          .signing_name = "monitoring",
          .protocol = protocol,
          .target_prefix = query ? "" : "GraniteServiceVersion20100801",
          .api_version = "2010-08-01",
          .xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/",
          .validation_code = "ValidationError",
          .query_compatible = !query,
          .error_names = kErrorNames,
          .operations = {
              operation<PutMetricAlarm>(put_metric_alarm, cloudwatch),
              operation<DescribeAlarms>(describe_alarms, cloudwatch),
              operation<DescribeAlarmsForMetric>(describe_alarms_for_metric, cloudwatch),
              operation<DescribeAlarmHistory>(describe_alarm_history, cloudwatch),
              operation<DeleteAlarms>(delete_alarms, cloudwatch),
              operation<SetAlarmState>(set_alarm_state, cloudwatch),
              operation<EnableAlarmActions>(enable_alarm_actions, cloudwatch),
              operation<DisableAlarmActions>(disable_alarm_actions, cloudwatch),
              operation<PutMetricData>(put_metric_data, cloudwatch),
              operation<ListMetrics>(list_metrics, cloudwatch),
              operation<GetMetricStatistics>(get_metric_statistics, cloudwatch),
              operation<GetMetricData>(get_metric_data, cloudwatch),
              operation<ListTagsForResource>(list_tags_for_resource, cloudwatch),
              operation<TagResource>(tag_resource, cloudwatch),
              operation<UntagResource>(untag_resource, cloudwatch),
          }};
}

}  // namespace engine::cloudwatch
