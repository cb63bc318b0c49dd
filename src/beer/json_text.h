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

}  // namespace beer
