// Text forms of bytes: hexadecimal, base64, percent-encoding, and a check for UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

std::string to_hex(std::string_view bytes);                      ///< lower case
std::optional<std::string> from_hex(std::string_view text);

std::string to_base64(std::string_view bytes);                   ///< padded, RFC 4648 §4
std::optional<std::string> from_base64(std::string_view text);   ///< nothing when it isn't base64
void append_base64(std::string_view bytes, std::string& out);
/// Decodes into `out`, which has room for as many bytes as `text` has characters, and gives how many
/// they are; nothing when it isn't base64.
std::optional<std::size_t> decode_base64(std::string_view text, char* out);

/// RFC 3986 percent-encoding as SigV4 wants it: everything but A-Z a-z 0-9 - . _ ~, and '/' unless
/// `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Undoes it. Malformed escapes stay as they are; '+' is a plus sign.
std::string percent_decode(std::string_view text);
/// As a form is decoded: '+' is a space.
std::string form_decode(std::string_view text);

bool is_utf8(std::string_view text);

std::string to_lower(std::string_view text);   ///< ASCII only
bool iequals(std::string_view a, std::string_view b);  ///< ASCII only
std::string_view trim(std::string_view text);

}  // namespace base
