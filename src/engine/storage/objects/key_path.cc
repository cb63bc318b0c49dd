// How a key becomes the path of a file, and back.
#include "engine/storage/objects/key_path.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace engine::storage {
namespace {

constexpr std::size_t kMaxNameBytes = 253;
constexpr std::string_view kEmpty = "%";
constexpr std::string_view kContinued = "%+";

std::string escape_byte(char c) { return fmt::format("%{:02X}", static_cast<unsigned char>(c)); }

bool needs_escape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '%';
}

bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string escape(std::string_view segment) {
  if (segment.empty()) return std::string(kEmpty);
  std::string name;
  const bool dots = segment == "." || segment == "..";
  for (const char c : segment) {
    if (dots || needs_escape(c)) {
      name += escape_byte(c);
    } else {
      name += c;
    }
  }
  return name;
}

/// The longest start of `name` that fits, and splits neither an escape nor a character.
std::size_t piece_size(std::string_view name) {
  std::size_t size = kMaxNameBytes - kContinued.size();
  for (int back = 0; back < 3 && is_utf8_continuation(name[size]); ++back) --size;
  for (std::size_t back = 1; back <= 2; ++back) {
    if (name[size - back] == '%') return size - back;
  }
  return size;
}

std::optional<char> decode_hex(std::string_view digits) {
  const auto bytes = base::from_hex(digits);
  if (!bytes) return std::nullopt;
  return bytes->front();
}

std::optional<std::string> unescape(std::string_view name) {
  std::string segment;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      segment += name[i];
      continue;
    }
    if (i + 2 >= name.size()) return std::nullopt;
    const auto byte = decode_hex(name.substr(i + 1, 2));
    if (!byte) return std::nullopt;
    segment += *byte;
    i += 2;
  }
  return segment;
}

bool drop_suffix(std::string_view& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::vector<std::string> names_of_key(std::string_view key) {
  std::vector<std::string> names;
  for (;;) {
    const auto slash = key.find('/');
    std::string name = escape(key.substr(0, slash));
    while (name.size() > kMaxNameBytes) {
      const std::size_t size = piece_size(name);
      names.push_back(name.substr(0, size).append(kContinued));
      name.erase(0, size);
    }
    names.push_back(std::move(name));
    if (slash == std::string_view::npos) return names;
    key.remove_prefix(slash + 1);
  }
}

std::optional<std::string> key_of_path(std::string_view path) {
  std::string key;
  for (;;) {
    const auto slash = path.find('/');
    const bool is_folder = slash != std::string_view::npos;
    std::string_view name = path.substr(0, slash);
    drop_suffix(name, is_folder ? kFolderAside : kFileAside);
    const bool continued = is_folder && drop_suffix(name, kContinued);
    if (name != kEmpty) {
      const auto segment = unescape(name);
      if (!segment) return std::nullopt;
      key += *segment;
    }
    if (!is_folder) return key;
    if (!continued) key += '/';
    path.remove_prefix(slash + 1);
  }
}

}  // namespace engine::storage
