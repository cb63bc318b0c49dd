// Prefix expressions: "year=!{timestamp:yyyy}/", "errors/!{firehose:error-output-type}/".
#pragma once

#include "lib/base/clock.h"
#include "lib/base/ids.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace engine::firehose {

/// The text isn't a prefix; the sentence says why.
struct PrefixError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// A parsed prefix. Immutable.
///
/// Verified: AWS evaluates `timestamp` (a Java DateTimeFormatter pattern) at the arrival of the
/// oldest record of the object, in UTC; `firehose:random-string` gives eleven new characters each
/// time; a prefix without a timestamp expression gets "yyyy/MM/dd/HH/" behind it; an error prefix
/// that is not given is the prefix followed by the error's type and the time.
class Prefix {
 public:
  /// Throws PrefixError.
  explicit Prefix(std::string_view text);

  bool has_expressions() const;
  bool has_timestamp() const;
  bool has_error_type() const;

  /// The front of a good object's key.
  std::string evaluate(base::Timestamp oldest, base::Ids& ids) const;
  /// The front of an error object's key. A prefix without expressions gets "<type>/yyyy/MM/dd/HH/"
  /// behind it.
  std::string evaluate_error(base::Timestamp oldest, std::string_view error_type,
                             base::Ids& ids) const;

 private:
  enum class Kind { kText, kTimestamp, kRandomString, kErrorType };
  struct Part {
    Kind kind;
    std::string text;  ///< or the pattern
  };
  static Part parse_expression(std::string_view expression);
  bool has(Kind kind) const;
  std::string join(base::Timestamp oldest, std::string_view error_type, base::Ids& ids) const;

  std::vector<Part> parts_;
};

/// A Java DateTimeFormatter pattern over UTC. Letters: y u Y M L d D H h K k m s S n a E Q w z Z X
/// x, text in quotes. Throws PrefixError for others.
std::string format_java(base::Timestamp time, std::string_view pattern);

}  // namespace engine::firehose
