// Turns kilograms of malt and a style into the malt list of a simulated recipe.
#pragma once

#include "beer/beer.h"
#include "beer/brewery/copula.h"
#include "beer/brewery/random.h"

#include <string>
#include <vector>

namespace beer {

/// Malts that sum to the drawn kilograms, their classes as frequent as the cluster and the whole
/// catalogue have them. `cluster` is the place in clusters().
std::vector<Malt> draw_malts(std::size_t cluster, double kilograms, Random& random);

/// A yeast as frequent as in the catalogue for that style.
std::string draw_yeast(std::size_t cluster, Random& random);

}  // namespace beer
