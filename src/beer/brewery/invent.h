// Invents one simulated beer as a record.
#pragma once

#include "beer/beer.h"

#include <cstdint>

namespace beer {

/// The beer of that id (1 and up) under that seed, errors of the catalogue included. Ids come in
/// blocks of 415, each with the real catalogue's families: 310 of 1 to 9 siblings. `drift` is how
/// many years tastes move while a thousand beers come out; siblings have their family's tastes.
/// `shift` is how many years later than the catalogue's they are, for a brewery without drift.
Beer invent(std::uint64_t seed, std::uint64_t id, double drift = 0, double shift = 0);

}  // namespace beer
