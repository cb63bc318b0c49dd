// The keys of a record's partition.
#include "engine/services/firehose/partition.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::firehose {
namespace {

// Verified: AWS's code for all of these.
constexpr std::string_view kExtractionFailed = "DynamicPartitioning.MetadataExtractionFailed";
constexpr std::size_t kMaxObjectKey = 1024;

Refusal refusal(std::string message) {
  return {std::string(kExtractionFailed), std::move(message)};
}

/// Takes the named keys from `found`. False when one has no value.
bool take(const std::vector<std::string>& names, const Keys& found, Keys& keys) {
  for (const std::string& name : names) {
    const auto at = found.find(name);
    if (at == found.end() || at->second.empty()) return false;
    keys[name] = at->second;
  }
  return true;
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

std::size_t bytes_of(const Keys& keys, bool& odd) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : keys) {
    bytes += value.size();
    odd = odd || std::any_of(value.begin(), value.end(), is_control);
  }
  return bytes;
}

}  // namespace

std::optional<Refusal> Partitioner::find(std::string_view data, const Keys& from_function,
                                         PartitionKeys& keys) const {
  const Prefix& prefix = settings_.prefix;
  try {
    const std::vector<std::string> asked = prefix.query_keys();
    const Keys found = asked.empty() ? Keys{} : settings_.partitioning->query->run(data);
    if (!take(asked, found, keys.query)) {
      return refusal("partitionKeyFromQuery values must not be null or empty");
    }
  } catch (const QueryError& error) {
    return refusal(error.what());
  }
  if (!take(prefix.lambda_keys(), from_function, keys.lambda)) {
    return refusal("partitionKeyFromLambda values must not be null or empty");
  }
  // A key that S3 refuses would hold up everything behind it.
  bool odd = false;
  const std::size_t bytes = bytes_of(keys.query, odd) + bytes_of(keys.lambda, odd);
  if (odd) return refusal("partitionKeys values must not hold control characters");
  if (bytes + settings_.key_bytes > kMaxObjectKey) {
    return refusal(fmt::format("the object's key would be longer than {} bytes", kMaxObjectKey));
  }
  return std::nullopt;
}

}  // namespace engine::firehose
