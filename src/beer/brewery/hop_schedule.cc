// The vocabulary of hop lists with its measured frequencies.
#include "beer/brewery/hop_schedule.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace beer {
namespace {

struct Variety {
  std::string_view name;
  double share;  ///< of all hop lines
  bool noble;
};
constexpr auto kVarieties = std::to_array<Variety>({
    {"Simcoe", 0.1082, false},
    {"Centennial", 0.0926, false},
    {"Amarillo", 0.0888, false},
    {"Citra", 0.0836, false},
    {"Chinook", 0.0813, false},
    {"Cascade", 0.0591, false},
    {"Columbus", 0.0553, false},
    {"Mosaic", 0.0411, false},
    {"Magnum", 0.0331, true},
    {"Nelson Sauvin", 0.026, false},
    {"First Gold", 0.0213, true},
    {"Ahtanum", 0.0208, false},
    {"Motueka", 0.0203, false},
    {"Galena", 0.0194, false},
    {"Bramling Cross", 0.0165, true},
    {"Sorachi Ace", 0.0161, false},
    {"Saaz", 0.0156, true},
    {"Mandarina Bavaria", 0.0151, true},
    {"Fuggles", 0.0137, true},
    {"Willamette", 0.0113, true},
    {"Hallertauer Mittelfrüh", 0.0095, true},
    {"Hallertauer Taurus", 0.0095, true},
    {"Perle", 0.008, true},
    {"Simcoe CO2 Extract", 0.0071, false},
    {"Ariana", 0.0066, true},
    {"Hallertauer Blanc", 0.0066, true},
    {"Challenger", 0.0052, true},
    {"Columbus Extract", 0.0047, false},
    {"H. Blanc", 0.0047, true},
    {"Comet", 0.0043, false},
    {"Hersbrucker", 0.004, true},
    {"Tettnang", 0.004, true},
    {"Goldings", 0.004, true},
    {"Equinox", 0.005, false},
    {"Waimea", 0.004, false},
    {"Vic Secret", 0.004, false},
});

struct Choice {
  std::string_view text;
  double weight;
};
constexpr auto kStartMinutes = std::to_array<Choice>(
    {{"60", 40}, {"65", 7}, {"70", 50}, {"75", 5}, {"80", 1}, {"85", 1}, {"90", 28}, {"FWH", 3}});
constexpr auto kMiddleMinutes =
    std::to_array<Choice>({{"30", 35}, {"20", 2}, {"40", 1}, {"45", 1}});
constexpr auto kLateMinutes = std::to_array<Choice>({{"10", 69}, {"15", 39}});
constexpr auto kFlameOutWords = std::to_array<Choice>(
    {{"0", 198}, {"Flame Out", 55}, {"Whirlpool", 9}, {"WHP", 6}, {"whirlpool", 4}});
constexpr auto kDryWords = std::to_array<Choice>({{"Dry Hop", 281},
                                                  {"Dry Hop, at Day 8", 8},
                                                  {"Dry Hop, at Day 6", 5},
                                                  {"Dry hop", 4},
                                                  {"fv", 4}});

template <const auto& choices>
std::string_view choose(Random& random) {
  static constexpr Weights<choices.size()> kWeights(choices,
                                                    [](const Choice& c) { return c.weight; });
  return choices[kWeights.at(random.uniform())].text;
}

constexpr double kTaste = 8;  // how much more often a noble beer takes a noble hop
constexpr Weights<kVarieties.size()> kAnyVariety(kVarieties,
                                                 [](const Variety& v) { return v.share; });
constexpr Weights<kVarieties.size()> kNobleVariety(kVarieties, [](const Variety& v) {
  return v.share * (v.noble ? kTaste : 1.0);
});

constexpr std::array kPhaseFields{Field::kHopStart, Field::kHopMiddle,   Field::kHopLate,
                                  Field::kHopEnd,   Field::kHopFlameOut, Field::kHopDry};
constexpr std::size_t kPhases = kPhaseFields.size();
constexpr int kMostInAPhase = 6;
constexpr std::size_t kLate = 2, kEnd = 3, kFlameOut = 4, kDry = 5;

std::string_view add_text(std::size_t phase, Notation notation, Random& random) {
  static constexpr std::array<std::string_view, kPhases> kWords{"start", "middle",    "10",
                                                                "end",   "Flame Out", "dry hop"};
  static constexpr std::array<std::string_view, kPhases> kCapitals{"Start", "Middle",    "10",
                                                                   "End",   "Flame Out", "Dry Hop"};
  if (notation == Notation::kWords) return kWords[phase];
  if (notation == Notation::kCapitals) return kCapitals[phase];
  switch (phase) {
    case 0:
      return choose<kStartMinutes>(random);
    case 1:
      return choose<kMiddleMinutes>(random);
    case kLate:
      return choose<kLateMinutes>(random);
    case kEnd:
      return "End";
    case kFlameOut:
      return choose<kFlameOutWords>(random);
    default:
      return choose<kDryWords>(random);
  }
}

std::string_view attribute_text(std::size_t phase, Notation notation, Random& random) {
  bool words = notation == Notation::kWords;
  if (phase == 0) {
    if (!words && random.chance(0.3)) return "Bittering";
    return words ? "bitter" : "Bitter";
  }
  bool aroma = random.chance(phase == kDry ? 0.85 : phase == kFlameOut ? 0.5 : 0.1);
  if (aroma) return words ? "aroma" : "Aroma";
  return words ? "flavour" : "Flavour";
}

// As scales and catalogues round: halves above ten grams, tenths below.
double round_grams(double grams) {
  double step = grams >= 10 ? 0.5 : 0.1;
  // Rounded to the decimal it is written as: 0.1 * 3 is not 0.3.
  return std::round(std::round(grams / step) * step * 10.0) / 10.0;
}

// How many lines each phase with grams gets: one, and the rest of `total` where lines usually are.
std::array<int, kPhases> spread_lines(const std::array<double, kPhases>& grams, int total,
                                      Random& random) {
  static constexpr std::array<double, kPhases> kCrowd{0.5, 0.8, 0.7, 1.6, 1.6, 2.0};
  std::array<int, kPhases> lines{};
  for (std::size_t i = 0; i < kPhases; ++i) {
    if (grams[i] <= 0) continue;
    lines[i] = 1;
    --total;
  }
  for (; total > 0; --total) {
    std::array<double, kPhases> weights{};
    for (std::size_t i = 0; i < kPhases; ++i) {
      if (lines[i] > 0 && lines[i] < kMostInAPhase) weights[i] = kCrowd[i];
    }
    std::size_t phase = random.weighted(weights, [](double weight) { return weight; });
    if (weights[phase] <= 0) break;
    ++lines[phase];
  }
  return lines;
}

// The varieties a recipe plays with: some of up to six, no name twice.
struct Palette {
  static constexpr std::size_t kMost = 6;
  std::array<std::string_view, kMost> names;
  std::size_t size = 0;
};

Palette draw_palette(bool noble, Random& random) {
  Palette palette;
  const std::size_t wanted = 1 + random.below(Palette::kMost);
  const auto& weights = noble ? kNobleVariety : kAnyVariety;
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::string_view name = kVarieties[weights.at(random.uniform())].name;
    const std::span<const std::string_view> taken(palette.names.data(), palette.size);
    if (std::find(taken.begin(), taken.end(), name) == taken.end()) {
      palette.names[palette.size++] = name;
    }
  }
  return palette;
}

}  // namespace

