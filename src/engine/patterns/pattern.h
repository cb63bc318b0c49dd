// Event patterns: which events a rule of EventBridge, or a filter of Lambda, wants.
// Source: "Creating Amazon EventBridge event patterns" and "Comparison operators", EventBridge user
// guide.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace engine::patterns {

/// An object as the event is, with a list of allowed values at every leaf: exact values, prefix,
/// suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists, and $or over objects.
/// An event matches when every leaf does; a list in the event matches when one of its elements
/// does.
class Pattern {
 public:
  /// Throws AwsError InvalidEventPatternException with the reason.
  explicit Pattern(std::string_view text);

  bool matches(const boost::json::value& event) const;

 private:
  boost::json::object pattern_;
};

}  // namespace engine::patterns
