// What can be changed of a stream: retention, encryption, enhanced monitoring, mode.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/limits.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/state.h"

#include <set>

namespace engine::kinesis {
namespace {

constexpr std::int64_t kMinHours = 24, kMaxHours = 8760;

void check_hours(std::int64_t hours) {
  if (hours < kMinHours || hours > kMaxHours) {
    throw invalid_argument(fmt::format(
        "Minimum allowed retention period is {} hours and the maximum is {} hours. Requested "
        "retention period ({} hours) is outside.",
        kMinHours, kMaxHours, hours));
  }
}

using Metrics = std::set<std::string>;

/// "ALL" stands for each of the seven.
Metrics named(const std::vector<std::string>& names) {
  Metrics metrics(names.begin(), names.end());
  if (metrics.erase("ALL") > 0) {
    metrics.insert({"IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords",
                    "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded",
                    "IteratorAgeMilliseconds"});
  }
  return metrics;
}

Metrics monitored(const Stream& stream) {
  Metrics metrics;
  for (const api::EnhancedMetrics& entry : stream.about.EnhancedMonitoring) {
    if (entry.ShardLevelMetrics) {
      metrics.insert(entry.ShardLevelMetrics->begin(), entry.ShardLevelMetrics->end());
    }
  }
  return metrics;
}

std::vector<std::string> list(const Metrics& metrics) { return {metrics.begin(), metrics.end()}; }

template <class Change>
api::EnhancedMonitoringOutput change_monitoring(Kinesis& kinesis, const StreamPtr& stream,
                                                Change&& change) {
  api::EnhancedMonitoringOutput output;
  output.StreamName = stream->name();
  output.StreamARN = stream->about.StreamARN;
  kinesis.impl().alter(stream->name(), [&](Stream& draft, storage::Batch&) {
    Metrics metrics = monitored(draft);
    output.CurrentShardLevelMetrics = list(metrics);
    change(metrics);
    output.DesiredShardLevelMetrics = list(metrics);
    draft.about.EnhancedMonitoring = {api::EnhancedMetrics{list(metrics)}};
  });
  return output;
}

}  // namespace

api::IncreaseStreamRetentionPeriodOutput increase_retention(
    Kinesis& kinesis, Call&, const api::IncreaseStreamRetentionPeriodInput& input) {
  const std::int64_t hours = input.RetentionPeriodHours;
  check_hours(hours);
  kinesis.impl().alter(stream_of(kinesis, input)->name(), [&](Stream& draft, storage::Batch&) {
    if (hours < draft.about.RetentionPeriodHours) {
      throw invalid_argument(fmt::format(
          "Requested retention period ({} hours) for stream {} can not be shorter than existing "
          "retention period ({} hours). Use DecreaseRetentionPeriod API.",
          hours, draft.name(), draft.about.RetentionPeriodHours));
    }
    draft.about.RetentionPeriodHours = hours;
  });
  return {};
}

api::DecreaseStreamRetentionPeriodOutput decrease_retention(
    Kinesis& kinesis, Call&, const api::DecreaseStreamRetentionPeriodInput& input) {
  const std::int64_t hours = input.RetentionPeriodHours;
  check_hours(hours);
  kinesis.impl().alter(stream_of(kinesis, input)->name(), [&](Stream& draft, storage::Batch&) {
    if (hours > draft.about.RetentionPeriodHours) {
      throw invalid_argument(fmt::format(
          "Requested retention period ({} hours) for stream {} can not be longer than existing "
          "retention period ({} hours). Use IncreaseRetentionPeriod API.",
          hours, draft.name(), draft.about.RetentionPeriodHours));
    }
    draft.about.RetentionPeriodHours = hours;
  });
  return {};
}

// Deviation: encryption at rest is a flag that is told back; the segments are not encrypted.
api::StartStreamEncryptionOutput start_encryption(Kinesis& kinesis, Call&,
                                                  const api::StartStreamEncryptionInput& input) {
  kinesis.impl().alter(stream_of(kinesis, input)->name(), [&](Stream& draft, storage::Batch&) {
    draft.about.EncryptionType = input.EncryptionType;
    draft.about.KeyId = input.KeyId;
  });
  return {};
}

api::StopStreamEncryptionOutput stop_encryption(Kinesis& kinesis, Call&,
                                                const api::StopStreamEncryptionInput& input) {
  kinesis.impl().alter(stream_of(kinesis, input)->name(), [](Stream& draft, storage::Batch&) {
    draft.about.EncryptionType = "NONE";
    draft.about.KeyId.reset();
  });
  return {};
}

// Deviation: the shard-level metrics are remembered and told back, not emitted.
api::EnhancedMonitoringOutput enable_monitoring(Kinesis& kinesis, Call&,
                                                const api::EnableEnhancedMonitoringInput& input) {
  return change_monitoring(kinesis, stream_of(kinesis, input), [&](Metrics& metrics) {
    metrics.merge(named(input.ShardLevelMetrics));
  });
}

api::EnhancedMonitoringOutput disable_monitoring(Kinesis& kinesis, Call&,
                                                 const api::DisableEnhancedMonitoringInput& input) {
  return change_monitoring(kinesis, stream_of(kinesis, input), [&](Metrics& metrics) {
    for (const std::string& name : named(input.ShardLevelMetrics)) metrics.erase(name);
  });
}

api::UpdateStreamModeOutput update_stream_mode(Kinesis& kinesis, Call&,
                                               const api::UpdateStreamModeInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const StreamPtr stream = impl.stream(input.StreamARN);
  if (input.StreamModeDetails.StreamMode == kOnDemand) check_on_demand_limit(impl);
  impl.alter(stream->name(), [&](Stream& draft, storage::Batch&) {
    draft.about.StreamModeDetails = input.StreamModeDetails;
  });
  return {};
}

}  // namespace engine::kinesis
