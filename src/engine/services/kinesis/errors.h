// Kinesis' refusals, each named once.
#pragma once

#include "engine/protocol/error.h"
#include "lib/base/clock.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::kinesis {

inline AwsError no_such_stream(std::string_view name, std::string_view account) {
  return {"ResourceNotFoundException",
          fmt::format("Stream {} under account {} not found.", name, account)};
}
inline AwsError no_such_shard(std::string_view shard, std::string_view stream,
                              std::string_view account) {
  return {"ResourceNotFoundException",
          fmt::format("Could not find shard {} in stream {} under account {}.", shard, stream,
                      account)};
}
inline AwsError no_such_consumer(std::string_view consumer) {
  return {"ResourceNotFoundException", fmt::format("Consumer {} not found.", consumer)};
}
inline AwsError no_such_resource(std::string_view arn) {
  return {"ResourceNotFoundException", fmt::format("Resource {} not found.", arn)};
}
inline AwsError stream_exists(std::string_view name, std::string_view account) {
  return {"ResourceInUseException",
          fmt::format("Stream {} under account {} already exists.", name, account)};
}
inline AwsError consumer_exists(std::string_view name, std::string_view stream,
                                std::string_view account) {
  return {"ResourceInUseException",
          fmt::format("Consumer {} under stream {} under account {} already exists.", name, stream,
                      account)};
}
inline AwsError subscription_in_use(std::string_view consumer, std::string_view shard) {
  return {"ResourceInUseException",
          fmt::format("Another active subscription exists for this consumer: {}, shard {}.", consumer,
                      shard)};
}
inline AwsError stream_has_consumers(std::string_view name, std::string_view account) {
  return {"ResourceInUseException",
          fmt::format("Stream {} under account {} has consumers registered. Deregister them or set "
                      "EnforceConsumerDeletion.",
                      name, account)};
}
inline AwsError shard_closed(std::string_view shard, std::string_view stream) {
  return {"ResourceInUseException",
          fmt::format("Shard {} in stream {} has already been closed.", shard, stream)};
}
inline AwsError invalid_argument(const std::string& message) {
  return {"InvalidArgumentException", message};
}
inline AwsError limit_exceeded(const std::string& message) {
  return {"LimitExceededException", message};
}
inline AwsError validation(const std::string& message) { return {"ValidationException", message}; }
inline AwsError iterator_expired(base::Timestamp created, base::Timestamp now,
                                 base::Milliseconds tolerated) {
  constexpr const char* kForm = "%a %b %d %H:%M:%S UTC %Y";
  return {"ExpiredIteratorException",
          fmt::format("Iterator expired. The iterator was created at time {} while right now it is {} "
                      "which is further in the future than the tolerated delay of {} milliseconds.",
                      base::format_utc(created, kForm), base::format_utc(now, kForm),
                      tolerated.count())};
}
inline AwsError page_token_expired() {
  return {"ExpiredNextTokenException", "The NextToken has expired. Start the listing again."};
}
inline constexpr const char* kThroughputExceeded = "ProvisionedThroughputExceededException";
inline AwsError throughput_exceeded(std::string_view shard, std::string_view stream,
                                    std::string_view account) {
  return {kThroughputExceeded,
          fmt::format("Rate exceeded for shard {} in stream {} under account {}.", shard, stream,
                      account)};
}

}  // namespace engine::kinesis
