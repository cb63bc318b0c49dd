// The rules' table and its application.
#include "beer/quality.h"

#include "beer/brewing.h"
#include "beer/hops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace beer {
namespace {

constexpr double kSwapRatio = 1.5;
constexpr double kEbcPerSrm = 1.97;
constexpr double kAbvTolerance = 1.0;
constexpr double kLabelScale = 100;
constexpr double kLabelAbsurd = 300;
constexpr double kMaltLineKilograms = 50;
constexpr double kLeastLitres = 0.001;
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Sets the value missing when it lies outside; true when it did.
bool null_outside(std::optional<double>& value, double low, double high) {
  if (!value || (*value >= low && *value <= high)) return false;
  value.reset();
  return true;
}

bool ibu_null(Beer& beer) { return !beer.ibu; }

// Two rows of the catalogue carry their gravity here; it is compared before and after the swap.
bool ibu_is_no_bitterness(Beer& beer) {
  if (!beer.ibu) return false;
  return *beer.ibu > kLabelAbsurd || *beer.ibu < 0 || beer.ibu == beer.target_og ||
         beer.ibu == beer.target_fg;
}

bool ibu_out_of_scale(Beer& beer) {
  return beer.ibu && *beer.ibu > kLabelScale && *beer.ibu <= kLabelAbsurd;
}

bool gravities_swapped(Beer& beer) {
  if (!beer.target_fg || !beer.target_og || *beer.target_fg <= *beer.target_og) return false;
  std::swap(beer.target_fg, beer.target_og);
  return true;
}

bool colours_swapped(Beer& beer) {
  if (!beer.srm || !beer.ebc || *beer.srm <= kSwapRatio * *beer.ebc) return false;
  std::swap(beer.srm, beer.ebc);
  return true;
}

bool ph_impossible(Beer& beer) { return null_outside(beer.ph, 2.5, 7); }

bool colours_disagree(Beer& beer) {
  if (!beer.srm || !beer.ebc) return false;
  return std::abs(*beer.ebc - kEbcPerSrm * *beer.srm) > std::max(2.0, 0.1 * *beer.ebc);
}

bool abv_disagrees(Beer& beer) {
  if (!beer.abv || !beer.target_og || !beer.target_fg) return false;
  return std::abs(*beer.abv - abv_from_gravity(*beer.target_og, *beer.target_fg)) > kAbvTolerance;
}

bool attenuation_impossible(Beer& beer) { return null_outside(beer.attenuation_level, 0, 100); }

bool og_unusual(Beer& beer) {
  return beer.target_og && (*beer.target_og < 1025 || *beer.target_og > 1140);
}

bool malt_in_grams(Beer& beer) {
  bool caught = false;
  for (Malt& malt : beer.malts) {
    if (!malt.kilograms || *malt.kilograms <= kMaltLineKilograms) continue;
    *malt.kilograms /= 1000.0;
    caught = true;
  }
  return caught;
}

bool malt_empty(Beer& beer) { return beer.malts.empty(); }

bool fermentation_hot(Beer& beer) { return null_outside(beer.fermentation_celsius, -10, 40); }

bool below_zero(Beer& beer) {
  bool caught = false;
  for (auto* value : {&beer.abv, &beer.target_fg, &beer.target_og, &beer.ebc, &beer.srm}) {
    caught |= null_outside(*value, 0, kNoLimit);
  }
  return caught;
}

bool mash_impossible(Beer& beer) {
  bool caught = false;
  for (MashStep& step : beer.mash) caught |= null_outside(step.celsius, 40, 80);
  return caught;
}

bool mash_minutes_null(Beer& beer) {
  return std::any_of(beer.mash.begin(), beer.mash.end(),
                     [](const MashStep& step) { return !step.minutes; });
}

bool volume_missing(Beer& beer) {
  null_outside(beer.volume, kLeastLitres, kNoLimit);
  return !beer.volume;
}

bool hop_amount_missing(Beer& beer) {
  bool caught = false;
  for (Hop& hop : beer.hops) {
    null_outside(hop.grams, 0, kNoLimit);
    caught |= !hop.grams;
  }
  return caught;
}

bool malt_amount_missing(Beer& beer) {
  bool caught = false;
  for (Malt& malt : beer.malts) {
    null_outside(malt.kilograms, 0, kNoLimit);
    caught |= !malt.kilograms;
  }
  return caught;
}

bool hop_alpha_assumed(Beer& beer) {
  return std::any_of(beer.hops.begin(), beer.hops.end(), [](const Hop& hop) {
    const HopName name = read_hop_name(hop.name);
    return !name.adjunct && !name.alpha_percent && !alpha_in_attribute(hop.attribute);
  });
}

bool hop_add_unknown(Beer& beer) {
  return std::any_of(beer.hops.begin(), beer.hops.end(),
                     [](const Hop& hop) { return !read_addition(hop.add).understood; });
}

bool hops_none(Beer& beer) {
  return std::all_of(beer.hops.begin(), beer.hops.end(),
                     [](const Hop& hop) { return read_hop_name(hop.name).adjunct; });
}

// "MM/YYYY" or "YYYY".
bool first_brewed_unreadable(Beer& beer) {
  std::string_view text = beer.first_brewed;
  const auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (text.size() == 7 && text[2] == '/' && digits(text.substr(0, 2))) text.remove_prefix(3);
  return text.size() != 4 || !digits(text);
}

bool hops_with_adjuncts(Beer& beer) {
  return std::any_of(beer.hops.begin(), beer.hops.end(),
                     [](const Hop& hop) { return read_hop_name(hop.name).adjunct; });
}

bool hop_add_irregular(Beer& beer) {
  return std::any_of(beer.hops.begin(), beer.hops.end(),
                     [](const Hop& hop) { return !read_addition(hop.add).canonical; });
}

bool hop_attribute_irregular(Beer& beer) {
  return std::any_of(beer.hops.begin(), beer.hops.end(), [](const Hop& hop) {
    return hop.attribute != "bitter" && hop.attribute != "flavour" && hop.attribute != "aroma";
  });
}

constexpr std::array kRules{
    Rule{"below_zero", "abv, target_fg, target_og, ebc or srm below 0", Action::kNull,
         "none of them can be; the true value can't be guessed", below_zero},
    Rule{"ibu_null", "ibu is null", Action::kNoLabel,
         "there is nothing to learn from; the beer stays in the lake", ibu_null},
    Rule{"ibu_rejected", "ibu equals a gravity, is above 300 or below 0", Action::kRejectLabel,
         "a number from another column is not a bitterness", ibu_is_no_bitterness},
    Rule{"ibu_out_of_scale", "100 < ibu <= 300", Action::kOutOfScale,
         "the model speaks the scale 0 to 100; reported, not trained on", ibu_out_of_scale},
    Rule{"gravities_swapped", "target_fg > target_og", Action::kSwap,
         "fermenting lowers gravity, so the columns were exchanged", gravities_swapped},
    // Before the swap: it tells of the columns as they came, exchanged ones included.
    Rule{"colours_disagree", "|ebc - 1.97 x srm| > max(2, 10 %) as delivered", Action::kFlag,
         "the two scales measure one thing; the next rule knows when they are exchanged",
         colours_disagree},
    Rule{"colours_swapped", "srm > 1.5 x ebc", Action::kSwap,
         "ebc is about twice srm, so the columns were exchanged", colours_swapped},
    Rule{"ph_impossible", "ph outside 2.5..7", Action::kNull,
         "no beer has it; the true value can't be guessed", ph_impossible},
    Rule{"abv_disagrees", "|abv - 0.13125 x (og - fg)| > 1.0", Action::kFlag,
         "added fruit, freezing or a typing error: the residual is a feature", abv_disagrees},
    Rule{"attenuation_impossible", "attenuation_level outside 0..100", Action::kNull,
         "more sugar than there was can't ferment", attenuation_impossible},
    Rule{"og_unusual", "target_og outside 1025..1140", Action::kFlag,
         "rare but real: alcohol-free and extreme beers", og_unusual},
    Rule{"malt_in_grams", "a malt line above 50 kg", Action::kScale,
         "for 20 litres these are grams written as kilograms: divided by 1000", malt_in_grams},
    Rule{"malt_empty", "no malt", Action::kRejectLabel,
         "without malt it is no recipe to learn from", malt_empty},
    Rule{"fermentation_impossible", "fermentation outside -10..40 C", Action::kNull,
         "yeast does not live there", fermentation_hot},
    Rule{"mash_impossible", "a mash step outside 40..80 C", Action::kNull,
         "no enzyme works there; 0 is how the catalogue says nothing", mash_impossible},
    Rule{"mash_minutes_null", "a mash step without a duration", Action::kFlag,
         "missing: counted as no minutes beside the other steps'", mash_minutes_null},
    Rule{"volume_missing", "volume null or not above 0", Action::kAssume,
         "the catalogue's recipes make 20 litres: taken for so many", volume_missing},
    Rule{"malt_amount_missing", "a malt line without an amount, or one below 0", Action::kAssume,
         "the line counts, its weight as none", malt_amount_missing},
    Rule{"hop_amount_missing", "a hop line without an amount, or one below 0", Action::kAssume,
         "the line counts, its weight as none", hop_amount_missing},
    Rule{"hops_none", "no true hop", Action::kFlag,
         "rare but real: beers of herbs, and recipes cut short", hops_none},
    Rule{"hop_alpha_assumed", "a hop of unknown variety that doesn't state its alpha acids",
         Action::kAssume, "taken for the median variety's, 9.5 %", hop_alpha_assumed},
    Rule{"hop_add_unknown", "an `add` that tells no time", Action::kAssume,
         "taken for a dry hop: unknown words describe the cellar, not the kettle", hop_add_unknown},
    Rule{"hops_with_adjuncts", "the hop list contains what is no hop", Action::kNormalise,
         "coffee, fruit and oak carry no alpha acids: counted as adjuncts", hops_with_adjuncts},
    Rule{"hop_add_irregular", "an `add` that isn't start, middle, end or dry hop",
         Action::kNormalise, "minutes, letter case and other words are understood",
         hop_add_irregular},
    Rule{"hop_attribute_irregular", "an `attribute` that isn't bitter, flavour or aroma",
         Action::kNormalise, "letter case and spelling are understood; some carry alpha acids",
         hop_attribute_irregular},
    Rule{"abv_null", "abv is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.abv; }},
    Rule{"fg_null", "target_fg is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.target_fg; }},
    Rule{"og_null", "target_og is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.target_og; }},
    Rule{"ebc_null", "ebc is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.ebc; }},
    Rule{"srm_null", "srm is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.srm; }},
    Rule{"ph_null", "ph is null, or was made so", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return !beer.ph; }},
    Rule{"attenuation_null", "attenuation_level is null, or was made so", Action::kFlag,
         "missing, as missing", [](Beer& beer) { return !beer.attenuation_level; }},
    Rule{"fermentation_null", "fermentation temperature is null, or was made so", Action::kFlag,
         "missing, as missing", [](Beer& beer) { return !beer.fermentation_celsius; }},
    Rule{"first_brewed_unreadable", "first_brewed is neither MM/YYYY nor YYYY", Action::kFlag,
         "the year is missing, as missing", first_brewed_unreadable},
    Rule{"yeast_null", "yeast is null", Action::kFlag, "missing, as missing",
         [](Beer& beer) { return beer.yeast.empty(); }},
};

// How strict a label is; the strictest of a beer's rules stands.
int severity(LabelStatus status) {
  switch (status) {
    case LabelStatus::kOk:
      return 0;
    case LabelStatus::kOutOfScale:
      return 1;
    case LabelStatus::kRejected:
      return 2;
    case LabelStatus::kMissing:
      return 3;
  }
  return 0;
}

LabelStatus label_after(Action action) {
  switch (action) {
    case Action::kNoLabel:
      return LabelStatus::kMissing;
    case Action::kRejectLabel:
      return LabelStatus::kRejected;
    case Action::kOutOfScale:
      return LabelStatus::kOutOfScale;
    default:
      return LabelStatus::kOk;
  }
}

}  // namespace

std::string_view to_string(LabelStatus status) {
  switch (status) {
    case LabelStatus::kOk:
      return "ok";
    case LabelStatus::kMissing:
      return "missing";
    case LabelStatus::kRejected:
      return "rejected";
    case LabelStatus::kOutOfScale:
      return "out_of_scale";
  }
  return "ok";
}

std::string_view to_string(Action action) {
  switch (action) {
    case Action::kFlag:
      return "flag";
    case Action::kSwap:
      return "swap";
    case Action::kNull:
      return "null";
    case Action::kScale:
      return "scale";
    case Action::kNormalise:
      return "normalise";
    case Action::kAssume:
      return "assume";
    case Action::kNoLabel:
      return "no label";
    case Action::kRejectLabel:
      return "reject label";
    case Action::kOutOfScale:
      return "out of scale";
  }
  return "flag";
}

std::span<const Rule> rules() { return kRules; }

Checked check(Beer beer) {
  Checked checked{std::move(beer), {}, LabelStatus::kOk};
  for (const Rule& rule : kRules) {
    if (!rule.apply(checked.beer)) continue;
    checked.findings.push_back(rule.name);
    LabelStatus label = label_after(rule.action);
    if (severity(label) > severity(checked.label)) checked.label = label;
  }
  return checked;
}

}  // namespace beer
