// What records pass: the stream and its two deliveries, and where the deliveries log.
#include "cli/deploy/steps.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kLogStream = "S3Delivery";

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

/// What both deliveries are told.
json::object destination(const System& system, const Spec::Delivery& delivery,
                         const std::string& bucket) {
  return {{"RoleARN", system.role_arn(system.spec.roles.delivery)},
          {"BucketARN", "arn:aws:s3:::" + bucket},
          {"Prefix", delivery.prefix},
          {"ErrorOutputPrefix", delivery.error_prefix},
          {"BufferingHints",
           {{"SizeInMBs", delivery.buffer_mib}, {"IntervalInSeconds", delivery.buffer_seconds}}},
          {"CloudWatchLoggingOptions",
           {{"Enabled", true},
            {"LogGroupName", delivery_log_group(system.spec)},
            {"LogStreamName", kLogStream}}}};
}

json::object raw_destination(const System& system) {
  json::object raw = destination(system, system.spec.raw, system.raw_bucket());
  raw["CompressionFormat"] = "GZIP";
  return raw;
}

json::object transformation(const System& system) {
  const std::string function = system.function_arn(system.spec.functions.transformation.name);
  return {
      {"Enabled", true},
      {"Processors",
       json::array{json::object{
           {"Type", "Lambda"},
           {"Parameters", json::array{json::object{{"ParameterName", "LambdaArn"},
                                                   {"ParameterValue", function + ":$LATEST"}}}}}}}};
}

json::object parquet(const System& system) {
  return {{"Enabled", true},
          {"SchemaConfiguration",
           {{"RoleARN", system.role_arn(system.spec.roles.delivery)},
            {"DatabaseName", system.spec.table.database},
            {"TableName", system.spec.table.name},
            {"Region", system.region},
            {"VersionId", "LATEST"}}},
          {"InputFormatConfiguration", {{"Deserializer", {{"OpenXJsonSerDe", json::object()}}}}},
          {"OutputFormatConfiguration",
           {{"Serializer", {{"ParquetSerDe", {{"Compression", "SNAPPY"}}}}}}}};
}

json::object cleaned_destination(const System& system) {
  json::object cleaned = destination(system, system.spec.cleaned, system.cleaned_bucket());
  cleaned["CompressionFormat"] = "UNCOMPRESSED";  // Parquet compresses by itself
  cleaned["ProcessingConfiguration"] = transformation(system);
  cleaned["DataFormatConversionConfiguration"] = parquet(system);
  return cleaned;
}

json::value delivery_description(Deployment& deployment, const std::string& name) {
  return deployment
      .call("firehose", "Firehose_20150804.DescribeDeliveryStream", {{"DeliveryStreamName", name}})
      .at("DeliveryStreamDescription");
}

void create_delivery(Deployment& deployment, const std::string& name, const json::object& wanted) {
  const System& system = deployment.system();
  const json::object input{{"DeliveryStreamName", name},
                           {"DeliveryStreamType", "KinesisStreamAsSource"},
                           {"KinesisStreamSourceConfiguration",
                            {{"KinesisStreamARN", system.stream_arn()},
                             {"RoleARN", system.role_arn(system.spec.roles.delivery)}}},
                           {"ExtendedS3DestinationConfiguration", wanted}};
  with_new_role(
      [&] { return deployment.call("firehose", "Firehose_20150804.CreateDeliveryStream", input); });
}

void deploy_delivery(Deployment& deployment, const std::string& name, const json::object& wanted) {
  const std::string what = "delivery " + name;
  const auto present = describe([&] { return delivery_description(deployment, name); });
  if (!present) {
    create_delivery(deployment, name, wanted);
    wait_until(what, [&] {
      return text(delivery_description(deployment, name), "DeliveryStreamStatus") == "ACTIVE";
    });
    return deployment.created(what);
  }
  const json::value* destination =
      find(*present, "Destinations.0.ExtendedS3DestinationDescription");
  if (destination != nullptr && agrees(*destination, wanted)) return deployment.unchanged();
  deployment.call("firehose", "Firehose_20150804.UpdateDestination",
                  {{"DeliveryStreamName", name},
                   {"CurrentDeliveryStreamVersionId", text(*present, "VersionId")},
                   {"DestinationId", text(*present, "Destinations.0.DestinationId")},
                   {"ExtendedS3DestinationUpdate", wanted}});
  deployment.updated(what);
}

void deploy_log_group(Deployment& deployment, const std::string& name) {
  const int days = deployment.spec().functions.log_retention_days;
  const json::value present =
      deployment.call("logs", "Logs_20140328.DescribeLogGroups", {{"logGroupNamePrefix", name}});
  const json::value* group = nullptr;
  for (const json::value& one : list(present, "logGroups")) {
    if (text(one, "logGroupName") == name) group = &one;
  }
  if (group != nullptr && number(*group, "retentionInDays") == days) return deployment.unchanged();
  if (group == nullptr) {
    deployment.call("logs", "Logs_20140328.CreateLogGroup", {{"logGroupName", name}});
  }
  deployment.call("logs", "Logs_20140328.PutRetentionPolicy",
                  {{"logGroupName", name}, {"retentionInDays", days}});
  group == nullptr ? deployment.created("log group " + name)
                   : deployment.updated("log group " + name);
}

}  // namespace

void deploy_logs(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  deploy_log_group(deployment, function_log_group(spec.functions.extraction.name));
  deploy_log_group(deployment, function_log_group(spec.functions.transformation.name));
  const std::string group = delivery_log_group(spec);
  deploy_log_group(deployment, group);
  const json::value streams =
      deployment.call("logs", "Logs_20140328.DescribeLogStreams",
                      {{"logGroupName", group}, {"logStreamNamePrefix", kLogStream}});
  if (list(streams, "logStreams").empty()) {
    deployment.call("logs", "Logs_20140328.CreateLogStream",
                    {{"logGroupName", group}, {"logStreamName", kLogStream}});
  }
}

void deploy_stream(Deployment& deployment) {
  const Spec::Stream& wanted = deployment.spec().stream;
  const std::string what = "stream " + wanted.name;
  auto present = describe([&] { return stream_summary(deployment); });
  const bool is_new = !present;
  if (is_new) {
    deployment.call("kinesis", "Kinesis_20131202.CreateStream",
                    {{"StreamName", wanted.name}, {"ShardCount", wanted.shards}});
    wait_for_stream(deployment);
    present = stream_summary(deployment);
  }
  const bool resharded = set_shards(deployment, number(*present, "OpenShardCount"));
  const bool retained = set_retention(deployment, number(*present, "RetentionPeriodHours"));
  if (is_new) return deployment.created(what);
  resharded || retained ? deployment.updated(what) : deployment.unchanged();
}

void deploy_deliveries(Deployment& deployment) {
  const System& system = deployment.system();
  deploy_delivery(deployment, system.spec.raw.name, raw_destination(system));
  deploy_delivery(deployment, system.spec.cleaned.name, cleaned_destination(system));
}

}  // namespace cli
