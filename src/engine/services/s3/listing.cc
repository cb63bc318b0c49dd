// What the operations that list have in common.
#include "engine/services/s3/listing.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/state.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::s3 {
namespace {

/// As an HTML form encodes it, but for the slashes.
/// Verified: botocore and the Java SDK decode listed keys by that rule, so a space is a plus.
std::string form_encoded(std::string_view key) {
  std::string encoded;
  for (const char c : key) {
    switch (c) {
      case ' ': encoded += '+'; break;
      case '*': encoded += '*'; break;
      case '~': encoded += "%7E"; break;
      default: encoded += base::percent_encode(std::string_view(&c, 1), true);
    }
  }
  return encoded;
}

}  // namespace

KeyEncoding::KeyEncoding(const std::optional<std::string>& type) {
  if (!type || type->empty()) return;
  if (*type != "url") {
    throw invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", *type);
  }
  url_ = true;
}

std::string KeyEncoding::operator()(std::string_view key) const {
  return url_ ? form_encoded(key) : std::string(key);
}

std::size_t page_size(const std::optional<std::int64_t>& asked, std::string_view name) {
  constexpr std::int64_t kMost = 1000;
  const auto size = asked.value_or(kMost);
  if (size < 0) {
    throw invalid_argument(
        fmt::format("Argument {} must be an integer between 0 and 2147483647", name), name,
        std::to_string(size));
  }
  return static_cast<std::size_t>(std::min(size, kMost));
}

std::string after_marker(std::string_view marker, std::string_view prefix,
                         std::string_view delimiter) {
  if (!delimiter.empty() && marker.starts_with(prefix)) {
    const auto at = marker.find(delimiter, prefix.size());
    if (at != marker.npos && at + delimiter.size() == marker.size()) return past_prefix(marker);
  }
  return std::string(marker);
}

std::vector<api::CommonPrefix> common_prefixes(const std::vector<std::string>& prefixes,
                                               const KeyEncoding& encode) {
  std::vector<api::CommonPrefix> shapes;
  shapes.reserve(prefixes.size());
  for (const auto& prefix : prefixes) shapes.push_back({.Prefix = encode(prefix)});
  return shapes;
}

}  // namespace engine::s3
