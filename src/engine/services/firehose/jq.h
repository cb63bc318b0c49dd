// The queries of MetadataExtraction: jq 1.6, by libjq.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace engine::firehose {

/// A query that jq doesn't compile, or that finds no keys in a record; the sentence says why.
struct QueryError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// A compiled query like `{style: .style, year: .brewed|strftime("%Y")}`. Compiled once, run for
/// every record. Used by one thread at a time.
///
/// A query sees its record and nothing else: no environment, no files, no other input. What could
/// make it run for ever (`def`, `repeat`, `while`, `until`, `range`, `recurse(f)`) is refused, and so is NaN, in a record or computed.
class Query {
 public:
  /// Throws QueryError with jq's own words.
  explicit Query(const std::string& text);

  /// The keys of a record: of the first output, which must be an object of strings, numbers or
  /// booleans. Null and empty values are left out. Throws QueryError.
  std::map<std::string, std::string> run(std::string_view json) const;

 private:
  struct Program;
  std::shared_ptr<Program> program_;
};

}  // namespace engine::firehose
