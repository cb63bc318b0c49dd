// Firehose's refusals, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::firehose {

inline AwsError no_such_delivery(std::string_view name, std::string_view account) {
  return {"ResourceNotFoundException",
          fmt::format("Firehose {} under account {} not found.", name, account)};
}
inline AwsError delivery_exists(std::string_view name, std::string_view account) {
  return {"ResourceInUseException",
          fmt::format("Firehose {} under accountId {} already exists", name, account)};
}
inline AwsError too_many_deliveries(std::size_t limit, std::string_view account) {
  return {"LimitExceededException",
          fmt::format("You have already consumed your firehose quota of {} hoses for account {}.",
                      limit, account)};
}
inline AwsError too_many_tags(std::size_t limit) {
  return {"LimitExceededException",
          fmt::format("A delivery stream can have at most {} tags.", limit)};
}
inline AwsError old_version(std::string_view given, std::string_view present) {
  return {"ConcurrentModificationException",
          fmt::format("Cannot update firehose: the given version {} is not the current version {}.",
                      given, present)};
}
inline AwsError not_direct_put(std::string_view name) {
  return {
      "InvalidArgumentException",
      fmt::format("This operation is not permitted on KinesisStreamAsSource delivery stream type "
                  "({}).",
                  name)};
}
inline AwsError invalid_argument(const std::string& message) {
  return {"InvalidArgumentException", message};
}

}  // namespace engine::firehose
