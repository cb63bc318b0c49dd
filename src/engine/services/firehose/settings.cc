// A description read, with the checks AWS makes.
#include "engine/services/firehose/settings.h"

#include "engine/services/firehose/errors.h"
#include "lib/base/encoding.h"

#include <charconv>
#include <map>
#include <set>

namespace engine::firehose {
namespace {

constexpr std::int64_t kDefaultMiB = 5, kDefaultSeconds = 300;
constexpr std::int64_t kConvertMinMiB = 64, kPartitionMinMiB = 64;

using Description = api::ExtendedS3DestinationDescription;

Hints read_hints(const api::BufferingHints& hints) {
  return {static_cast<std::uint64_t>(hints.SizeInMBs.value_or(kDefaultMiB)) << 20,
          std::chrono::seconds(hints.IntervalInSeconds.value_or(kDefaultSeconds))};
}

Prefix read_prefix(std::string_view member, const std::optional<std::string>& text) {
  try {
    return Prefix(text.value_or(""));
  } catch (const PrefixError& error) {
    throw invalid_argument(fmt::format("{}: {}", member, error.what()));
  }
}

/// Where good and refused records go; the rules are the same for a delivery and its backup.
struct Prefixes {
  Prefix good, error;
};

Prefixes read_prefixes(const auto& from) {
  Prefixes to{read_prefix("Prefix", from.Prefix),
              read_prefix("ErrorOutputPrefix", from.ErrorOutputPrefix)};
  if (to.good.has_error_type()) {
    throw invalid_argument("Prefix cannot contain !{firehose:error-output-type}.");
  }
  if (to.error.has_partition_keys()) {
    throw invalid_argument(
        "ErrorOutputPrefix cannot contain partitionKeyFromQuery or partitionKeyFromLambda.");
  }
  const bool has_error_prefix = from.ErrorOutputPrefix && !from.ErrorOutputPrefix->empty();
  if (!has_error_prefix) {
    if (to.good.has_expressions()) {
      throw invalid_argument(
          "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions.");
    }
    to.error = to.good;
  } else if (to.error.has_expressions() && !to.error.has_error_type()) {
    throw invalid_argument(
        "ErrorOutputPrefix must contain !{firehose:error-output-type} when it contains "
        "expressions.");
  }
  return to;
}

Compression read_compression(const std::string& format) {
  if (format.empty()) return Compression::kNone;
  if (const auto compression = compression_named(format)) return *compression;
  throw invalid_argument(fmt::format("{} is not a CompressionFormat.", format));
}

double read_number(const std::string& name, const std::string& text, double least, double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) {
    throw invalid_argument(
        fmt::format("The value {} of processor parameter {} is not between {} and "
                    "{}.",
                    text, name, least, most));
  }
  return value;
}

TransformSettings read_lambda(const std::map<std::string, std::string>& parameters,
                              const Hints& buffer) {
  constexpr double kMebibyte = 1 << 20;
  TransformSettings transform;
  const auto function = parameters.find("LambdaArn");
  if (function == parameters.end()) throw invalid_argument("Parameter LambdaArn is required.");
  transform.function = function->second;
  // AWS waits 60 s for a batch unless told otherwise. Where the destination itself waits less,
  // nobody wants that: then so does the batch.
  transform.batch = {1 << 20, std::min(buffer.interval, Milliseconds{std::chrono::seconds(60)})};
  for (const auto& [name, value] : parameters) {
    if (name == "RoleArn") {
      transform.actor = acting_as(value);
    } else if (name == "NumberOfRetries") {
      transform.retries = static_cast<int>(read_number(name, value, 0, 300));
    } else if (name == "BufferSizeInMBs") {
      transform.batch.bytes =
          static_cast<std::uint64_t>(read_number(name, value, 0.2, 3) * kMebibyte);
    } else if (name == "BufferIntervalInSeconds") {
      transform.batch.interval =
          std::chrono::seconds(static_cast<std::int64_t>(read_number(name, value, 0, 900)));
    }
  }
  return transform;
}

using Parameters = std::map<std::string, std::string>;

std::string parameter(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

DeaggregateSettings read_deaggregation(const Parameters& parameters) {
  const std::string type = parameter(parameters, "SubRecordType");
  if (type == "JSON") return {};
  if (type != "DELIMITED") {
    throw invalid_argument(
        "Parameter SubRecordType of RecordDeAggregation must be JSON or "
        "DELIMITED.");
  }
  // Verified: this delimiter comes as base64.
  const auto delimiter = base::from_base64(parameter(parameters, "Delimiter"));
  if (!delimiter || delimiter->empty()) {
    throw invalid_argument(
        "Parameter Delimiter of RecordDeAggregation must be base64 and is "
        "required for SubRecordType DELIMITED.");
  }
  return {*delimiter};
}

void read_decompression(const Parameters& parameters, PrepareSettings& prepare) {
  if (parameter(parameters, "CompressionFormat") != "GZIP") {
    throw invalid_argument("Parameter CompressionFormat of Decompression must be GZIP.");
  }
  prepare.decompress = true;
}

void read_log_processing(const Parameters& parameters, PrepareSettings& prepare) {
  const std::string extract = parameter(parameters, "DataMessageExtraction");
  if (extract != "true" && extract != "false") {
    throw invalid_argument("Parameter DataMessageExtraction must be true or false.");
  }
  prepare.log_messages = extract == "true";
}

std::shared_ptr<const Query> read_query(const Parameters& parameters) {
  if (parameter(parameters, "JsonParsingEngine") != "JQ-1.6") {
    throw invalid_argument("Parameter JsonParsingEngine of MetadataExtraction must be JQ-1.6.");
  }
  const std::string text = parameter(parameters, "MetadataExtractionQuery");
  if (text.empty()) throw invalid_argument("Parameter MetadataExtractionQuery is required.");
  try {
    return std::make_shared<const Query>(text);
  } catch (const QueryError& error) {
    throw invalid_argument(fmt::format("MetadataExtractionQuery is not valid: {}", error.what()));
  }
}

/// AWS's parameter holds the two characters \n for a line feed.
std::string read_delimiter(const Parameters& parameters) {
  const auto found = parameters.find("Delimiter");
  if (found == parameters.end() || found->second == "\\n") return "\n";
  return found->second;
}

/// Before the processors are read: they depend on whether it is enabled.
void read_partitioning(const Description& from, Settings& to) {
  const auto& partitioning = from.DynamicPartitioningConfiguration;
  if (!partitioning || !partitioning->Enabled.value_or(false)) {
    if (!to.prefix.has_partition_keys()) return;
    throw invalid_argument(
        "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic "
        "Partitioning is enabled.");
  }
  if (from.BufferingHints.SizeInMBs.value_or(kDefaultMiB) < kPartitionMinMiB) {
    throw invalid_argument(
        fmt::format("BufferingHints.SizeInMBs must be at least {} when Dynamic Partitioning is "
                    "enabled.",
                    kPartitionMinMiB));
  }
  const std::int64_t retry =
      partitioning->RetryOptions
          ? partitioning->RetryOptions->DurationInSeconds.value_or(kDefaultSeconds)
          : kDefaultSeconds;
  to.partitioning = PartitionSettings{nullptr, std::chrono::seconds(retry)};
}

/// After the processors: every key of the prefix has somebody who gives it.
void check_partitioning(const Settings& settings) {
  if (!settings.partitioning) return;
  const bool query = settings.partitioning->query != nullptr;
  const bool function = settings.transform.has_value();
  if (!query && !function) {
    throw invalid_argument(
        "Dynamic Partitioning needs a MetadataExtraction or a Lambda processor.");
  }
  if (!query && !settings.prefix.query_keys().empty()) {
    throw invalid_argument(
        "partitionKeyFromQuery in Prefix needs the MetadataExtraction processor.");
  }
  if (!function && !settings.prefix.lambda_keys().empty()) {
    throw invalid_argument("partitionKeyFromLambda in Prefix needs a Lambda processor.");
  }
}

void read_processing(const Description& from, Settings& to) {
  const auto& processing = from.ProcessingConfiguration;
  if (!processing || !processing->Enabled.value_or(false) || !processing->Processors) return;
  std::set<std::string> seen;
  for (const api::Processor& processor : *processing->Processors) {
    Parameters parameters;
    if (!seen.insert(processor.Type).second) {
      throw invalid_argument(fmt::format("Processor type {} is given twice.", processor.Type));
    }
    if (processor.Parameters) {
      for (const auto& one : *processor.Parameters)
        parameters[one.ParameterName] = one.ParameterValue;
    }
    if (processor.Type == "Lambda") {
      to.transform = read_lambda(parameters, to.buffer);
    } else if (processor.Type == "AppendDelimiterToRecord") {
      to.delimiter = read_delimiter(parameters);
    } else if (processor.Type == "RecordDeAggregation") {
      to.prepare.deaggregate = read_deaggregation(parameters);
    } else if (processor.Type == "Decompression") {
      read_decompression(parameters, to.prepare);
    } else if (processor.Type == "CloudWatchLogProcessing") {
      read_log_processing(parameters, to.prepare);
    } else if (processor.Type == "MetadataExtraction") {
      if (!to.partitioning) {
        throw invalid_argument(
            "The MetadataExtraction processor needs Dynamic Partitioning to be enabled.");
      }
      to.partitioning->query = read_query(parameters);
    } else {
      throw invalid_argument(
          fmt::format("Processor type {} is not supported here.", processor.Type));
    }
  }
  if (to.prepare.log_messages && !to.prepare.decompress) {
    throw invalid_argument("CloudWatchLogProcessing needs the Decompression processor.");
  }
}

sql::JsonKeys read_keys(const api::DataFormatConversionConfiguration& from) {
  sql::JsonKeys keys;
  const auto& input = from.InputFormatConfiguration;
  if (!input || !input->Deserializer || !input->Deserializer->OpenXJsonSerDe) return keys;
  const api::OpenXJsonSerDe& openx = *input->Deserializer->OpenXJsonSerDe;
  keys.case_insensitive = openx.CaseInsensitive.value_or(true);
  keys.dots_to_underscores = openx.ConvertDotsInJsonKeysToUnderscores.value_or(false);
  if (openx.ColumnToJsonKeyMappings) keys.column_to_key = *openx.ColumnToJsonKeyMappings;
  return keys;
}

void read_conversion(const Description& from, Settings& to) {
  const auto& conversion = from.DataFormatConversionConfiguration;
  if (!conversion || !conversion->Enabled.value_or(true)) return;
  const auto& schema = conversion->SchemaConfiguration;
  const auto& output = conversion->OutputFormatConfiguration;
  if (!schema || !schema->DatabaseName || !schema->TableName || !output || !output->Serializer ||
      !conversion->InputFormatConfiguration) {
    throw invalid_argument(
        "Data format conversion needs a SchemaConfiguration with DatabaseName and "
        "TableName, an InputFormatConfiguration and an OutputFormatConfiguration.");
  }
  // Deviation: ORC is not written.
  if (!output->Serializer->ParquetSerDe) {
    throw invalid_argument("Only ParquetSerDe is supported here as an output format.");
  }
  if (from.BufferingHints.SizeInMBs.value_or(kDefaultMiB) < kConvertMinMiB) {
    throw invalid_argument(
        fmt::format("BufferingHints.SizeInMBs must be at least {} when data format "
                    "conversion is enabled.",
                    kConvertMinMiB));
  }
  if (to.compression != Compression::kNone) {
    throw invalid_argument(
        "CompressionFormat must be UNCOMPRESSED when data format conversion is "
        "enabled: the Parquet file carries its own compression.");
  }
  to.convert = ConvertSettings{*schema->DatabaseName,
                               *schema->TableName,
                               schema->Region.value_or(""),
                               schema->VersionId.value_or("LATEST"),
                               schema->CatalogId.value_or(""),
                               output->Serializer->ParquetSerDe->Compression.value_or("SNAPPY"),
                               read_keys(*conversion),
                               acting_as(schema->RoleARN.value_or(from.RoleARN))};
}

void read_backup(const Description& from, Settings& to) {
  if (from.S3BackupMode.value_or("Disabled") != "Enabled") return;
  if (!from.S3BackupDescription) {
    throw invalid_argument("S3BackupConfiguration is required when S3BackupMode is Enabled.");
  }
  const api::S3DestinationDescription& backup = *from.S3BackupDescription;
  if (read_prefix("Prefix", backup.Prefix).has_partition_keys()) {
    throw invalid_argument("The prefix of a backup cannot contain partition keys.");
  }
  to.backup = Settings::Backup{bucket_of(backup.BucketARN), read_prefixes(backup).good,
                               read_compression(backup.CompressionFormat),
                               read_hints(backup.BufferingHints), acting_as(backup.RoleARN)};
}

void read_rest(const Description& from, Settings& to) {
  const std::string zone = from.CustomTimeZone.value_or("UTC");
  if (!zone.empty() && zone != "UTC" && zone != "Etc/UTC") {
    throw invalid_argument(fmt::format("CustomTimeZone {} is not supported here: use UTC.", zone));
  }
  to.extension = from.FileExtension.value_or("");
  if (to.extension.empty())
    to.extension = to.convert ? ".parquet" : default_extension(to.compression);
  const auto& logging = from.CloudWatchLoggingOptions;
  if (logging && logging->Enabled.value_or(false)) {
    to.log_group = logging->LogGroupName.value_or("");
    to.log_stream = logging->LogStreamName.value_or("");
  }
}

}  // namespace

std::string bucket_of(std::string_view arn) { return std::string(arn.substr(arn.rfind(':') + 1)); }

Settings read_settings(const api::DeliveryStreamDescription& description) {
  const Description& from = destination(description);
  Settings settings;
  settings.name = description.DeliveryStreamName;
  settings.arn = description.DeliveryStreamARN;
  settings.version = description.VersionId;
  if (description.Source && description.Source->KinesisStreamSourceDescription) {
    settings.source_arn =
        description.Source->KinesisStreamSourceDescription->KinesisStreamARN.value_or("");
    settings.reader = acting_as(
        description.Source->KinesisStreamSourceDescription->RoleARN.value_or(""));
  }
  settings.writer = acting_as(from.RoleARN);
  settings.bucket = bucket_of(from.BucketARN);
  settings.buffer = read_hints(from.BufferingHints);
  settings.compression = read_compression(from.CompressionFormat);
  const Prefixes prefixes = read_prefixes(from);
  settings.prefix = prefixes.good;
  settings.error_prefix = prefixes.error;
  read_partitioning(from, settings);
  read_processing(from, settings);
  check_partitioning(settings);
  if (settings.transform && settings.transform->actor.role.empty()) settings.transform->actor = settings.writer;
  read_conversion(from, settings);
  read_backup(from, settings);
  read_rest(from, settings);
  constexpr std::size_t kTimeAndId = 60;  // "-2026-01-01-00-00-00-" and a UUID
  settings.key_bytes = settings.prefix.most_bytes() + settings.name.size() +
                       settings.version.size() + kTimeAndId + settings.extension.size();
  return settings;
}

}  // namespace engine::firehose
