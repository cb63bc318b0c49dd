// How a key becomes the path of a file, and back. The rules stand in docs/formats/objects.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::storage {

/// The names a key's path is made of, the file's last. Plain segments stay as they are; no name is
/// longer than 253 bytes, so that a suffix of below fits.
std::vector<std::string> names_of_key(std::string_view key);

/// What is put behind a file's name when a folder has that name already, and the other way round.
inline constexpr std::string_view kFileAside = "%f";
inline constexpr std::string_view kFolderAside = "%d";

/// The key of which names_of_key(), with or without these suffixes, makes this path; nothing when
/// no key does.
std::optional<std::string> key_of_path(std::string_view path);

}  // namespace engine::storage
