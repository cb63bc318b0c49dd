// The brewers' formulas and the words of malts and yeasts.
#include "beer/brewing.h"

#include "beer/lexicon.h"

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

double tinseth_bigness(double og) { return 1.65 * std::pow(0.000125, (og - 1000.0) / 1000.0); }
double tinseth_boil(double minutes) { return (1.0 - std::exp(-0.04 * minutes)) / 4.15; }
double rager_utilisation(double minutes) {
  return (18.11 + 13.86 * std::tanh((minutes - 31.32) / 18.27)) / 100.0;
}
double rager_gravity(double og) { return 1.0 + std::max(0.0, (og - 1050.0) / 1000.0 / 0.2); }

// The curve at a whole number of minutes is taken from a table of the same values.
template <double (*curve)(double)>
double by_minute(double minutes) {
  constexpr int kMinutes = 128;
  static const std::array<double, kMinutes> kTable = [] {
    std::array<double, kMinutes> table{};
    for (int i = 0; i < kMinutes; ++i) table[static_cast<std::size_t>(i)] = curve(i);
    return table;
  }();
  const auto place = static_cast<std::size_t>(std::clamp(minutes, 0.0, kMinutes - 1.0));
  return static_cast<double>(place) == minutes ? kTable[place] : curve(minutes);
}

// The malts and yeasts of nearly all lines of the catalogue, as it spells them.
constexpr auto kUsualMalts = std::to_array<std::string_view>({
    "Acidulated Malt",
    "Amber",
    "Black Malt",
    "Brown",
    "Brown Malt",
    "CaraRed Malt",
    "Cane Sugar",
    "Carafa Special Malt Type 1",
    "Carafa Special Malt Type 3",
    "Carafa Special Type 1",
    "Caramalt",
    "Carapils",
    "Carapils Malt",
    "Chocolate",
    "Chocolate Malt",
    "Chocolate Wheat",
    "Crystal",
    "Crystal 150",
    "Dark Crystal",
    "Dextrin Malt",
    "Dextrose",
    "Double Roasted Crystal",
    "Extra Dark Crystal",
    "Extra Dark Crystal Malt",
    "Extra Pale",
    "Extra Pale - Spring Blend",
    "Flaked Oat Malt",
    "Flaked Oats",
    "Lager Malt",
    "Maris Otter",
    "Maris Otter Extra Pale",
    "Medium Crystal",
    "Medium Crystal Malt",
    "Munich",
    "Munich Malt",
    "Oat Husks",
    "Pale Ale",
    "Peated Malt",
    "Pilsner",
    "Pilsner Malt",
    "Propino Pale Malt",
    "Roasted Barley",
    "Rye",
    "Rye Malt",
    "Simpsons T50",
    "Smoked Malt",
    "Special W",
    "Torrified Wheat",
    "Vienna",
    "Weyernmann Pils",
    "Wheat",
    "Wheat Malt",
});
constexpr auto kUsualYeasts = std::to_array<std::string_view>({
    "Wyeast 1056 - American Ale™",
    "Wyeast 1272 - American Ale II™",
    "Wyeast 1272",
    "Wyeast 2007 - Pilsen Lager™",
    "Wyeast 2126 - Bohemian Lager™",
    "Wyeast 3522 - Belgian Ardennes™",
    "Wyeast 3638 - Bavarian Wheat™",
    "Wyeast 3711 - French Saison™",
    "House Brett Blend",
    "W34/70",
    "WLP099 - Super High Gravity Ale",
    "WLP351 - Bavarian Weizen",
    "Saflager S189",
    "Safale US-05",
});

YeastClass understand_yeast(std::string_view yeast) {
  if (yeast.empty()) return YeastClass::kNone;
  std::string name = normalise_name(yeast);
  bool american = name.find("1056") != std::string::npos;
  if (american && name.find("1272") != std::string::npos) return YeastClass::kMixed;
  return first_word(kYeastWords, name, YeastClass::kOther);
}

MaltClass understand_malt(std::string_view name) { return classify_malt(normalise_name(name)); }

}  // namespace

double tinseth_ibu(double grams, double alpha_percent, double minutes, double og, double litres) {
  return alpha_mg_per_litre(grams, alpha_percent, litres) * tinseth_bigness(og) *
         tinseth_boil(minutes);
}

double rager_ibu(double grams, double alpha_percent, double minutes, double og, double litres) {
  return alpha_mg_per_litre(grams, alpha_percent, litres) * rager_utilisation(minutes) /
         rager_gravity(og);
}

double tinseth_ibu(std::span<const HopUse> hops, double og, double litres) {
  const double bigness = tinseth_bigness(og);
  double sum = 0;
  for (const HopUse& hop : hops) {
    if (hop.minutes <= 0) continue;
    sum += alpha_mg_per_litre(hop.grams, hop.alpha_percent, litres) * bigness *
           by_minute<tinseth_boil>(hop.minutes);
  }
  return sum;
}

// Rager's curve stands above zero at 0 minutes, which is meant for hops in hot wort: neither dry
// hops nor, as the catalogue's bitterness shows, flame-out hops are counted.
double rager_ibu(std::span<const HopUse> hops, double og, double litres) {
  const double gravity = rager_gravity(og);
  double sum = 0;
  for (const HopUse& hop : hops) {
    if (hop.minutes <= 0) continue;
    sum += alpha_mg_per_litre(hop.grams, hop.alpha_percent, litres) *
           by_minute<rager_utilisation>(hop.minutes) / gravity;
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

MaltClass read_malt(std::string_view name) {
  static const Lexicon<MaltClass> kUsual(kUsualMalts, understand_malt);
  if (const MaltClass* usual = kUsual.find(name)) return *usual;
  return understand_malt(name);
}

YeastClass classify_yeast(std::string_view yeast) {
  static const Lexicon<YeastClass> kUsual(kUsualYeasts, understand_yeast);
  if (const YeastClass* usual = kUsual.find(yeast)) return *usual;
  return understand_yeast(yeast);
}

}  // namespace beer
