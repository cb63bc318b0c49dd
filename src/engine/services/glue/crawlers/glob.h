// Exclusions of a crawler's target: globs over the keys below it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace engine::glue {

/// A list of globs: `*` and `?` stay within a folder, `**` crosses folders, `[a-z]` and `[!a-z]` name
/// characters, `{a,b}` alternatives, and `\` takes the next character as it is.
class Globs {
 public:
  /// Throws std::invalid_argument that names the glob that isn't one.
  explicit Globs(const std::vector<std::string>& globs);
  ~Globs();
  Globs(Globs&&) noexcept;

  bool match(std::string_view path) const;

 private:
  std::vector<std::unique_ptr<re2::RE2>> expressions_;
};

}  // namespace engine::glue
