// A resource's name as the name of its folder.
#pragma once

#include <string>
#include <string_view>

namespace engine {

/// The name itself, for names of [a-zA-Z0-9_.-]; "." and ".." are resources' names that no folder
/// can bear, and get a '%' in front.
inline std::string folder_name(std::string_view name) {
  const bool dots = name.find_first_not_of('.') == std::string_view::npos;
  return (dots ? "%" : "") + std::string(name);
}

}  // namespace engine
