// The words names are made of.
#include "beer/brewery/names.h"

#include "beer/brewery/random.h"

#include <fmt/format.h>

#include <array>

namespace beer {
namespace {

constexpr auto kFirst = std::to_array<std::string_view>({
    "Amber",    "Ancient",  "Autumn",  "Bitter",   "Blind",   "Bold",      "Brass",    "Bright",
    "Broken",   "Calm",     "Candle",  "Clever",   "Coastal", "Copper",    "Crooked",  "Dancing",
    "Daring",   "Deep",     "Distant", "Dusty",    "Early",   "Electric",  "Empty",    "Faded",
    "Fearless", "Flying",   "Foggy",   "Frozen",   "Gentle",  "Ghostly",   "Gilded",   "Granite",
    "Hidden",   "Hollow",   "Honest",  "Humble",   "Iron",    "Jolly",     "Lazy",     "Little",
    "Lonely",   "Loud",     "Lucky",   "Midnight", "Morning", "Nimble",    "Northern", "Patient",
    "Proud",    "Quiet",    "Rapid",   "Restless", "Rusty",   "Salty",     "Secret",   "Silver",
    "Sleepy",   "Stubborn", "Sudden",  "Tidal",    "Velvet",  "Wandering", "Western",  "Wild",
});
constexpr auto kSecond = std::to_array<std::string_view>({
    "Anchor", "Arrow",   "Badger",  "Barrel",   "Beacon",     "Bell",        "Bicycle", "Bridge",
    "Canyon", "Castle",  "Chimney", "Cliff",    "Clock",      "Comet Trail", "Compass", "Corner",
    "Crow",   "Drum",    "Engine",  "Falcon",   "Feather",    "Ferry",       "Fiddle",  "Forest",
    "Forge",  "Fox",     "Garden",  "Glacier",  "Hammock",    "Harbour",     "Hare",    "Heron",
    "Island", "Kettle",  "Ladder",  "Lantern",  "Lighthouse", "Lynx",        "Magpie",  "Market",
    "Meadow", "Mirror",  "Moth",    "Mountain", "Otter",      "Owl",         "Parade",  "Pebble",
    "Pilot",  "Planet",  "Postman", "Puzzle",   "Raven",      "River",       "Rocket",  "Sailor",
    "Signal", "Spanner", "Stag",    "Station",  "Thunder",    "Tractor",     "Tunnel",  "Whistle",
});
constexpr auto kThird = std::to_array<std::string_view>({
    "",        " Anthem", " Ballad", " Blues", " Brigade", " Club",   " Company", " Days",
    " Dream",  " Echo",   " Factor", " Fever", " Hour",    " Jury",   " Letter",  " Logic",
    " Method", " Notes",  " Order",  " Party", " Promise", " Remedy", " Riddle",  " Road",
    " Season", " Social", " Song",   " Story", " Sunday",  " Theory", " Tonic",   " Union",
});
static_assert(kFirst.size() == 64 && kSecond.size() == 64 && kThird.size() == 32);

constexpr std::array<std::array<std::string_view, 3>, 8> kTaglines{{
    {"Pale Ale.", "Amber Ale.", "Blonde Ale."},
    {"Imperial Stout.", "Russian Imperial Stout.", "Barrel-Aged Stout."},
    {"Hazy Pale Ale.", "Dry-Hopped Pale Ale.", "New England IPA."},
    {"Kettle Sour.", "Berliner Weisse.", "Wheat Beer."},
    {"India Pale Ale.", "Double IPA.", "West Coast IPA."},
    {"Pilsner.", "Lager.", "Dry-Hopped Lager."},
    {"Barley Wine.", "Strong Ale.", "Imperial Ale."},
    {"Porter.", "Milk Stout.", "Brown Ale."},
}};

constexpr auto kFlavours = std::to_array<std::string_view>({
    "Apricot",   "Blackberry", "Blackcurrant",  "Cherry",    "Chilli",     "Cocoa",
    "Coconut",   "Coffee",     "Elderflower",   "Ginger",    "Grapefruit", "Lemon",
    "Mango",     "Orange",     "Passion Fruit", "Peach",     "Pineapple",  "Plum",
    "Raspberry", "Rhubarb",    "Strawberry",    "Tangerine", "Vanilla",    "Yuzu",
});

}  // namespace

std::string family_name(std::uint64_t seed, std::uint64_t number) {
  constexpr std::uint64_t kNames = kFirst.size() * kSecond.size() * kThird.size();
  // An odd factor makes the product a permutation of the 2^17 names: a new mix for each seed, and
  // still no name twice.
  std::uint64_t place = (number * (mix(seed) | 1) + mix(seed + 1)) % kNames;
  std::string_view first = kFirst[place % 64];
  std::string_view second = kSecond[place / 64 % 64];
  std::string_view third = kThird[place / 4096];
  std::uint64_t round = number / kNames;
  if (round == 0) return fmt::format("{} {}{}", first, second, third);
  return fmt::format("{} {}{} No {}", first, second, third, round + 1);
}

std::string_view style_tagline(std::size_t cluster, std::uint64_t choice) {
  const auto& taglines = kTaglines[cluster];
  return taglines[choice % taglines.size()];
}

std::string_view flavour(std::uint64_t choice) { return kFlavours[choice % kFlavours.size()]; }

}  // namespace beer
