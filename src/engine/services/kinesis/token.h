// What we hand out and want back unchanged: shard iterators and page tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::kinesis {

/// Seals a few fields into one opaque text and opens it again. The text carries a keyed digest, so
/// that only what this engine sealed is accepted. Immutable.
class TokenSeal {
 public:
  /// `key` is any secret text; the same key opens what it sealed, in the next run as well.
  explicit TokenSeal(std::string key) : key_(std::move(key)) {}

  /// `kind` keeps the tokens of one purpose from being used for another.
  std::string seal(std::string_view kind, const std::vector<std::string>& fields) const;
  /// Nothing when the text is not a token of that kind.
  std::optional<std::vector<std::string>> open(std::string_view kind, std::string_view token) const;

 private:
  std::string digest(std::string_view kind, std::string_view payload) const;

  std::string key_;
};

}  // namespace engine::kinesis
