// From a seed and an id to a beer: family, recipe, sibling, faults.
#include "beer/brewery/invent.h"

#include "beer/brewery/anomalies.h"
#include "beer/brewery/copula.h"
#include "beer/brewery/hop_schedule.h"
#include "beer/brewery/malt_bill.h"
#include "beer/brewery/names.h"
#include "beer/brewery/random.h"
#include "beer/brewery/tastes.h"
#include "beer/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

namespace beer {
namespace {

// Streams of random numbers that one seed gives; a number is never reused for another purpose.
enum Stream : std::uint64_t { kFamilyStream = 1, kSiblingStream = 2, kFaultStream = 3, kOrder = 4 };

constexpr std::uint64_t kBlock = 415;
constexpr std::uint64_t kFamiliesInBlock = 310;

struct FamilySize {
  std::uint16_t siblings;
  std::uint16_t families;
};
constexpr auto kFamilySizes =
    std::to_array<FamilySize>({{1, 263}, {2, 21}, {3, 10}, {4, 9}, {5, 2}, {6, 3}, {7, 1}, {9, 1}});

struct Member {
  std::uint16_t family;
  std::uint16_t sibling;
};

constexpr auto kMembers = [] {
  std::array<Member, kBlock> members{};
  std::size_t next = 0;
  std::uint16_t family = 0;
  for (FamilySize size : kFamilySizes) {
    for (int i = 0; i < size.families; ++i, ++family) {
      for (std::uint16_t sibling = 0; sibling < size.siblings; ++sibling) {
        members[next++] = {family, sibling};
      }
    }
  }
  return members;
}();
static_assert(kMembers.back().family == kFamiliesInBlock - 1, "the sizes fill one block");

// The place among kMembers of each family's first beer.
constexpr auto kFirstMembers = [] {
  std::array<std::uint64_t, kFamiliesInBlock> first{};
  for (std::uint64_t i = 0; i < kBlock; ++i) {
    if (kMembers[i].sibling == 0) first[kMembers[i].family] = i;
  }
  return first;
}();

// The order in which a block deals its 415 members: another one for each, so siblings lie apart.
class Order {
 public:
  Order(std::uint64_t seed, std::uint64_t block) {
    Random random(seed + kOrder, block);
    do {
      factor_ = 1 + random.below(kBlock - 1);
    } while (factor_ % 5 == 0 || factor_ % 83 == 0);  // 415 = 5 * 83: only then it is a permutation
    start_ = random.below(kBlock);
  }
  Member member(std::uint64_t place) const { return kMembers[(place * factor_ + start_) % kBlock]; }
  // The inverse of it, for a family's first beer.
  std::uint64_t place_of(std::uint16_t family) const {
    std::uint64_t place = 0;
    while ((place * factor_ + start_) % kBlock != kFirstMembers[family]) ++place;
    return place;
  }

