// An alarm's configuration, read and checked.
#pragma once

#include "engine/models/cloudwatch.h"

namespace engine::cloudwatch {

/// The alarm that PutMetricAlarm describes, without its state, times and ARN. What we can't watch is
/// refused, not ignored. Throws AwsError.
api::MetricAlarm alarm_from(const api::PutMetricAlarmInput& input);

}  // namespace engine::cloudwatch
