// What a delivery stream is told to do: its description read once, checked, and put plainly.
#pragma once

#include "engine/models/firehose.h"
#include "engine/services/authority.h"
#include "engine/services/firehose/compress.h"
#include "engine/services/firehose/jq.h"
#include "engine/services/firehose/prefix.h"
#include "engine/sql/json_row.h"

#include <memory>
#include <optional>
#include <string>

namespace engine::firehose {

using base::Milliseconds;

/// When something gathered is full: by bytes, or by the time since its first record came.
struct Hints {
  std::uint64_t bytes = 5 << 20;
  Milliseconds interval = std::chrono::seconds(300);
};

/// The transformation by a function.
struct TransformSettings {
  std::string function;  ///< its ARN
  Actor actor = {};      ///< who invokes it
  Hints batch;
  int retries = 3;
};

/// Taking a record apart: by a delimiter, or where JSON objects follow each other ("").
struct DeaggregateSettings {
  std::string delimiter;
};

/// What happens to a record before the function.
struct PrepareSettings {
  bool decompress = false;    ///< it is GZIP
  bool log_messages = false;  ///< of a CloudWatch Logs document only the messages go on
  std::optional<DeaggregateSettings> deaggregate;

  bool any() const { return decompress || log_messages || deaggregate; }
};

/// Dynamic partitioning.
struct PartitionSettings {
  std::shared_ptr<const Query> query;  ///< of MetadataExtraction; null when there is none
  Milliseconds retry;                  ///< how long a delivery is tried before its records fail
};

/// The conversion to Parquet.
struct ConvertSettings {
  std::string database, table, region, version, catalog;
  std::string compression;  ///< of the Parquet file
  sql::JsonKeys keys;
  Actor actor = {};         ///< who reads the table
};

struct Settings {
  std::string name, arn, version;
  std::string source_arn;  ///< of the Kinesis stream, "" for DirectPut
  Actor reader, writer;     ///< in which roles the source is read and the bucket written
  std::string bucket;
  Prefix prefix{""}, error_prefix{""};
  Hints buffer;
  Compression compression = Compression::kNone;
  std::string extension;  ///< ".gz", ".parquet", "" or as told
  std::string delimiter;  ///< put behind every delivered record
  PrepareSettings prepare;
  std::optional<TransformSettings> transform;
  std::optional<PartitionSettings> partitioning;
  std::size_t key_bytes = 0;  ///< at most, of an object's key without the partition keys' values
  std::optional<ConvertSettings> convert;
  struct Backup {
    std::string bucket;
    Prefix prefix{""};
    Compression compression = Compression::kNone;
    Hints buffer;
    Actor writer = {};
  };
  std::optional<Backup> backup;       ///< of the records as they came
  std::string log_group, log_stream;  ///< "" when errors are not logged there
};

/// Reads a description. Throws AwsError (InvalidArgumentException) for what AWS refuses and for
/// what we can't do, so that nothing is accepted and then ignored.
Settings read_settings(const api::DeliveryStreamDescription& description);

/// The one destination of a description.
inline api::ExtendedS3DestinationDescription& destination(api::DeliveryStreamDescription& stream) {
  return *stream.Destinations.at(0).ExtendedS3DestinationDescription;
}
inline const api::ExtendedS3DestinationDescription& destination(
    const api::DeliveryStreamDescription& stream) {
  return *stream.Destinations.at(0).ExtendedS3DestinationDescription;
}

/// Firehose in that role.
inline Actor acting_as(std::string role) {
  return {std::move(role), "firehose.amazonaws.com", "AWSFirehoseToS3"};
}

/// The bucket of "arn:aws:s3:::bucket".
std::string bucket_of(std::string_view arn);

}  // namespace engine::firehose
