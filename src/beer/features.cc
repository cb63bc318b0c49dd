// The list of features and their computation: each entry of the table knows how to get its own
// value.
#include "beer/features.h"

#include "beer/recipe.h"
#include "beer/style.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace beer {
namespace {

using Value = double (*)(const Recipe&);

struct Entry {
  Feature feature;
  Value value;
};

double value_of(const std::optional<double>& value) { return value.value_or(kMissing); }

template <Phase phase>
double grams_of(const Recipe& r) {
  return r.grams(phase) / r.litres;
}
template <Phase phase>
double alpha_of(const Recipe& r) {
  return r.alpha(phase) / r.litres;
}
template <Phase phase>
double lines_of(const Recipe& r) {
  return r.lines(phase);
}
template <MaltClass malt_class>
double share_of(const Recipe& r) {
  return r.malt_kilograms > 0 ? r.malt(malt_class) / r.malt_kilograms : kMissing;
}

template <StyleWord word>
double says(const Recipe& r) {
  return has(r.style_words, word) ? 1.0 : 0.0;
}

// The mission's six keep their place at the head; the rest is grouped by where it comes from.
constexpr auto kEntries = std::to_array<Entry>({
    // The mission's six.
    {{"abv", "percent", "alcohol by volume", true, 0},
     [](const Recipe& r) { return value_of(r.beer.abv); }},
    {{"target_fg", "thousandths", "gravity after fermentation, columns repaired", true, 0},
     [](const Recipe& r) { return value_of(r.beer.target_fg); }},
    {{"target_og", "thousandths", "gravity before fermentation, columns repaired", true, 0},
     [](const Recipe& r) { return value_of(r.beer.target_og); }},
    {{"ebc", "EBC", "colour, columns repaired", true, 0},
     [](const Recipe& r) { return value_of(r.beer.ebc); }},
    {{"srm", "SRM", "colour on the American scale, columns repaired", true, 0},
     [](const Recipe& r) { return value_of(r.beer.srm); }},
    {{"ph", "pH", "acidity", true, 0}, [](const Recipe& r) { return value_of(r.beer.ph); }},

    // What follows from them.
    {{"gravity_drop", "thousandths", "og - fg: what the yeast ate", false, 0},
     [](const Recipe& r) { return r.gravity_drop(); }},
    {{"attenuation", "percent", "apparent attenuation from the gravities", false, 0},
     [](const Recipe& r) { return r.attenuation(); }},
    {{"attenuation_level", "percent", "attenuation as the recipe states it", false, 0},
     [](const Recipe& r) { return value_of(r.beer.attenuation_level); }},
    {{"abv_residual", "percent", "abv beyond what the gravities promise", false, 0},
     [](const Recipe& r) { return r.abv_residual(); }},

    // Bitterness by formula.
    {{"tinseth_ibu", "IBU", "Tinseth's estimate over the hop bill", false, 1},
     [](const Recipe& r) { return r.tinseth; }},
    {{"rager_ibu", "IBU", "Rager's estimate over the hop bill", false, 1},
     [](const Recipe& r) { return r.rager; }},
    {{"rager_per_gravity", "IBU/thousandth", "Rager's estimate by gravity point", false, 0},
     [](const Recipe& r) { return r.per_gravity(r.rager); }},

    // Alpha acids by the time they boil.
    {{"alpha_kettle", "mg/l", "alpha acids of all that meets hot wort", false, 1},
     [](const Recipe& r) { return r.kettle_alpha() / r.litres; }},
    {{"alpha_boiled", "mg/l", "alpha acids that really boil", false, 1},
     [](const Recipe& r) { return (r.kettle_alpha() - r.alpha(Phase::kFlameOut)) / r.litres; }},
    {{"alpha_start", "mg/l", "alpha acids from the start of the boil", false, 1},
     alpha_of<Phase::kStart>},
    {{"alpha_middle", "mg/l", "alpha acids from the middle of the boil", false, 1},
     alpha_of<Phase::kMiddle>},
    {{"alpha_late", "mg/l", "alpha acids boiled for 1 to 15 minutes", false, 1},
     alpha_of<Phase::kLate>},
    {{"alpha_end", "mg/l", "alpha acids from the end of the boil", false, 1},
     alpha_of<Phase::kEnd>},
    {{"alpha_flameout", "mg/l", "alpha acids added at flame-out or in the whirlpool", false, 1},
     alpha_of<Phase::kFlameOut>},
    {{"alpha_dry", "mg/l", "alpha acids of dry hops", false, 0}, alpha_of<Phase::kDry>},
    {{"alpha_mean", "percent", "alpha acids of the kettle's hops, weighed by mass", false, 0},
     [](const Recipe& r) { return r.kettle_alpha_percent(); }},

    // Hops by weight.
    {{"hop_grams_kettle", "g/l", "hops in the kettle", false, 1},
     [](const Recipe& r) { return r.kettle_grams() / r.litres; }},
    {{"hop_grams_total", "g/l", "all hops", false, 0},
     [](const Recipe& r) { return (r.kettle_grams() + r.grams(Phase::kDry)) / r.litres; }},
    {{"hop_grams_start", "g/l", "hops at the start of the boil", false, 1},
     grams_of<Phase::kStart>},
    {{"hop_grams_middle", "g/l", "hops in the middle of the boil", false, 1},
     grams_of<Phase::kMiddle>},
    {{"hop_grams_late", "g/l", "hops boiled for 1 to 15 minutes", false, 1},
     grams_of<Phase::kLate>},
    {{"hop_grams_end", "g/l", "hops at the end of the boil", false, 1}, grams_of<Phase::kEnd>},
    {{"hop_grams_flameout", "g/l", "hops at flame-out or in the whirlpool", false, 1},
     grams_of<Phase::kFlameOut>},
    {{"hop_grams_dry", "g/l", "dry hops", false, 0}, grams_of<Phase::kDry>},

    // Hops by number.
    {{"hop_lines", "count", "additions of true hops", false, 0},
     [](const Recipe& r) { return double(r.hops.hops.size()); }},
    {{"hop_varieties", "count", "different varieties", false, 0},
     [](const Recipe& r) { return double(r.varieties); }},
    {{"hop_lines_start", "count", "additions at the start", false, 0}, lines_of<Phase::kStart>},
    {{"hop_lines_middle", "count", "additions in the middle", false, 0}, lines_of<Phase::kMiddle>},
    {{"hop_lines_late", "count", "additions at 1 to 15 minutes", false, 0}, lines_of<Phase::kLate>},
    {{"hop_lines_end", "count", "additions at the end", false, 0}, lines_of<Phase::kEnd>},
    {{"hop_lines_flameout", "count", "additions at flame-out", false, 0},
     lines_of<Phase::kFlameOut>},
    {{"hop_lines_dry", "count", "dry-hop additions", false, 0}, lines_of<Phase::kDry>},
    {{"hop_lines_bitter", "count", "additions meant to bitter", false, 0},
     [](const Recipe& r) { return double(r.attribute(HopAttribute::kBitter)); }},
    {{"hop_lines_flavour", "count", "additions meant for flavour", false, 0},
     [](const Recipe& r) { return double(r.attribute(HopAttribute::kFlavour)); }},
    {{"hop_lines_aroma", "count", "additions meant for aroma", false, 0},
     [](const Recipe& r) { return double(r.attribute(HopAttribute::kAroma)); }},
    {{"adjuncts", "count", "lines of the hop list that are no hops", false, 0},
     [](const Recipe& r) { return double(r.hops.adjuncts); }},
    {{"hop_minutes_longest", "minutes", "the longest boil of a hop", false, 0},
     [](const Recipe& r) { return r.longest_minutes; }},
    {{"hop_minutes_given", "share", "additions whose time is a number", false, 0},
     [](const Recipe& r) { return r.minutes_given; }},

    // Malt.
    {{"malt_kilograms", "kg/l", "malt by litre", false, 0},
     [](const Recipe& r) { return r.malt_kilograms / r.litres; }},
    {{"malt_lines", "count", "different malts", false, 0},
     [](const Recipe& r) { return double(r.beer.malts.size()); }},
    {{"malt_base", "share", "pale malt", false, 0}, share_of<MaltClass::kBase>},
    {{"malt_pils", "share", "pilsner malt", false, 0}, share_of<MaltClass::kPils>},
    {{"malt_wheat", "share", "wheat", false, 0}, share_of<MaltClass::kWheat>},
    {{"malt_oats", "share", "oats", false, 0}, share_of<MaltClass::kOats>},
    {{"malt_rye", "share", "rye", false, 0}, share_of<MaltClass::kRye>},
    {{"malt_munich", "share", "munich, vienna and amber malt", false, 0},
     share_of<MaltClass::kMunich>},
    {{"malt_crystal", "share", "crystal and caramel malt", false, 0},
     share_of<MaltClass::kCrystal>},
    {{"malt_dark", "share", "roasted malt", false, 0}, share_of<MaltClass::kDark>},
    {{"malt_smoked", "share", "smoked and peated malt", false, 0}, share_of<MaltClass::kSmoked>},
    {{"malt_sugar", "share", "sugar", false, 0}, share_of<MaltClass::kSugar>},
    {{"malt_acid", "share", "acidulated malt", false, 0}, share_of<MaltClass::kAcid>},
    {{"efficiency", "share", "gravity reached of what the malt could give (300 points l/kg)", false,
      0},
     [](const Recipe& r) { return r.efficiency(); }},

    // Process.
    {{"mash_celsius", "celsius", "temperature of the first mash step", false, 0},
     [](const Recipe& r) { return r.mash_celsius(); }},
    {{"mash_minutes", "minutes", "all mash steps together", false, 0},
     [](const Recipe& r) { return r.mash_minutes(); }},
    {{"mash_steps", "count", "mash steps", false, 0},
     [](const Recipe& r) { return double(r.beer.mash.size()); }},
    {{"fermentation_celsius", "celsius", "temperature of fermentation", false, 0},
     [](const Recipe& r) { return value_of(r.beer.fermentation_celsius); }},
    {{"yeast_class", "code", "family of the yeast", false, 0},
     [](const Recipe& r) { return double(classify_yeast(r.beer.yeast)); }},
    {{"twist", "flag", "1 when the recipe has a twist", false, 0},
     [](const Recipe& r) { return r.beer.twist.empty() ? 0.0 : 1.0; }},
    {{"year", "year", "first brewed", false, 0}, [](const Recipe& r) { return r.year(); }},
    {{"month_given", "flag", "1 when first_brewed tells the month", false, 0},
     [](const Recipe& r) { return r.beer.first_brewed.size() > 4 ? 1.0 : 0.0; }},
    // What the name and the tagline say.
    {{"says_ipa", "flag", "1 when name or tagline say IPA", false, 0}, says<StyleWord::kIpa>},
    {{"says_imperial", "flag", "1 when name or tagline say imperial, double or triple", false, 0},
     says<StyleWord::kImperial>},
    {{"says_dark", "flag", "1 when name or tagline say stout, porter, black or brown", false, 0},
     says<StyleWord::kDark>},
    {{"says_lager", "flag", "1 when name or tagline say lager or pils", false, 0},
     says<StyleWord::kLager>},
    {{"says_wheat", "flag", "1 when name or tagline say wheat, weiss or wit", false, 0},
     says<StyleWord::kWheat>},
    {{"says_sour", "flag", "1 when name or tagline say sour, gose or berliner", false, 0},
     says<StyleWord::kSour>},
    {{"says_belgian", "flag", "1 when name or tagline say belgian, saison, tripel or quad", false,
      0},
     says<StyleWord::kBelgian>},
    {{"says_session", "flag", "1 when name or tagline say session, small or low alcohol", false, 0},
     says<StyleWord::kSession>},
    {{"says_hoppy", "flag", "1 when name or tagline say of hops", false, 0},
     says<StyleWord::kHoppy>},
    {{"says_barrel", "flag", "1 when name or tagline say barrel, cask or aged", false, 0},
     says<StyleWord::kBarrel>},
});

constexpr auto kFeatures = [] {
  std::array<Feature, kEntries.size()> features{};
  for (std::size_t i = 0; i < kEntries.size(); ++i) features[i] = kEntries[i].feature;
  return features;
}();

}  // namespace

std::span<const Feature> features() { return kFeatures; }

int feature_index(std::string_view name) {
  for (std::size_t i = 0; i < kFeatures.size(); ++i) {
    if (kFeatures[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<float> compute_features(const Beer& repaired) {
  Recipe recipe = understand(repaired);
  recipe.style_words = style_words(repaired);
  std::vector<float> values(kEntries.size());
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    auto value = static_cast<float>(kEntries[i].value(recipe));
    // An absurd recipe may overflow; an infinity would poison statistics, so it counts as missing.
    values[i] = std::isfinite(value) ? value : static_cast<float>(kMissing);
  }
  return values;
}

std::string schema_hash() {
  std::string text = fmt::format("version {}\n", kFeatureVersion);
  for (const Feature& feature : kFeatures) {
    text += fmt::format("{}\t{}\n", feature.name, feature.unit);
  }
  return base::to_hex(base::sha256(text));
}

}  // namespace beer
