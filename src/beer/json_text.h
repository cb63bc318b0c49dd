// Writing JSON by hand where a tree of values would cost more than the text.
#pragma once

#include <string>
#include <string_view>

namespace beer {

/// Appends the text in quotes, escaped. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest digits that read back to the same number; null for NaN and infinities.
void append_json_number(std::string& out, double number);
void append_json_number(std::string& out, float number);

/// The same into memory that has the room: give where to write, get where the text ends.
inline constexpr std::size_t kMostJsonNumber = 32;
constexpr std::size_t most_json_string(std::size_t letters) { return 6 * letters + 2; }
char* write_json_string(char* at, std::string_view text);
char* write_json_number(char* at, double number);
char* write_json_number(char* at, float number);

}  // namespace beer
