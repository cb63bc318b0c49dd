// Names for simulated beers: no two families share one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beer {

/// A name of its own for each number under a seed, for 2^17 numbers; beyond, a count is added.
std::string family_name(std::uint64_t seed, std::uint64_t number);

/// "Pale Ale.", …: a tagline for the cluster.
std::string_view style_tagline(std::size_t cluster, std::uint64_t choice);

/// A fruit or spice that makes a sibling: "Peach".
std::string_view flavour(std::uint64_t choice);

}  // namespace beer
