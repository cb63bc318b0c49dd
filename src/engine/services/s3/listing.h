// What the operations that list have in common: page sizes, markers and the encoding of keys.
#pragma once

#include "engine/models/s3.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::s3 {

/// encoding-type: keys as they are, or percent-encoded ("url"), since XML can't hold every character.
class KeyEncoding {
 public:
  /// Throws InvalidArgument for a type that isn't "url".
  explicit KeyEncoding(const std::optional<std::string>& type);
  std::string operator()(std::string_view key) const;

 private:
  bool url_ = false;
};

/// 1000 at most and by default. Throws InvalidArgument when negative; `name` is the parameter's.
std::size_t page_size(const std::optional<std::int64_t>& asked, std::string_view name);

/// Where to go on behind a marker, which may be a common prefix: then behind all it stands for.
std::string after_marker(std::string_view marker, std::string_view prefix, std::string_view delimiter);

std::vector<api::CommonPrefix> common_prefixes(const std::vector<std::string>& prefixes,
                                               const KeyEncoding& encode);

}  // namespace engine::s3
