// Hops as the brewer means them: variety, alpha acids, time in the kettle; and what isn't a hop.
#pragma once

#include "beer/beer.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// When an addition meets the beer.
enum class Phase {
  kStart,     ///< at the beginning of the boil, first wort and mash included: 50 minutes and more
  kMiddle,    ///< 16 to 49 minutes
  kLate,      ///< 1 to 15 minutes, given as a number
  kEnd,       ///< the word "end": the last minutes
  kFlameOut,  ///< flame-out, whirlpool, or 0 minutes
  kDry,       ///< dry hop, fermenter, maturation: never boiled
};

enum class HopAttribute { kBitter, kFlavour, kAroma, kOther };

/// An addition's time: a number of minutes where the recipe gives one, else the word's usual time
/// (start 60, middle 30, end 5, flame-out and dry hop 0).
struct Addition {
  Phase phase = Phase::kDry;
  double minutes = 0;
  bool canonical = false;  ///< written exactly start, middle, end or dry hop
  bool number = false;     ///< written as a number of minutes
  bool understood = true;  ///< false for words that tell no time: taken for dry hops
};
Addition read_addition(std::string_view add);

HopAttribute read_attribute(std::string_view attribute);
/// 14 from "14% Alpha"; nothing when the attribute doesn't name one.
std::optional<double> alpha_in_attribute(std::string_view attribute);

/// Lower case, accents and surplus blanks removed: "Hallertauer Mittelfrüh" and
/// "hallertauer mittelfruh" are one name. Used for malts and yeasts as well.
std::string normalise_name(std::string_view name);

/// Typical alpha acids of a variety in percent of weight, by its normalised name.
std::optional<double> alpha_acid_percent(std::string_view normalised_name);
/// What an unknown variety is taken to have: the median of the known ones.
inline constexpr double kDefaultAlphaPercent = 9.5;

/// True for what a hop list carries beside hops: coffee, fruit, oak, sugar, spice.
bool is_adjunct(std::string_view normalised_name);

/// What the name of a line of the hop list tells, as the recipe writes it.
struct HopName {
  std::string variety;                  ///< normalised
  bool adjunct = false;                 ///< no hop at all
  std::optional<double> alpha_percent;  ///< nothing for a variety that isn't known
};
HopName read_hop_name(std::string_view name);

/// One line of a hop list, understood.
struct HopUse {
  std::string variety;  ///< normalised
  double grams = 0;
  Phase phase = Phase::kDry;
  double minutes = 0;
  HopAttribute attribute = HopAttribute::kOther;
  double alpha_percent = 0;
};

/// The true hops of a recipe in its order, how many lines weren't hops, and how many lines of
/// either kind gave their time in minutes.
struct HopBill {
  std::vector<HopUse> hops;
  int adjuncts = 0;
  int in_minutes = 0;
};
HopBill read_hops(const Beer& beer);

}  // namespace beer
