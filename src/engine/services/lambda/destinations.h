// Where results and failures can be told: functions, the event bus and buckets.
// Source: "Capturing records of Lambda asynchronous invocations", AWS Lambda developer guide.
#pragma once

#include "engine/services/lambda/state.h"

#include <string>
#include <string_view>

namespace engine::lambda {

enum class DestinationKind { kNone, kFunction, kEventBus, kBucket };

/// Nothing for an empty ARN. Throws InvalidParameterValueException, with what there is instead, for an ARN
/// of anything else.
DestinationKind destination_kind(std::string_view arn);

/// Of asynchronous invocations. Throws unless both can be reached, and are there.
void check_destinations(const Lambda::Impl& lambda, const api::DestinationConfig& config);

/// Of a stream's batches: a bucket, on failure. Throws unless it is there.
void check_stream_destination(const Lambda::Impl& lambda, const api::DestinationConfig& config);

/// AWS has queues and topics for these alone, and we have neither: throws unless the ARN is empty.
void check_dead_letter_target(const std::string& arn);

}  // namespace engine::lambda
