// Recipe families: beers so alike that one must not be tested on what the other taught.
#pragma once

#include "beer/beer.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// What two beers of a family share at least one of. No key looks at the ibu. An empty key links to
/// nothing.
struct FamilyKeys {
  std::string name_stem;   ///< the name without year, version and serial numbers
  std::string hop_bill;    ///< a digest of the hop additions, in any order
  std::string malt_bill;   ///< a digest of the malts, in any order
  std::string six_values;  ///< a digest of the mission's six values
};
/// Of a beer that went through `check`.
FamilyKeys family_keys(const Beer& repaired);
std::string name_stem(std::string_view name);

/// The family of each row: numbers from 0, in the order families first appear.
std::vector<std::uint32_t> families(std::span<const FamilyKeys> rows);
/// How many different ones there are.
std::size_t count_families(std::span<const std::uint32_t> families);

/// Row numbers in ascending order; no family stands on both sides.
struct Split {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> test;
};
/// About `test_fraction` of the rows, whole families at a time; `ids` names the beer of each row.
/// The same arguments give the same split on every machine. The place of a family is a hash of the
/// seed and its least id, whatever else there is: as a catalogue grows nearly every beer stays on
/// its side, so models of different days are judged on beers that none of them has seen.
Split grouped_split(std::span<const std::uint32_t> families, std::span<const std::int64_t> ids,
                    double test_fraction, std::uint64_t seed);

/// The fold (0..k-1) of each row: whole families, folds as equal in rows as families allow.
/// Throws std::invalid_argument when k < 2.
std::vector<std::uint32_t> grouped_folds(std::span<const std::uint32_t> families, std::uint32_t k,
                                         std::uint64_t seed);

}  // namespace beer
