// What the system of a spec costs a month on AWS.
#include "cli/cost/estimate.h"

#include "cli/output/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cli {
namespace {

constexpr double kKb = 1024, kMb = 1024 * kKb, kGb = 1024 * kMb, kTb = 1024 * kGb;
constexpr double kSecondsAMonth = kHoursAMonth * 3600;
constexpr double kDaysAMonth = kHoursAMonth / 24;

constexpr const char* kFirstMonth =
    "It is the first month's bill: storage, and what a query that names no days reads, grow by as "
    "much each month.";
constexpr const char* kNotCounted =
    "Free tiers are not subtracted. Encryption keys are AWS's own, which cost nothing. Not "
    "counted: taxes, traffic to the internet, the jobs' volumes (below a cent).";

/// Billed in whole blocks, one at least.
double blocks(double bytes, double block) { return std::max(1.0, std::ceil(bytes / block)); }

/// "8,760"
std::string whole(double number) {
  return grouped(static_cast<std::uint64_t>(std::llround(number)));
}

/// The bill's positions, part after part of the flow.
class Bill {
 public:
  Bill(const Spec& spec, const Prices& prices, const Usage& usage)
      : spec_(spec),
        prices_(prices),
        usage_(usage),
        beers_(usage.runs_per_month * usage.beers_per_run) {
    raw_objects_ = objects(spec.raw);
    cleaned_objects_ = objects(spec.cleaned);
    cleaned_bytes_ =
        cleaned_objects_ * usage.cleaned_object_bytes + beers_ * usage.cleaned_beer_bytes;
  }

  Estimate made() {
    add_stream();
    add_encryption();
    add_deliveries();
    add_functions();
    add_lake();
    add_queries();
    add_training();
    add_watch();
    add_what_is_off();
    assume();
    return std::move(estimate_);
  }

 private:
  /// A buffer opens with its first beer and closes by age or size, whichever comes first; so there
  /// are at most as many as runs, and at least as many as fit.
  double objects(const Spec::Delivery& delivery) const {
    const double by_age =
        delivery.buffer_seconds == 0
            ? usage_.runs_per_month
            : std::min(usage_.runs_per_month, kSecondsAMonth / delivery.buffer_seconds);
    return std::max(by_age, beers_ * usage_.beer_bytes / (delivery.buffer_mib * kMb));
  }

  void add(const char* service, std::string what, double quantity, const Price& price) {
    estimate_.lines.push_back({service, std::move(what), quantity, price});
  }

  void add_stream() {
    const char* const service = "Kinesis";
    const double shard_hours = spec_.stream.shards * kHoursAMonth;
    add(service,
        fmt::format(
            "stream {}, {} provisioned", spec_.stream.name,
            spec_.stream.shards == 1 ? "1 shard" : fmt::format("{} shards", spec_.stream.shards)),
        shard_hours, prices_.kinesis_shard_hour);
    add(service, "records put", beers_ * blocks(usage_.beer_bytes, 25 * kKb),
        prices_.kinesis_put_payload_unit);
    const int hours = spec_.stream.retention_hours;
    if (hours > 24) {
      add(service, fmt::format("retention of {} h, to 168 h", hours), shard_hours,
          prices_.kinesis_extended_retention);
    }
    if (hours > 168) {
      add(service, fmt::format("retention of {} h, from 168 h", hours),
          beers_ * usage_.beer_bytes / kGb * (hours - 168) / kHoursAMonth,
          prices_.kinesis_long_term_retention);
    }
  }

  /// Kinesis asks KMS for a data key every five minutes, for each who writes or reads: the
  /// extraction and the two deliveries. Verified: Kinesis Data Streams' developer guide, "Costs,
  /// Regions, and performance".
  void add_encryption() {
    if (spec_.stream.encryption != "kms") return;
    add("KMS", "data keys of the stream's writer and readers", 3 * kHoursAMonth * 60 / 5,
        prices_.kms_requests);
  }

  void add_deliveries() {
    const double gb = beers_ * blocks(usage_.beer_bytes, 5 * kKb) * 5 * kKb / kGb;
    add("Firehose", fmt::format("{}: ingested", spec_.raw.name), gb, prices_.firehose_ingested);
    add("Firehose", fmt::format("{}: ingested", spec_.cleaned.name), gb, prices_.firehose_ingested);
    add("Firehose", fmt::format("{}: to Parquet", spec_.cleaned.name), gb,
        prices_.firehose_converted);
  }

  void add_function(const Spec::Function& function, double requests, double ms) {
    add("Lambda", function.name + ": requests", requests, prices_.lambda_requests);
    add("Lambda", fmt::format("{}: {} MB", function.name, function.memory_mb),
        ms / 1000 * function.memory_mb / 1024, prices_.lambda_duration);
  }

  void add_functions() {
    const double runs = usage_.runs_per_month;
    add("EventBridge", "rule " + spec_.schedule.rule, runs, prices_.eventbridge_scheduled);
    add_function(spec_.functions.extraction, runs, runs * usage_.extraction_ms);
    // Firehose calls the function once for what it will write as one object.
    add_function(spec_.functions.transformation, cleaned_objects_,
                 cleaned_objects_ * usage_.transformation_ms + beers_ * usage_.transformed_beer_ms);
  }