 private:
  std::uint64_t factor_ = 0;
  std::uint64_t start_ = 0;
};

double round_to(double value, double step) { return std::round(value / step) * step; }
// As written with one decimal: no 4.300000001 from a product.
double tenths(double value) { return std::round(value * 10.0) / 10.0; }

// Quantiles of abv - 0.13125 (og - fg): sharp in the middle, with wide tails.
double draw_abv_residual(Random& random) {
  static constexpr Quantiles kResidual{-4.9,  -0.806, -0.45, -0.27,  -0.18, -0.128, -0.1,
                                       -0.08, -0.05,  -0.03, -0.019, 0.0,   0.02,   0.035,
                                       0.05,  0.066,  0.12,  0.3,    0.75,  1.594,  8.0};
  return quantile(kResidual, random.uniform());
}

struct YearShare {
  int year;
  double share;
};
constexpr auto kWordYears = std::to_array<YearShare>({{2007, 5},
                                                      {2008, 7},
                                                      {2009, 12},
                                                      {2010, 12},
                                                      {2011, 18},
                                                      {2012, 20},
                                                      {2013, 30},
                                                      {2014, 20},
                                                      {2015, 29},
                                                      {2016, 25}});
constexpr auto kMinuteYears =
    std::to_array<YearShare>({{2016, 5}, {2017, 26}, {2018, 76}, {2019, 10}});
constexpr auto kCapitalYears = std::to_array<YearShare>({{2016, 2}, {2017, 8}, {2018, 7}});

std::string draw_first_brewed(Notation notation, const Tastes& tastes, Random& random) {
  auto pick = [&](const auto& years) {
    return years[random.weighted(years, [](const YearShare& y) { return y.share; })].year +
           static_cast<int>(tastes.years());
  };
  if (notation == Notation::kMinutes) return std::to_string(pick(kMinuteYears));
  if (notation == Notation::kCapitals) return std::to_string(pick(kCapitalYears));
  int year = pick(kWordYears);
  return fmt::format("{:02}/{}", 1 + random.below(12), year);
}

struct MinuteShare {
  double minutes;
  double share;
};
constexpr auto kMashMinutes = std::to_array<MinuteShare>({{75, 140},
                                                          {90, 41},
                                                          {60, 15},
                                                          {55, 15},
                                                          {65, 14},
                                                          {50, 12},
                                                          {45, 11},
                                                          {30, 20},
                                                          {25, 15},
                                                          {20, 11},
                                                          {15, 10},
                                                          {35, 8}});

void draw_process(const Draw& draw, std::size_t cluster, Beer& beer, Random& random) {
  double celsius = std::round(draw[Field::kMashCelsius]);
  double minutes =
      kMashMinutes[random.weighted(kMashMinutes, [](const MinuteShare& m) { return m.share; })]
          .minutes;
  beer.mash.push_back({celsius, minutes});
  constexpr double kStepMashes = 24.0 / 415;
  if (random.chance(kStepMashes)) {
    beer.mash.front().minutes = 30;
    beer.mash.push_back({65, 30});
    beer.mash.push_back({72, 10});
    beer.mash.push_back({78, 5});
  }
  beer.fermentation_celsius = std::round(draw[Field::kFermentationCelsius]);
  beer.yeast = draw_yeast(cluster, random);
  constexpr double kTwists = 0.429;
  if (random.chance(kTwists)) beer.twist = fmt::format("{}: 250g", flavour(random.bits()));
}

void draw_values(const Draw& draw, Beer& beer, Random& random) {
  double og = std::round(draw[Field::kOg]);
  double fg = std::round(std::min(draw[Field::kFg], og - 2));
  beer.target_og = og;
  beer.target_fg = fg;
  beer.abv = std::max(0.5, tenths(abv_from_gravity(og, fg) + draw_abv_residual(random)));
  beer.ebc = std::round(draw[Field::kEbc]);
  double srm = *beer.ebc / 1.97;
  beer.srm = std::max(1.0, random.chance(0.8) ? std::round(srm) : tenths(srm));
  beer.ph = tenths(draw[Field::kPh]);
  double attenuation = attenuation_from_gravity(og, fg);
  if (random.chance(0.1)) attenuation += 4.0 * random.normal();
  attenuation = std::clamp(attenuation, 5.0, 100.0);
  beer.attenuation_level = random.chance(0.6) ? std::round(attenuation) : tenths(attenuation);
  beer.volume = kBatchLitres;
  beer.boil_volume = 25;
}

// Brewers state bitterness in fives, mostly.
double round_ibu(double ibu, Random& random) {
  constexpr double kInFives = 0.88;
  double rounded = random.chance(kInFives) ? round_to(ibu, 5) : std::round(ibu);
  return std::clamp(rounded, 0.0, 100.0);
}

// The recipe that all siblings of a family start from.
struct Blueprint {
  Beer beer;
  std::size_t cluster = 0;
  double ibu = 0;  ///< not yet rounded
};

std::size_t draw_cluster(const Tastes& tastes, Random& random) {
  std::array<std::size_t, kClusters> places{};
  std::iota(places.begin(), places.end(), std::size_t{0});
  return random.weighted(places, [&](std::size_t place) { return tastes.share(place); });
}

Blueprint draw_blueprint(std::uint64_t seed, std::uint64_t family, const Tastes& tastes) {
  Random random(seed + kFamilyStream, family);
  Blueprint print;
  print.cluster = draw_cluster(tastes, random);
  const Cluster& cluster = clusters()[print.cluster];
  Draw draw = draw_fields(cluster, random);
  tastes.season(draw);
  constexpr std::size_t kSour = 3, kLager = 5;
  Beer& beer = print.beer;
  beer.name = family_name(seed, family);
  beer.tagline = style_tagline(print.cluster, random.bits());
  Notation notation = draw_notation(draw, random);
  beer.first_brewed = draw_first_brewed(notation, tastes, random);
  draw_values(draw, beer, random);
  draw_process(draw, print.cluster, beer, random);
  beer.malts = draw_malts(print.cluster, draw[Field::kMaltKilograms], random);
  beer.hops = draw_hops(draw, notation, print.cluster == kSour || print.cluster == kLager, random);
  Recipe recipe = understand(beer);
  print.ibu = tastes.stated_ibu(draw_ibu(cluster, draw, recipe.tinseth, recipe.rager,
                                         recipe.kettle_alpha() / recipe.litres, random));
  return print;
}

// A sibling of the single-hop kind: the same beer with each variety exchanged for another.
void change_hops(Beer& beer, Random& random) {
  std::map<std::string, std::string> exchange;
  for (Hop& hop : beer.hops) {
    auto [it, fresh] = exchange.try_emplace(hop.name);
    if (fresh) it->second = other_variety(hop.name, random);
    hop.name = it->second;
  }
}

// A later version: more or less hops, a little stronger or weaker.
void change_version(Beer& beer, std::uint16_t sibling, Random& random) {
  beer.name += fmt::format(" V{}", sibling + 1);
  double factor = random.between(0.8, 1.3);
  for (Hop& hop : beer.hops) hop.grams = tenths(*hop.grams * factor);
  double points = std::round(3.0 * random.normal());
  *beer.target_og = std::max(*beer.target_og + points, *beer.target_fg + 2);
  *beer.abv = std::max(0.5, tenths(*beer.abv + 0.13125 * points));
}

void make_sibling(Blueprint& print, std::uint16_t sibling, std::uint64_t kind, Random& random) {
  switch (kind % 3) {
    case 0:
      print.beer.name += fmt::format(" {}", flavour(kind / 3 + sibling));
      print.beer.twist = fmt::format("{}: 500g", flavour(kind / 3 + sibling));
      break;
    case 1:
      change_version(print.beer, sibling, random);
      break;
    default:
      change_hops(print.beer, random);
      print.beer.name += fmt::format(
          " - {}", print.beer.hops.empty() ? std::string("Reprise") : print.beer.hops[0].name);
  }
  // Half of the siblings state the family's ibu again; the others differ like neighbours do.
  constexpr double kSiblingDeviation = 7;
  if (random.chance(0.5)) print.ibu += kSiblingDeviation * random.normal();
}

}  // namespace

Beer invent(std::uint64_t seed, std::uint64_t id, double drift, double shift) {
  const std::uint64_t block = (id - 1) / kBlock;
  const Order order(seed, block);
  const Member member = order.member((id - 1) % kBlock);
  const std::uint64_t family = block * kFamiliesInBlock + member.family;
  double years = shift;
  if (drift > 0) {
    constexpr double kBeersInAYear = 1000;
    const std::uint64_t first = block * kBlock + order.place_of(member.family);
    years = drift * static_cast<double>(first) / kBeersInAYear;
  }
  Blueprint print = draw_blueprint(seed, family, Tastes(years));
  Random random(seed + kSiblingStream, id);
  if (member.sibling > 0) {
    make_sibling(print, member.sibling, Random(seed + kSiblingStream, ~family).bits(), random);
  }
  Beer& beer = print.beer;
  beer.id = static_cast<std::int64_t>(id);
  // The family's own beer rounds by the family's number, so equal siblings state equal numbers.
  Random rounding(seed + kFamilyStream, ~family);
  beer.ibu = round_ibu(print.ibu, rounding);
  Random faults(seed + kFaultStream, id);
  damage(beer, clusters()[print.cluster], faults);
  return std::move(beer);
}

}  // namespace beer