Notation draw_notation(const Draw& draw, Random& random) {
  double new_style = draw[Field::kHopLate] + draw[Field::kHopFlameOut];
  double old_style = draw[Field::kHopEnd];
  if (new_style > old_style) return Notation::kMinutes;
  if (old_style > 0) return random.chance(0.07) ? Notation::kCapitals : Notation::kWords;
  double u = random.uniform();
  return u < 0.6 ? Notation::kWords : u < 0.75 ? Notation::kCapitals : Notation::kMinutes;
}

std::vector<Hop> draw_hops(const Draw& draw, Notation notation, bool noble, Random& random) {
  std::array<double, kPhases> grams{};
  constexpr double kTooLittle = 0.3;  // interpolation between none and some gives crumbs
  for (std::size_t i = 0; i < kPhases; ++i) {
    double value = draw[kPhaseFields[i]];
    grams[i] = value < kTooLittle ? 0 : value;
  }
  int total = static_cast<int>(std::lround(draw[Field::kHopLines]));
  auto lines = spread_lines(grams, total, random);
  const Palette palette = draw_palette(noble, random);
  std::vector<Hop> hops;
  hops.reserve(static_cast<std::size_t>(std::accumulate(lines.begin(), lines.end(), 0)) + 3);
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    bool equal = random.chance(0.6);
    std::array<double, kMostInAPhase> parts;
    const auto count = static_cast<std::size_t>(lines[phase]);
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      parts[i] = equal ? 1.0 : random.between(0.4, 1.6);
      sum += parts[i];
    }
    std::size_t first = random.below(palette.size);
    for (std::size_t i = 0; i < count; ++i) {
      Hop& hop = hops.emplace_back();
      hop.name = palette.names[(first + i) % palette.size];
      hop.grams = round_grams(grams[phase] * parts[i] / sum);
      hop.add = add_text(phase, notation, random);
      hop.attribute = attribute_text(phase, notation, random);
    }
  }
  return hops;
}

std::string_view other_variety(std::string_view name, Random& random) {
  for (;;) {
    const Variety& variety = kVarieties[kAnyVariety.at(random.uniform())];
    if (variety.name != name) return variety.name;
  }
}

}  // namespace beer
