// The brewers' formulas and the words of malts and yeasts.
#include "beer/brewing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace beer {
namespace {

template <class Class>
struct Word {
  std::string_view part;
  Class meaning;
};

// The first word that the name contains decides, so the narrower word stands first: "carafa" before
// "cara", "chocolate" before "wheat" in "chocolate wheat", "husk" before "oat" in "oat husks".
constexpr auto kMaltWords = std::to_array<Word<MaltClass>>({
    {"husk", MaltClass::kOther},        {"peel", MaltClass::kOther},
    {"ginger", MaltClass::kOther},      {"orange", MaltClass::kOther},
    {"enzyme", MaltClass::kOther},      {"cascara", MaltClass::kOther},
    {"milk", MaltClass::kOther},        {"sugar", MaltClass::kSugar},
    {"dextrose", MaltClass::kSugar},    {"honey", MaltClass::kSugar},
    {"syrup", MaltClass::kSugar},       {"muscovado", MaltClass::kSugar},
    {"acid", MaltClass::kAcid},         {"smoke", MaltClass::kSmoked},
    {"peat", MaltClass::kSmoked},       {"carafa", MaltClass::kDark},
    {"crystal", MaltClass::kCrystal},   {"drc", MaltClass::kCrystal},
    {"chocolate", MaltClass::kDark},    {"roast", MaltClass::kDark},
    {"black", MaltClass::kDark},        {"brown", MaltClass::kDark},
    {"special type", MaltClass::kDark}, {"special w", MaltClass::kCrystal},
    {"cara", MaltClass::kCrystal},      {"dextrin", MaltClass::kCrystal},
    {"wheat", MaltClass::kWheat},       {"spelt", MaltClass::kWheat},
    {"oat", MaltClass::kOats},          {"rye", MaltClass::kRye},
    {"munich", MaltClass::kMunich},     {"vienna", MaltClass::kMunich},
    {"amber", MaltClass::kMunich},      {"t50", MaltClass::kCrystal},
    {"pils", MaltClass::kPils},         {"lager", MaltClass::kPils},
    {"pale", MaltClass::kBase},         {"maris", MaltClass::kBase},
    {"malt", MaltClass::kBase},         {"barley", MaltClass::kBase},
    {"propino", MaltClass::kBase},      {"otter", MaltClass::kBase},
});

constexpr auto kYeastWords = std::to_array<Word<YeastClass>>({
    {"brett", YeastClass::kBrett},
    {"2007", YeastClass::kLager},
    {"2124", YeastClass::kLager},
    {"2126", YeastClass::kLager},
    {"w34", YeastClass::kLager},
    {"w-34", YeastClass::kLager},
    {"s189", YeastClass::kLager},
    {"lager", YeastClass::kLager},
    {"099", YeastClass::kHighGravity},
    {"weizen", YeastClass::kWheat},
    {"wheat", YeastClass::kWheat},
    {"witbier", YeastClass::kBelgian},
    {"belgian", YeastClass::kBelgian},
    {"saison", YeastClass::kBelgian},
    {"trappist", YeastClass::kBelgian},
    {"monastery", YeastClass::kBelgian},
    {"westvleteren", YeastClass::kBelgian},
    {"3522", YeastClass::kBelgian},
    {"3711", YeastClass::kBelgian},
    {"1272", YeastClass::kAmericanAleII},
    {"1056", YeastClass::kAmericanAle},
    {"us-05", YeastClass::kAmericanAle},
});

template <class Words, class Class>
Class first_word(const Words& words, std::string_view text, Class otherwise) {
  for (const auto& word : words) {
    if (text.find(word.part) != std::string_view::npos) return word.meaning;
  }
  return otherwise;
}

// What both formulas start from: milligrams of alpha acids in a litre.
double alpha_mg_per_litre(double grams, double alpha_percent, double litres) {
  return grams * alpha_percent / 100.0 * 1000.0 / litres;
}

}  // namespace

double tinseth_ibu(double grams, double alpha_percent, double minutes, double og, double litres) {
  double bigness = 1.65 * std::pow(0.000125, (og - 1000.0) / 1000.0);
  double boil = (1.0 - std::exp(-0.04 * minutes)) / 4.15;
  return alpha_mg_per_litre(grams, alpha_percent, litres) * bigness * boil;
}

double rager_ibu(double grams, double alpha_percent, double minutes, double og, double litres) {
  double utilisation = (18.11 + 13.86 * std::tanh((minutes - 31.32) / 18.27)) / 100.0;
  double gravity = std::max(0.0, (og - 1050.0) / 1000.0 / 0.2);
  return alpha_mg_per_litre(grams, alpha_percent, litres) * utilisation / (1.0 + gravity);
}

double tinseth_ibu(std::span<const HopUse> hops, double og, double litres) {
  double sum = 0;
  for (const HopUse& hop : hops) {
    sum += tinseth_ibu(hop.grams, hop.alpha_percent, hop.minutes, og, litres);
  }
  return sum;
}

// Rager's curve stands above zero at 0 minutes, which is meant for hops in hot wort: neither dry
// hops nor, as the catalogue's bitterness shows, flame-out hops are counted.
double rager_ibu(std::span<const HopUse> hops, double og, double litres) {
  double sum = 0;
  for (const HopUse& hop : hops) {
    if (hop.minutes <= 0) continue;
    sum += rager_ibu(hop.grams, hop.alpha_percent, hop.minutes, og, litres);
  }
  return sum;
}

double abv_from_gravity(double og, double fg) { return 0.13125 * (og - fg); }

double attenuation_from_gravity(double og, double fg) { return 100.0 * (og - fg) / (og - 1000.0); }

std::string_view to_string(MaltClass malt_class) {
  constexpr std::array<std::string_view, kMaltClasses> kNames{
      "base",    "pils", "wheat",  "oats",  "rye",  "munich",
      "crystal", "dark", "smoked", "sugar", "acid", "other"};
  return kNames[static_cast<std::size_t>(malt_class)];
}

MaltClass classify_malt(std::string_view normalised_name) {
  return first_word(kMaltWords, normalised_name, MaltClass::kOther);
}

YeastClass classify_yeast(std::string_view yeast) {
  if (yeast.empty()) return YeastClass::kNone;
  std::string name = normalise_name(yeast);
  bool american = name.find("1056") != std::string::npos;
  if (american && name.find("1272") != std::string::npos) return YeastClass::kMixed;
  return first_word(kYeastWords, name, YeastClass::kOther);
}

}  // namespace beer