  void add_lake() {
    const double raw = raw_objects_ * usage_.raw_object_bytes + beers_ * usage_.raw_beer_bytes;
    const double trained = usage_.trainings_per_month * usage_.training_mb * kMb;
    add("S3", "a month's beers, raw", raw / kGb, prices_.s3_storage);
    add("S3", "a month's beers, cleaned", cleaned_bytes_ / kGb, prices_.s3_storage);
    add("S3", "a month's models", trained / kGb, prices_.s3_storage);
    add("S3", "objects of the deliveries", raw_objects_ + cleaned_objects_, prices_.s3_put);
    // A query writes its result and the result's metadata.
    add("S3", "objects of trainings and queries",
        usage_.trainings_per_month * usage_.training_objects + usage_.queries_per_month * 2,
        prices_.s3_put);
    const double readings = usage_.queries_per_month + usage_.trainings_per_month;
    add("S3", "reads by trainings and queries", readings * cleaned_objects_ * 2, prices_.s3_get);
    // A listing has 1,000 keys at most, and each day's partition has one of its own.
    add("S3", "listings by trainings and queries",
        readings * kDaysAMonth * blocks(cleaned_objects_ / kDaysAMonth, 1000), prices_.s3_put);
  }

  void add_queries() {
    add("Glue", fmt::format("database {}, table {}", spec_.table.database, spec_.table.name), 2,
        prices_.glue_objects);
    add("Athena", fmt::format("{:.0f} queries of a month's beers", usage_.queries_per_month),
        usage_.queries_per_month * std::max(cleaned_bytes_, 10 * kMb) / kTb,
        prices_.athena_scanned);
  }

  void add_training() {
    const std::string& type = spec_.training.instance_type;
    const double hours = usage_.trainings_per_month * usage_.job_minutes / 60;
    add("SageMaker", "processing on " + type, hours * usage_.processing_jobs,
        prices_.instance(type));
    add("SageMaker", fmt::format("training on {} × {}", spec_.training.instances, type),
        hours * usage_.training_jobs * spec_.training.instances, prices_.instance(type));
    add("ECR", fmt::format("image {}", spec_.training.repository), usage_.image_mb / 1024,
        prices_.ecr_storage);
  }

  void add_watch() {
    const double invocations = usage_.runs_per_month + cleaned_objects_;
    const double jobs =
        usage_.trainings_per_month * (usage_.processing_jobs + usage_.training_jobs);
    add("CloudWatch", "logs of functions and jobs",
        (invocations * usage_.log_bytes + jobs * usage_.job_log_bytes) / kGb,
        prices_.logs_ingested);
    add("CloudWatch", "alarms", usage_.alarms, prices_.alarms);
  }

  void add_what_is_off() {
    const Spec::Endpoint& endpoint = spec_.endpoint;
    const std::string& watching = spec_.watching.pipeline;
    estimate_.if_on = {
        {"SageMaker", fmt::format("watching an approved model: {}", watching),
         usage_.watchings_per_month * usage_.job_minutes / 60,
         prices_.instance(spec_.training.instance_type)},
        {"CloudWatch", fmt::format("watching an approved model: {} metrics", usage_.metrics),
         static_cast<double>(usage_.metrics), prices_.custom_metrics},
        {"SageMaker",
         fmt::format("endpoint {} on {} × {}", endpoint.name, endpoint.instances,
                     endpoint.instance_type),
         endpoint.instances * kHoursAMonth, prices_.instance(endpoint.instance_type)},
        {"SageMaker",
         fmt::format("notebook {} on {}", spec_.notebook.name, spec_.notebook.instance_type),
         kHoursAMonth, prices_.instance(spec_.notebook.instance_type)},
        {"SageMaker", fmt::format("notebook {}: its volume", spec_.notebook.name),
         usage_.notebook_gb, prices_.sagemaker_volume}};
  }

  void assume() {
    const Usage& u = usage_;
    estimate_.assumptions = {
        fmt::format(
            "A month has {} hours; the extraction runs {} times in it ({}) and puts {} beers "
            "of {} bytes.",
            kHoursAMonth, whole(u.runs_per_month), u.runs_by, whole(beers_), whole(u.beer_bytes)),
        fmt::format("{} is billed {:.4g} ms a run; {} {:.4g} ms a batch and {:.4g} ms a beer.",
                    spec_.functions.extraction.name, u.extraction_ms,
                    spec_.functions.transformation.name, u.transformation_ms,
                    u.transformed_beer_ms),
        fmt::format("The pipeline runs {:.3g} times ({}), in {} processing and {} training jobs "
                    "of {:.3g} minutes each.",
                    u.trainings_per_month, u.trainings_by, u.processing_jobs, u.training_jobs,
                    u.job_minutes),
        kFirstMonth, kNotCounted};
  }

  const Spec& spec_;
  const Prices& prices_;
  const Usage& usage_;
  double beers_;
  double raw_objects_ = 0, cleaned_objects_ = 0, cleaned_bytes_ = 0;
  Estimate estimate_;
};

}  // namespace

Usage usage_of(const Spec& spec, std::optional<double> runs, std::optional<double> trainings) {
  const auto take = [](std::optional<double> told, const std::string& expression, double& number,
                       std::string& by) {
    number = told ? *told : runs_per_month(expression);
    by = told ? "as told" : expression;
  };
  Usage usage;
  take(runs, spec.schedule.expression, usage.runs_per_month, usage.runs_by);
  take(trainings, spec.training.retraining.expression, usage.trainings_per_month,
       usage.trainings_by);
  if (!spec.watching.schedule.expression.empty()) {
    usage.watchings_per_month = runs_per_month(spec.watching.schedule.expression);
  }
  return usage;
}

double Estimate::usd() const {
  double sum = 0;
  for (const CostLine& line : lines) sum += line.usd();
  return sum;
}

Estimate estimate(const Spec& spec, const Prices& prices, const Usage& usage) {
  return Bill(spec, prices, usage).made();
}

}  // namespace cli
