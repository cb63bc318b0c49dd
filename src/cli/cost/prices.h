// architecture/prices.yaml: AWS's list prices.
#pragma once

#include <map>
#include <string>

namespace cli {

/// What AWS asks for so many of a unit: 0.014 USD per 1,000,000 PUT payload units.
struct Price {
  double usd = 0;
  int per = 1;
  std::string unit;   ///< "shard-hours"
  std::string as_of;  ///< the month for which it is known, "2025-01"
  std::string page;   ///< AWS's, where it stands
};

/// Every key of the file, by its own name; the file explains them. All are required.
struct Prices {
  std::string file, region;

  Price kinesis_shard_hour, kinesis_put_payload_unit, kinesis_extended_retention,
      kinesis_long_term_retention;
  Price kms_requests;
  Price firehose_ingested, firehose_converted;
  Price eventbridge_scheduled;
  Price lambda_requests, lambda_duration;
  Price s3_storage, s3_put, s3_get;
  Price glue_objects, athena_scanned;
  Price logs_ingested, alarms, custom_metrics;
  Price ecr_storage, sagemaker_volume;
  std::map<std::string, Price> instances;  ///< by type, "ml.m5.large", in hours

  /// Throws UsageError, naming the file and the types it has, when there is no such type.
  const Price& instance(const std::string& type) const;
};

/// Reads the text of a price list; `file` names it in errors. Throws UsageError with one sentence
/// that says where and what.
Prices parse_prices(const std::string& text, const std::string& file);

/// Reads `path`, or when that is empty ./architecture/prices.yaml, else the one that came with this
/// program. Throws UsageError as well when there is none.
Prices read_prices(const std::string& path);

}  // namespace cli
