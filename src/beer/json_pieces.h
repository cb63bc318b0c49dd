// Cuts JSON text into the texts of its parts without reading them: each is then parsed once, from
// the characters that came, and a part that is no JSON spoils none of the others.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace beer {

/// The texts of an array's elements, in order, without the blanks around them; nothing when the
/// text doesn't begin and end as one array. An element's own text may be no JSON.
std::optional<std::vector<std::string_view>> array_pieces(std::string_view text);

/// The names (as they stand between their quotes) and the texts of an object's members, in order;
/// nothing when the text doesn't begin and end as one object of them.
using Member = std::pair<std::string_view, std::string_view>;
std::optional<std::vector<Member>> object_pieces(std::string_view text);

/// The text of an object's member; of several with that name, the last. Nothing when there is none
/// or the text doesn't begin and end as one object. Names with escapes aren't found.
std::optional<std::string_view> member_piece(std::string_view text, std::string_view name);

}  // namespace beer
