// AWS's constraint checks and the sentence that names every violation.
#pragma once

#include "engine/protocol/shape.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// The constraint violations of one request, in the order found.
class Violations {
 public:
  /// "Value 'x' at 'records.1.member.data' failed to satisfy constraint: Member must …"
  void add(std::string_view path, std::string_view value, bool sensitive, std::string_view rule);
  void add_missing(std::string_view path);

  bool empty() const { return sentences_.empty(); }
  /// "2 validation errors detected: …; …"
  std::string message() const;

 private:
  std::vector<std::string> sentences_;
};

/// "StreamName" → "streamName": how AWS writes a member in a path.
std::string path_name(std::string_view member);
/// Joins a path: ("records.1.member", "Data") → "records.1.member.data".
std::string join_path(std::string_view path, std::string_view member);

/// Checks lengths, ranges, patterns and enumerations of everything present in `value`.
void validate(const Shape& shape, const void* value, const std::string& path, Violations& violations);

}  // namespace engine
