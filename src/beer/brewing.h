// What brewers compute: bitterness from hops, alcohol and attenuation from gravity, malt classes.
#pragma once

#include "beer/hops.h"

#include <span>
#include <string_view>

namespace beer {

/// Litres a recipe of the catalogue makes, where it doesn't say.
inline constexpr double kBatchLitres = 20.0;

/// IBU of one addition by Tinseth. `og` is in thousandths (1050).
/// Verified: G. Tinseth, "Glenn's Hop Utilization Numbers" (1997).
double tinseth_ibu(double grams, double alpha_percent, double minutes, double og, double litres);

/// IBU of one addition by Rager, with his correction for worts above 1.050.
/// Verified: J. Rager, "Calculating Hop Bitterness in Beer", Zymurgy special issue 1990.
double rager_ibu(double grams, double alpha_percent, double minutes, double og, double litres);

/// Both over a hop bill. Dry hops add nothing.
double tinseth_ibu(std::span<const HopUse> hops, double og, double litres);
double rager_ibu(std::span<const HopUse> hops, double og, double litres);

/// Alcohol by volume that the two gravities (in thousandths) promise, in percent.
double abv_from_gravity(double og, double fg);
/// Apparent attenuation in percent; nothing fermented is 0. `og` must exceed 1000.
double attenuation_from_gravity(double og, double fg);

/// The classes a malt bill is summed by.
enum class MaltClass {
  kBase,
  kPils,
  kWheat,
  kOats,
  kRye,
  kMunich,
  kCrystal,
  kDark,
  kSmoked,
  kSugar,
  kAcid,
  kOther
};
inline constexpr int kMaltClasses = 12;
/// "base", "pils", …
std::string_view to_string(MaltClass malt_class);
/// By words of its normalised name; kOther for husks, peel, enzymes and the like.
MaltClass classify_malt(std::string_view normalised_name);
/// The same by the name as the recipe writes it.
MaltClass read_malt(std::string_view name);

/// Families of yeast, by their strain's name.
enum class YeastClass {
  kNone,
  kAmericanAle,
  kAmericanAleII,
  kLager,
  kBelgian,
  kWheat,
  kBrett,
  kHighGravity,
  kMixed,
  kOther
};
YeastClass classify_yeast(std::string_view yeast);

}  // namespace beer
