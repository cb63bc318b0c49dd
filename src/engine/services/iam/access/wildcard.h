// "*" for any text, "?" for any one character, as policies have them.
#pragma once

#include <string_view>

namespace engine::iam {

/// In a pattern, a star and a question mark that stand for themselves.
inline constexpr char kStar = '\x01', kQuestionMark = '\x02';

/// Whether the whole text fits the pattern. Linear in memory, at worst the product of both in time.
bool fits(std::string_view pattern, std::string_view text);

/// The same where letters' case is of no matter: names of actions.
bool fits_any_case(std::string_view pattern, std::string_view text);

/// For ARNs: each of the six fields that colons divide fits by itself, so that "arn:aws:s3:::a*" is no
/// pattern of other services' names; the last field may hold colons. A pattern that isn't of that form
/// ("*") is held against the whole text.
bool fits_arn(std::string_view pattern, std::string_view arn);

}  // namespace engine::iam
