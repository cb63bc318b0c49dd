// The two deliveries that read the stream, each for itself.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

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
            {"LogStreamName", kDeliveryLogStream}}},
          {"CustomTimeZone", "UTC"}};
}

json::object raw_destination(const System& system) {
  json::object raw = destination(system, system.spec.raw, system.raw_bucket());
  raw["CompressionFormat"] = "GZIP";
  raw["ProcessingConfiguration"] = {{"Enabled", false}, {"Processors", json::array()}};
  raw["DataFormatConversionConfiguration"] = {{"Enabled", false}};
  return raw;
}

json::object parameter(const char* name, const std::string& value) {
  return {{"ParameterName", name}, {"ParameterValue", value}};
}

/// All that AWS describes one with, its defaults as well, so that nothing seems to differ.
json::object transformation(const System& system) {
  const std::string function = system.function_arn(system.spec.functions.transformation.name);
  const json::array parameters{
      parameter("LambdaArn", function + ":$LATEST"), parameter("NumberOfRetries", "3"),
      parameter("RoleArn", system.role_arn(system.spec.roles.delivery)),
      parameter("BufferSizeInMBs", "1"), parameter("BufferIntervalInSeconds", "60")};
  return {
      {"Enabled", true},
      {"Processors", json::array{json::object{{"Type", "Lambda"}, {"Parameters", parameters}}}}};
}

json::object parquet_writer() {
  return {{"Compression", "SNAPPY"},     {"WriterVersion", "V1"},
          {"BlockSizeBytes", 256 << 20}, {"PageSizeBytes", 1 << 20},
          {"MaxPaddingBytes", 0},        {"EnableDictionaryCompression", false}};
}

json::object parquet(const System& system) {
  return {{"Enabled", true},
          {"SchemaConfiguration",
           {{"RoleARN", system.role_arn(system.spec.roles.delivery)},
            {"DatabaseName", system.spec.table.database},
            {"TableName", system.spec.table.name},
            {"Region", system.region},
            {"VersionId", "LATEST"}}},
          {"InputFormatConfiguration",
           {{"Deserializer",
             {{"OpenXJsonSerDe",
               {{"CaseInsensitive", true},
                {"ConvertDotsInJsonKeysToUnderscores", false},
                {"ColumnToJsonKeyMappings", json::object()}}}}}}},
          {"OutputFormatConfiguration", {{"Serializer", {{"ParquetSerDe", parquet_writer()}}}}}};
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
  json::object input{{"DeliveryStreamName", name},
                     {"DeliveryStreamType", "KinesisStreamAsSource"},
                     {"KinesisStreamSourceConfiguration",
                      {{"KinesisStreamARN", system.stream_arn()},
                       {"RoleARN", system.role_arn(system.spec.roles.delivery)}}},
                     {"ExtendedS3DestinationConfiguration", wanted}};
  add_tag_list(input, deployment.spec());
  with_new_role(
      [&] { return deployment.call("firehose", "Firehose_20150804.CreateDeliveryStream", input); });
}

/// The order of a processor's parameters says nothing.
json::value sorted_parameters(json::value destination) {
  json::value* const processing = destination.get_object().if_contains("ProcessingConfiguration");
  if (processing == nullptr) return destination;
  json::value* const processors = processing->as_object().if_contains("Processors");
  if (processors == nullptr) return destination;
  for (json::value& processor : processors->as_array()) {
    json::array& parameters = processor.at("Parameters").as_array();
    std::sort(parameters.begin(), parameters.end(), [](const auto& one, const auto& other) {
      return text(one, "ParameterName") < text(other, "ParameterName");
    });
  }
  return destination;
}

bool destination_agrees(const json::value& delivery, const json::object& wanted) {
  const json::value* const present =
      find(delivery, "Destinations.0.ExtendedS3DestinationDescription");
  return present != nullptr && agrees(sorted_parameters(*present), sorted_parameters(wanted));
}

void update_delivery(Deployment& deployment, const std::string& name, const json::value& present,
                     const json::object& wanted) {
  deployment.call("firehose", "Firehose_20150804.UpdateDestination",
                  {{"DeliveryStreamName", name},
                   {"CurrentDeliveryStreamVersionId", text(present, "VersionId")},
                   {"DestinationId", text(present, "Destinations.0.DestinationId")},
                   {"ExtendedS3DestinationUpdate", wanted}});
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
  const bool differs = !destination_agrees(*present, wanted);
  if (differs) update_delivery(deployment, name, *present, wanted);
  const bool tagged = update_tags(deployment, "firehose", name);
  deployment.done(what, false, differs || tagged);
}

}  // namespace

void deploy_deliveries(Deployment& deployment) {
  const System& system = deployment.system();
  deploy_delivery(deployment, system.spec.raw.name, raw_destination(system));
  deploy_delivery(deployment, system.spec.cleaned.name, cleaned_destination(system));
}

}  // namespace cli
