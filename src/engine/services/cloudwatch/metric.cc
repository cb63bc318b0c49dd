// Which metric is meant, as one key:
//
//   namespace US name US (dimension RS value RS)… US unit
//
// US and RS are ASCII's separators 0x1f and 0x1e, which no part holds.
#include "engine/services/cloudwatch/metric.h"

#include <algorithm>

namespace engine::cloudwatch {
namespace {

constexpr char kPart = '\x1f', kPiece = '\x1e';

/// Cuts what stands before the next `separator` off `text`.
std::string cut(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  std::string part(text.substr(0, end));
  text.remove_prefix(std::min(text.size(), end + 1));
  return part;
}

}  // namespace

std::string Metric::prefix(std::string_view name_space, std::string_view name, const Dimensions& dimensions,
                           const std::optional<std::string>& unit) {
  std::string key(name_space);
  key += kPart;
  key.append(name) += kPart;
  for (const auto& [dimension, value] : dimensions) {
    key.append(dimension) += kPiece;
    key.append(value) += kPiece;
  }
  key += kPart;
  return unit ? key.append(*unit) += kPart : key;
}

std::string Metric::key() const { return prefix(name_space, name, dimensions, unit); }

Metric Metric::of_key(std::string_view key) {
  Metric metric;
  metric.name_space = cut(key, kPart);
  metric.name = cut(key, kPart);
  const std::string dimensions = cut(key, kPart);
  for (std::string_view left = dimensions; !left.empty();) {
    std::string name = cut(left, kPiece);
    metric.dimensions[std::move(name)] = cut(left, kPiece);
  }
  metric.unit = cut(key, kPart);
  return metric;
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Dimensions dimensions_of(std::string_view names, std::string_view values) {
  Dimensions dimensions;
  while (true) {
    const auto name_end = names.find(','), value_end = values.find(',');
    if (name_end == names.npos || value_end == values.npos) {
      dimensions.emplace(names, values);
      return dimensions;
    }
    dimensions.emplace(names.substr(0, name_end), values.substr(0, value_end));
    names.remove_prefix(name_end + 1);
    values.remove_prefix(value_end + 1);
  }
}

}  // namespace engine::cloudwatch
