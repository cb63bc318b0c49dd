// A beer record as the Punk API's JSON: the inverse of parse_beer.
#pragma once

#include "beer/beer.h"
#include "beer/brewery/brewery.h"

#include <string>

namespace beer {

/// Appends the beer as one line of JSON. Its texts say that it is simulated.
void append_beer_json(std::string& out, const Beer& beer, Shape shape);

}  // namespace beer
