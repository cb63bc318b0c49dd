// Which metric is meant: namespace, name, dimensions and unit, as one key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace engine::cloudwatch {

using Dimensions = std::map<std::string, std::string>;  ///< by name

/// Values of different units are metrics of their own, as with AWS.
struct Metric {
  std::string name_space, name;
  Dimensions dimensions;
  std::string unit;  ///< "None" when none was given

  /// An order over the bytes in which what lies below a namespace, a name, a set of dimensions, is together.
  std::string key() const;
  static Metric of_key(std::string_view key);

  /// What the keys begin with of a metric in every unit, or in one.
  static std::string prefix(std::string_view name_space, std::string_view name, const Dimensions& dimensions,
                            const std::optional<std::string>& unit);
};

/// Characters that a key can hold: no control characters.
bool is_plain(std::string_view text);

/// "EndpointName,VariantName" and "e,v" as a map, for what services measure: no value of theirs holds a
/// comma.
Dimensions dimensions_of(std::string_view names, std::string_view values);

/// A list of a generated shape's {Name, Value} as a map.
template <class List>
Dimensions dimensions_of(const std::optional<List>& list) {
  Dimensions dimensions;
  if (list) {
    for (const auto& dimension : *list) dimensions[dimension.Name] = dimension.Value;
  }
  return dimensions;
}

}  // namespace engine::cloudwatch
