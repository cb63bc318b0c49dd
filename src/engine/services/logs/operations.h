// The operations of CloudWatch Logs.
#pragma once

#include "engine/models/logs.h"
#include "engine/protocol/operation.h"
#include "engine/services/logs/logs.h"

namespace engine::logs {

// groups.cc
api::CreateLogGroupOutput create_log_group(Logs&, Call&, const api::CreateLogGroupInput&);
api::DeleteLogGroupOutput delete_log_group(Logs&, Call&, const api::DeleteLogGroupInput&);
api::DescribeLogGroupsOutput describe_log_groups(Logs&, Call&, const api::DescribeLogGroupsInput&);
api::PutRetentionPolicyOutput put_retention_policy(Logs&, Call&, const api::PutRetentionPolicyInput&);
api::DeleteRetentionPolicyOutput delete_retention_policy(Logs&, Call&, const api::DeleteRetentionPolicyInput&);
api::ListTagsForResourceOutput list_tags_for_resource(Logs&, Call&, const api::ListTagsForResourceInput&);
api::ListTagsLogGroupOutput list_tags_log_group(Logs&, Call&, const api::ListTagsLogGroupInput&);
api::TagResourceOutput tag_resource(Logs&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(Logs&, Call&, const api::UntagResourceInput&);

// streams.cc
api::CreateLogStreamOutput create_log_stream(Logs&, Call&, const api::CreateLogStreamInput&);
api::DeleteLogStreamOutput delete_log_stream(Logs&, Call&, const api::DeleteLogStreamInput&);
api::DescribeLogStreamsOutput describe_log_streams(Logs&, Call&, const api::DescribeLogStreamsInput&);

// events.cc
api::PutLogEventsOutput put_log_events(Logs&, Call&, const api::PutLogEventsInput&);
api::GetLogEventsOutput get_log_events(Logs&, Call&, const api::GetLogEventsInput&);
api::FilterLogEventsOutput filter_log_events(Logs&, Call&, const api::FilterLogEventsInput&);

}  // namespace engine::logs
