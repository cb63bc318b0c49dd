// Destinations: configuration to description with AWS's defaults, and updates over it.
#include "engine/services/firehose/destination.h"

namespace engine::firehose {
namespace {

constexpr std::int64_t kDefaultMiB = 5, kLargeMiB = 128, kDefaultSeconds = 300;

/// What S3DestinationConfiguration and ExtendedS3DestinationConfiguration have in common.
template <class To, class From>
void describe_common(To& to, const From& from, std::int64_t default_mib) {
  to.RoleARN = from.RoleARN;
  to.BucketARN = from.BucketARN;
  to.Prefix = from.Prefix;
  to.ErrorOutputPrefix = from.ErrorOutputPrefix;
  if (from.BufferingHints) to.BufferingHints = *from.BufferingHints;
  auto& hints = to.BufferingHints;
  if (!hints.SizeInMBs) hints.SizeInMBs = default_mib;
  if (!hints.IntervalInSeconds) hints.IntervalInSeconds = kDefaultSeconds;
  to.CompressionFormat = from.CompressionFormat.value_or("UNCOMPRESSED");
  if (from.EncryptionConfiguration) {
    to.EncryptionConfiguration = *from.EncryptionConfiguration;
  } else {
    to.EncryptionConfiguration.NoEncryptionConfig = "NoEncryption";
  }
  to.CloudWatchLoggingOptions = from.CloudWatchLoggingOptions;
  if (!to.CloudWatchLoggingOptions) to.CloudWatchLoggingOptions.emplace().Enabled = false;
}

template <class T>
void replace(T& to, const std::optional<T>& from) {
  if (from) to = *from;
}
template <class T>
void replace(std::optional<T>& to, const std::optional<T>& from) {
  if (from) to = from;
}

/// What both kinds of update have in common.
template <class To, class From>
void update_common(To& to, const From& from) {
  replace(to.RoleARN, from.RoleARN);
  replace(to.BucketARN, from.BucketARN);
  replace(to.Prefix, from.Prefix);
  replace(to.ErrorOutputPrefix, from.ErrorOutputPrefix);
  if (from.BufferingHints) {
    replace(to.BufferingHints.SizeInMBs, from.BufferingHints->SizeInMBs);
    replace(to.BufferingHints.IntervalInSeconds, from.BufferingHints->IntervalInSeconds);
  }
  replace(to.CompressionFormat, from.CompressionFormat);
  replace(to.EncryptionConfiguration, from.EncryptionConfiguration);
  replace(to.CloudWatchLoggingOptions, from.CloudWatchLoggingOptions);
}

}  // namespace

api::ExtendedS3DestinationDescription describe(
    const api::ExtendedS3DestinationConfiguration& from) {
  api::ExtendedS3DestinationDescription to;
  const auto& conversion = from.DataFormatConversionConfiguration;
  const bool converts = conversion && conversion->Enabled.value_or(true);
  const auto& partitioning = from.DynamicPartitioningConfiguration;
  const bool partitions = partitioning && partitioning->Enabled.value_or(false);
  describe_common(to, from, converts || partitions ? kLargeMiB : kDefaultMiB);
  to.ProcessingConfiguration = from.ProcessingConfiguration;
  to.S3BackupMode = from.S3BackupMode.value_or("Disabled");
  if (from.S3BackupConfiguration) {
    describe_common(to.S3BackupDescription.emplace(), *from.S3BackupConfiguration, kDefaultMiB);
  }
  to.DataFormatConversionConfiguration = from.DataFormatConversionConfiguration;
  to.DynamicPartitioningConfiguration = from.DynamicPartitioningConfiguration;
  to.FileExtension = from.FileExtension;
  to.CustomTimeZone = from.CustomTimeZone;
  return to;
}

api::ExtendedS3DestinationDescription describe(const api::S3DestinationConfiguration& from) {
  api::ExtendedS3DestinationDescription to;
  describe_common(to, from, kDefaultMiB);
  to.S3BackupMode = "Disabled";
  return to;
}

api::S3DestinationDescription to_s3(const api::ExtendedS3DestinationDescription& from) {
  return {from.RoleARN,
          from.BucketARN,
          from.Prefix,
          from.ErrorOutputPrefix,
          from.BufferingHints,
          from.CompressionFormat,
          from.EncryptionConfiguration,
          from.CloudWatchLoggingOptions};
}

void update(api::ExtendedS3DestinationDescription& to, const api::S3DestinationUpdate& from) {
  update_common(to, from);
}

void update(api::ExtendedS3DestinationDescription& to,
            const api::ExtendedS3DestinationUpdate& from) {
  update_common(to, from);
  replace(to.ProcessingConfiguration, from.ProcessingConfiguration);
  replace(to.S3BackupMode, from.S3BackupMode);
  if (from.S3BackupUpdate) {
    if (!to.S3BackupDescription) {
      to.S3BackupDescription.emplace();
      describe_common(*to.S3BackupDescription, api::S3DestinationConfiguration{}, kDefaultMiB);
    }
    update_common(*to.S3BackupDescription, *from.S3BackupUpdate);
  }
  replace(to.DataFormatConversionConfiguration, from.DataFormatConversionConfiguration);
  replace(to.DynamicPartitioningConfiguration, from.DynamicPartitioningConfiguration);
  replace(to.FileExtension, from.FileExtension);
  replace(to.CustomTimeZone, from.CustomTimeZone);
}

}  // namespace engine::firehose
