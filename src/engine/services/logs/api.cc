// The table of CloudWatch Logs' operations.
#include "engine/services/logs/api.h"

#include "engine/services/logs/operations.h"

namespace engine::logs {

ServiceDefinition definition(Logs& logs) {
  using namespace api::op;
  return {.name = "logs",
          .signing_name = "logs",
          .protocol = Protocol::kAwsJson11,
          .target_prefix = "Logs_20140328",
          .validation_code = "InvalidParameterException",
          .operations = {
              operation<CreateLogGroup>(create_log_group, logs),
              operation<DeleteLogGroup>(delete_log_group, logs),
              operation<DescribeLogGroups>(describe_log_groups, logs),
              operation<PutRetentionPolicy>(put_retention_policy, logs),
              operation<DeleteRetentionPolicy>(delete_retention_policy, logs),
              operation<ListTagsForResource>(list_tags_for_resource, logs),
              operation<ListTagsLogGroup>(list_tags_log_group, logs),
              operation<TagResource>(tag_resource, logs),
              operation<UntagResource>(untag_resource, logs),
              operation<CreateLogStream>(create_log_stream, logs),
              operation<DeleteLogStream>(delete_log_stream, logs),
              operation<DescribeLogStreams>(describe_log_streams, logs),
              operation<PutLogEvents>(put_log_events, logs),
              operation<GetLogEvents>(get_log_events, logs),
              operation<FilterLogEvents>(filter_log_events, logs),
          }};
}

}  // namespace engine::logs
