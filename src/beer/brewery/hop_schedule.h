// Turns grams by phase into the hop list of a simulated recipe, in the catalogue's own notations.
#pragma once

#include "beer/beer.h"
#include "beer/brewery/copula.h"
#include "beer/brewery/random.h"

#include <string_view>
#include <vector>

namespace beer {

/// How a recipe writes times. The three belong to eras of the catalogue.
enum class Notation {
  kWords,     ///< "start", "middle", "end", "dry hop"; first_brewed is MM/YYYY
  kCapitals,  ///< "Start", "Middle", "End", "Dry Hop"; first_brewed is YYYY
  kMinutes,   ///< "70", "30", "10", "0", "Dry Hop"; first_brewed is YYYY
};
Notation draw_notation(const Draw& draw, Random& random);

/// A hop list with the drawn grams in each phase and about the drawn number of lines. `noble`
/// prefers Europe's mild varieties.
std::vector<Hop> draw_hops(const Draw& draw, Notation notation, bool noble, Random& random);

/// Another variety than `name`.
std::string_view other_variety(std::string_view name, Random& random);

}  // namespace beer
