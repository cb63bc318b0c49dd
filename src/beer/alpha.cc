// Typical alpha acids by hop variety: the published midpoints, in percent of weight.
#include "beer/hops.h"

#include <algorithm>
#include <array>
#include <utility>

namespace beer {
namespace {

using Entry = std::pair<std::string_view, double>;

// Sorted by name. Extracts are nearly pure: half of their weight is what the kettle gets.
constexpr auto kAlpha = std::to_array<Entry>({
    {"ahtanum", 5},
    {"amarillo", 9},
    {"apollo", 17},
    {"ariana", 11},
    {"aurora", 9},
    {"bobek", 5},
    {"bramling cross", 6.5},
    {"bramling cross/ first gold", 7},
    {"bravo", 15.5},
    {"c02 extract", 50},
    {"callista", 4},
    {"cascade", 6},
    {"centennial", 10},
    {"challenger", 7.5},
    {"chinook", 13},
    {"citra", 12.5},
    {"co2 extract", 50},
    {"columbus", 15},
    {"columbus extract", 50},
    {"comet", 9.5},
    {"crystal", 4.5},
    {"dana", 11},
    {"east kent golding", 5},
    {"east kent goldings", 5},
    {"el dorado", 15},
    {"ella", 15},
    {"enigma", 17},
    {"equinox", 14.5},
    {"exp 366", 14.5},
    {"first gold", 7.5},
    {"fuggles", 4.5},
    {"galaxy", 14},
    {"galena", 13},
    {"german cascade", 6},
    {"german comet", 9.5},
    {"goldings", 5},
    {"green bullet", 12.5},
    {"h. blanc", 10},
    {"h. mittelfruh", 4},
    {"h. taurus", 15},
    {"hallertauer blanc", 10},
    {"hallertauer mittelfruh", 4},
    {"hallertauer taurus", 15},
    {"hbc 366", 14.5},
    {"hbc 369", 12},
    {"hbc 438", 14},
    {"hercules", 15},
    {"hersbrucker", 3},
    {"hop extract", 50},
    {"huell melon", 7.5},
    {"idaho 7", 12.5},
    {"jester", 8},
    {"kohatu", 6.8},
    {"liberty", 4},
    {"magnum", 13},
    {"mandarina bavaria", 8.5},
    {"mosaic", 12},
    {"motueka", 7},
    {"mt.hood", 5.5},
    {"nelson sauvin", 12.5},
    {"nugget", 13},
    {"nz nelson sauvin", 12.5},
    {"pacific gem", 14},
    {"pacific hallertau", 5.5},
    {"pacific jade", 13},
    {"pacifica", 5.5},
    {"perle", 7.5},
    {"pioneer", 9},
    {"saaz", 3.5},
    {"saphir", 4},
    {"saphire", 4},
    {"select spalter", 4.5},
    {"simcoe", 13},
    {"simcoe co2 extract", 50},
    {"sorachi ace", 13},
    {"spalter", 4.5},
    {"sterling", 7.5},
    {"strisselspalt", 2.5},
    {"styrian goldings", 5},
    {"tettnang", 4.5},
    {"tomahawk", 15.5},
    {"triskel", 8.5},
    {"vic secret", 15.5},
    {"waimea", 17},
    {"willamette", 5},
});

static_assert(std::is_sorted(kAlpha.begin(), kAlpha.end()));

}  // namespace

std::optional<double> alpha_acid_percent(std::string_view normalised_name) {
  auto it = std::lower_bound(
      kAlpha.begin(), kAlpha.end(), normalised_name,
      [](const Entry& entry, std::string_view name) { return entry.first < name; });
  if (it == kAlpha.end() || it->first != normalised_name) return {};
  return it->second;
}

}  // namespace beer
