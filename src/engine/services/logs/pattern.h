// Filter patterns of CloudWatch Logs: terms, phrases, exclusions, alternatives.
// Source: "Filter pattern syntax", CloudWatch Logs user guide.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine::logs {

/// `ERROR "not found" -debug ?a ?b`: every plain term must be in the message, no excluded one, and at
/// least one of those behind a question mark, if there are any. Matching minds the case.
// Deviation: the JSON ({ $.x = 1 }) and space-delimited ([a, b]) forms are refused with an error.
class Pattern {
 public:
  /// Throws AwsError InvalidParameterException.
  explicit Pattern(std::string_view text);
  bool matches(std::string_view message) const;

 private:
  std::vector<std::string> all_, any_, none_;
};

}  // namespace engine::logs
