// What records pass first: the stream.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>

namespace cli {
namespace {

json::value stream_summary(Deployment& deployment) {
  return deployment
      .call("kinesis", "Kinesis_20131202.DescribeStreamSummary",
            {{"StreamName", deployment.spec().stream.name}})
      .at("StreamDescriptionSummary");
}

void wait_for_stream(Deployment& deployment) {
  wait_until("stream " + deployment.spec().stream.name,
             [&] { return text(stream_summary(deployment), "StreamStatus") == "ACTIVE"; });
}

/// A new stream keeps its records for 24 hours; more is told afterwards.
bool set_retention(Deployment& deployment, double present) {
  const Spec::Stream& wanted = deployment.spec().stream;
  if (present == wanted.retention_hours) return false;
  const bool more = wanted.retention_hours > present;
  deployment.call(
      "kinesis",
      fmt::format("Kinesis_20131202.{}StreamRetentionPeriod", more ? "Increase" : "Decrease"),
      {{"StreamName", wanted.name}, {"RetentionPeriodHours", wanted.retention_hours}});
  wait_for_stream(deployment);
  return true;
}

bool set_shards(Deployment& deployment, double present) {
  const Spec::Stream& wanted = deployment.spec().stream;
  if (present == wanted.shards) return false;
  deployment.call("kinesis", "Kinesis_20131202.UpdateShardCount",
                  {{"StreamName", wanted.name},
                   {"TargetShardCount", wanted.shards},
                   {"ScalingType", "UNIFORM_SCALING"}});
  wait_for_stream(deployment);
  return true;
}

/// "none", or with the key that AWS keeps for Kinesis.
bool set_encryption(Deployment& deployment, const json::value& present) {
  constexpr const char* kKey = "alias/aws/kinesis";
  const Spec::Stream& wanted = deployment.spec().stream;
  const bool is_on = text(present, "EncryptionType") == "KMS";
  if (is_on == (wanted.encryption == "kms")) return false;
  deployment.call("kinesis",
                  fmt::format("Kinesis_20131202.{}StreamEncryption", is_on ? "Stop" : "Start"),
                  {{"StreamName", wanted.name},
                   {"EncryptionType", "KMS"},
                   {"KeyId", is_on ? text(present, "KeyId") : kKey}});
  wait_for_stream(deployment);
  return true;
}

void create_stream(Deployment& deployment) {
  const Spec::Stream& wanted = deployment.spec().stream;
  json::object input{{"StreamName", wanted.name},
                     {"ShardCount", wanted.shards},
                     {"StreamModeDetails", {{"StreamMode", "PROVISIONED"}}}};
  add_tag_map(input, deployment.spec());
  deployment.call("kinesis", "Kinesis_20131202.CreateStream", input);
  wait_for_stream(deployment);
}

}  // namespace

void deploy_stream(Deployment& deployment) {
  auto present = describe([&] { return stream_summary(deployment); });
  const bool is_new = !present;
  if (is_new) {
    create_stream(deployment);
    present = stream_summary(deployment);
  }
  bool changed = set_shards(deployment, number(*present, "OpenShardCount"));
  changed |= set_retention(deployment, number(*present, "RetentionPeriodHours"));
  changed |= set_encryption(deployment, *present);
  if (!is_new) changed |= update_tags(deployment, "kinesis", deployment.system().stream_arn());
  deployment.done("stream " + deployment.spec().stream.name, is_new, changed);
}

}  // namespace cli
