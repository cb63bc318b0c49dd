// A change of an alarm's state, as EventBridge and the alarm's history tell it.
#pragma once

#include "engine/models/cloudwatch.h"

#include <string>

namespace engine::cloudwatch {

/// The `detail` of "CloudWatch Alarm State Change".
std::string state_change_detail(const api::MetricAlarm& before, const api::MetricAlarm& after);

/// HistoryData of a StateUpdate.
std::string state_update(const api::MetricAlarm& before, const api::MetricAlarm& after);

}  // namespace engine::cloudwatch
