// "*" for any text, "?" for any one character, as policies have them.
#include "engine/services/iam/access/wildcard.h"

#include <algorithm>

namespace engine::iam {
namespace {

constexpr int kArnFields = 6;

char meant(char c) { return c == kStar ? '*' : c == kQuestionMark ? '?' : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Goes back to the last star only: an earlier one need never take more than it did.
template <class Same>
bool match(std::string_view pattern, std::string_view text, Same same) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || same(meant(pattern[p]), text[t]))) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', std::min(p, pattern.size())) == std::string_view::npos;
}

/// Takes what stands before the next colon away from `text`; the last field is all that is left.
std::string_view take_field(std::string_view& text, bool last) {
  const auto end = last ? text.size() : std::min(text.find(':'), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
  return match(pattern, text, [](char a, char b) { return a == b; });
}

bool fits_any_case(std::string_view pattern, std::string_view text) {
  return match(pattern, text, [](char a, char b) { return lower(a) == lower(b); });
}

bool fits_arn(std::string_view pattern, std::string_view arn) {
  if (std::count(pattern.begin(), pattern.end(), ':') < kArnFields - 1) return fits(pattern, arn);
  for (int field = 1; field <= kArnFields; ++field) {
    const bool last = field == kArnFields;
    if (!fits(take_field(pattern, last), take_field(arn, last))) return false;
  }
  return true;
}

}  // namespace engine::iam
