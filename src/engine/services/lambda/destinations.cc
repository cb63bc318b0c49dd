// Destinations: checked when they are set, and records delivered into buckets.
#include "engine/services/lambda/destinations.h"

#include "engine/services/lambda/errors.h"
#include "lib/base/log.h"

namespace engine::lambda {
namespace {

constexpr std::string_view kBucketArn = "arn:aws:s3:::";

// Deviation: AWS tells queues and topics as well.
AwsError unreachable(std::string_view arn, std::string_view instead) {
  return invalid(fmt::format("The destination {} can't be reached: this engine has neither SQS nor SNS nor Kafka. "
                             "Use {}.", arn, instead));
}

void check_bucket(const Lambda::Impl& lambda, std::string_view arn) {
  const std::string_view bucket = arn.substr(kBucketArn.size());
  if (!lambda.s3.has_bucket(bucket)) throw invalid(fmt::format("The destination bucket {} does not exist.", bucket));
}

void check(const Lambda::Impl& lambda, const std::string& arn, bool of_failures) {
  switch (destination_kind(arn)) {
    case DestinationKind::kNone:
      return;
    case DestinationKind::kFunction:
      lambda.configuration(parse_reference(arn));
      return;
    case DestinationKind::kEventBus:
      if (arn != lambda.context.arn("events", "event-bus/default")) {
        throw invalid(fmt::format("The destination event bus {} does not exist.", arn));
      }
      return;
    case DestinationKind::kBucket:
      if (!of_failures) throw invalid(fmt::format("The bucket {} can be a destination of failures only.", arn));
      return check_bucket(lambda, arn);
  }
}

}  // namespace

DestinationKind destination_kind(std::string_view arn) {
  if (arn.empty()) return DestinationKind::kNone;
  if (arn.starts_with(kBucketArn)) return DestinationKind::kBucket;
  if (arn.starts_with("arn:aws:lambda:") && arn.find(":function:") != std::string_view::npos) {
    return DestinationKind::kFunction;
  }
  if (arn.starts_with("arn:aws:events:") && arn.find(":event-bus/") != std::string_view::npos) {
    return DestinationKind::kEventBus;
  }
  throw unreachable(arn, "a function, an event bus of EventBridge, or on failure a bucket");
}

void check_destinations(const Lambda::Impl& lambda, const api::DestinationConfig& config) {
  if (config.OnSuccess) check(lambda, config.OnSuccess->Destination.value_or(""), false);
  if (config.OnFailure) check(lambda, config.OnFailure->Destination.value_or(""), true);
}

void check_stream_destination(const Lambda::Impl& lambda, const api::DestinationConfig& config) {
  if (config.OnSuccess && config.OnSuccess->Destination) {
    throw invalid("An event source mapping has no destination of successes.");
  }
  const std::string arn = config.OnFailure ? config.OnFailure->Destination.value_or("") : "";
  if (arn.empty()) return;
  if (!arn.starts_with(kBucketArn)) throw unreachable(arn, "a bucket");
  check_bucket(lambda, arn);
}

void check_dead_letter_target(const std::string& arn) {
  if (arn.empty()) return;
  throw invalid(fmt::format("The dead-letter target {} can't be reached: this engine has neither SQS nor SNS. Use an "
                            "on-failure destination (PutFunctionEventInvokeConfig): a function, an event bus or a "
                            "bucket.", arn));
}

void Lambda::Impl::deliver_to_bucket(const std::string& bucket, const std::string& key, std::string record,
                                     const std::string& function, storage::Batch with) {
  try {
    context.require(actor_of(configuration({function, "$LATEST"})), "s3:PutObject", fmt::format("arn:aws:s3:::{}/{}", bucket, key));
    s3.put_object(bucket, key, std::move(record), {.content_type = "application/json"}, with);
  } catch (const AwsError& error) {
    failed_to_deliver(function, bucket, error.what());
    context.catalog.commit(std::move(with));
  }
}

void Lambda::Impl::failed_to_deliver(const std::string& function, std::string_view destination,
                                     std::string_view reason) {
  base::log_warning("lambda", "a result of {} can't be told to {}: {}", function, destination, reason);
  context.meter({"AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", function, 1, "Count"});
}

}  // namespace engine::lambda
