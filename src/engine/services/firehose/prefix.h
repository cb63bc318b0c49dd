// Prefix expressions: "year=!{timestamp:yyyy}/", "errors/!{firehose:error-output-type}/".
#pragma once

#include "lib/base/clock.h"
#include "lib/base/ids.h"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace engine::firehose {

/// The text isn't a prefix; the sentence says why.
struct PrefixError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Partition keys and their values, by name.
using Keys = std::map<std::string, std::string>;

/// What a partition's records have in common: the values of the prefix's keys.
struct PartitionKeys {
  Keys query, lambda;  ///< partitionKeyFromQuery, partitionKeyFromLambda
  auto operator<=>(const PartitionKeys&) const = default;
};

/// A parsed prefix. Immutable.
///
/// Verified: AWS evaluates `timestamp` (a Java DateTimeFormatter pattern) at the arrival of the
/// oldest record of the object, in UTC; `firehose:random-string` gives eleven new characters each
/// time; a prefix without a timestamp expression gets "yyyy/MM/dd/HH/" behind it; an error prefix
/// that is not given is the prefix followed by the error's type and the time. Behind partition keys
/// no time is added.
class Prefix {
 public:
  /// Throws PrefixError.
  explicit Prefix(std::string_view text);

  bool has_expressions() const;
  bool has_timestamp() const;
  bool has_error_type() const;
  bool has_partition_keys() const;
  std::vector<std::string> query_keys() const;   ///< names in !{partitionKeyFromQuery:…}
  std::vector<std::string> lambda_keys() const;  ///< names in !{partitionKeyFromLambda:…}
  /// At most so many bytes become of it, the values of its partition keys not counted.
  std::size_t most_bytes() const;

  /// The front of a good object's key. `keys` has a value for every partition key.
  std::string evaluate(base::Timestamp oldest, base::Ids& ids,
                       const PartitionKeys& keys = {}) const;
  /// The front of an error object's key. A prefix without expressions gets "<type>/yyyy/MM/dd/HH/"
  /// behind it.
  std::string evaluate_error(base::Timestamp oldest, std::string_view error_type,
                             base::Ids& ids) const;

 private:
  enum class Kind { kText, kTimestamp, kRandomString, kErrorType, kQueryKey, kLambdaKey };
  struct Part {
    Kind kind;
    std::string text;  ///< or the pattern, or the key's name
  };
  static Part parse_expression(std::string_view expression);
  bool has(Kind kind) const;
  std::vector<std::string> texts(Kind kind) const;
  std::string join(base::Timestamp oldest, std::string_view error_type, base::Ids& ids,
                   const PartitionKeys& keys) const;

  std::vector<Part> parts_;
};

/// A Java DateTimeFormatter pattern over UTC. Letters: y u Y M L d D H h K k m s S n a E Q w z Z X
/// x, text in quotes. Throws PrefixError for others.
std::string format_java(base::Timestamp time, std::string_view pattern);

}  // namespace engine::firehose
