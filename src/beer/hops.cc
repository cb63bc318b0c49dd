// Reads the catalogue's free text about hops.
#include "beer/hops.h"

#include "beer/lexicon.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace beer {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return contains(text, part); });
}

// The letter without its accent for U+00C0..U+00FF; a blank for what is no letter there.
constexpr std::string_view kLatin1 =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";
static_assert(kLatin1.size() == 64);

// Calls `use` with each code point; bytes that aren't UTF-8 come as they are.
template <class F>
void for_each_code_point(std::string_view text, F&& use) {
  for (std::size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (i + length > text.size()) length = 1;
    char32_t point = length == 1 ? byte : byte & (0xFF >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    }
    use(point);
    i += length;
  }
}

// Words that tell an ingredient of another kind. Varieties known by name are looked up first, since
// "mandarina bavaria" is a hop and "mandarin segments" are not.
constexpr auto kAdjunctWords = std::to_array<std::string_view>({
    "anis",        "apple",       "apricot",     "banana",   "basil",    "bay lea",   "bean",
    "beetroot",    "berr",        "biscuit",     "bourbon",  "butter",   "cacao",     "cacoa",
    "caramalt",    "caramel",     "cardam",      "cherr",    "chestnut", "chilli",    "chili",
    "chip",        "chocolate",   "cinnamon",    "citric",   "clove",    "cocoa",     "coconut",
    "coffee",      "concentrate", "corian",      "cranberr", "cucumber", "currant",   "demerara",
    "elderflower", "fruit",       "ginger",      "grape",    "guarana",  "guava",     "haban",
    "haben",       "heather",     "hibiscus",    "honey",    "husk",     "juice",     "juniper",
    "kola",        "lactose",     "leaves",      "lemon",    "lime",     "liquorice", "malt",
    "mango",       "maple",       "marshmallow", "milk",     "mint",     "molasses",  "muscavado",
    "muscovado",   "nib",         "nutmeg",      "oak",      "oat",      "orange",    "passion",
    "peach",       "peanut",      "pecan",       "peel",     "pepper",   "pineapple", "pistachio",
    "plum",        "poppy",       "powder",      "prune",    "pulp",     "pumpkin",   "puree",
    "quince",      "raisin",      "rhubarb",     "rosemary", "rum",      "sage",      "salt",
    "seed",        "segment",     "segement",    "spice",    "sugar",    "syrup",     "tamarind",
    "tea",         "thyme",       "truffle",     "vanilla",  "wasabi",   "whisky",    "wood",
    "yeast",       "yuzu",        "zest",
});

// Words of `add` by what they mean, the first that fits wins: "Dry Hop, at Day 8" is dry before it
// is anything with "day". "HD1" and "HD2" are the kettle's first and second hop dose.
struct Word {
  std::string_view part;
  Phase phase;
  double minutes;
};
constexpr auto kAdditionWords = std::to_array<Word>({
    {"dry", Phase::kDry, 0},
    {"fv", Phase::kDry, 0},
    {"secondary", Phase::kDry, 0},
    {"maturation", Phase::kDry, 0},
    {"age", Phase::kDry, 0},
    {"ferment", Phase::kDry, 0},
    {"flame", Phase::kFlameOut, 0},
    {"whirl", Phase::kFlameOut, 0},
    {"whp", Phase::kFlameOut, 0},
    {"fwh", Phase::kStart, 60},
    {"first wort", Phase::kStart, 60},
    {"mash", Phase::kStart, 60},
    {"start", Phase::kStart, 60},
    {"hd1", Phase::kStart, 60},
    {"middle", Phase::kMiddle, 30},
    {"hd2", Phase::kMiddle, 30},
    {"kettle", Phase::kEnd, 5},
    {"end", Phase::kEnd, 5},
});

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// A number at the beginning of the text, whatever follows: "60", "15 min". Digits only: from_chars
// would read infinity from "infusion".
std::optional<double> leading_number(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || !is_digit(digits.front())) return {};
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return {};
  return value;
}

Addition at_minutes(double minutes) {
  Phase phase = minutes >= 50   ? Phase::kStart
                : minutes >= 16 ? Phase::kMiddle
                : minutes >= 1  ? Phase::kLate
                                : Phase::kFlameOut;
  return {.phase = phase, .minutes = std::max(minutes, 0.0)};
}

Addition understand_addition(std::string_view add) {
  if (add == "start") return {.phase = Phase::kStart, .minutes = 60, .canonical = true};
  if (add == "middle") return {.phase = Phase::kMiddle, .minutes = 30, .canonical = true};
  if (add == "end") return {.phase = Phase::kEnd, .minutes = 5, .canonical = true};
  if (add == "dry hop") return {.phase = Phase::kDry, .minutes = 0, .canonical = true};
  std::string text = base::to_lower(base::trim(add));
  if (auto minutes = leading_number(text)) {
    Addition addition = at_minutes(*minutes);
    addition.number = is_digit(text.front());
    return addition;
  }
  for (const Word& word : kAdditionWords) {
    if (contains(text, word.part)) return {.phase = word.phase, .minutes = word.minutes};
  }
  return {.understood = false};  // unknown words describe the cellar, not the kettle
}

struct Attribute {
  HopAttribute kind = HopAttribute::kOther;
  std::optional<double> alpha_percent;
};

HopAttribute kind_of_attribute(std::string_view text) {
  // The order settles "aroma / bitter": what bitters is boiled long, whatever else it gives.
  if (text.starts_with("bit") || contains(text, "bitter")) return HopAttribute::kBitter;
  if (text.starts_with("flav")) return HopAttribute::kFlavour;
  if (text.starts_with("arom")) return HopAttribute::kAroma;
  return HopAttribute::kOther;
}

Attribute understand_attribute(std::string_view attribute) {
  const std::string text = base::to_lower(base::trim(attribute));
  Attribute result{.kind = kind_of_attribute(text)};
  if (!contains(text, "alpha")) return result;
  const std::optional<double> percent = leading_number(text);
  if (percent && *percent > 0 && *percent <= 100) result.alpha_percent = percent;
  return result;
}

HopName understand_hop_name(std::string_view name) {
  HopName result{.variety = normalise_name(name)};
  result.alpha_percent = alpha_acid_percent(result.variety);
  result.adjunct = is_adjunct(result.variety);
  return result;
}

// The spellings of nearly all hop lines of the catalogue, so that they needn't be read again.
constexpr auto kUsualAdditions = std::to_array<std::string_view>({
    "start",
    "middle",
    "end",
    "dry hop",
    "Start",
    "Middle",
    "End",
    "Dry Hop",
    "Dry hop",
    "Flame Out",
    "Flame out",
    "Whirlpool",
    "whirlpool",
    "WHP",
    "FWH",
    "fv",
    "FV",
    "Kettle",
    "Mash",
    "HD1",
    "HD2",
    "Wood Ageing",
    "Dry Hop, at Day 6",
    "Dry Hop, at Day 8",
    "0",
    "5",
    "10",
    "15",
    "20",
    "30",
    "40",
    "45",
    "60",
    "65",
    "70",
    "75",
    "80",
    "85",
    "90",
});
constexpr auto kUsualAttributes = std::to_array<std::string_view>({
    "bitter",
    "flavour",
    "aroma",
    "Bitter",
    "Flavour",
    "Aroma",
    "Bittering",
    "bittering",
    "Dry Hop",
    "3% Alpha",
    "6% Alpha",
    "10% Alpha",
    "14% Alpha",
});
constexpr auto kUsualHops = std::to_array<std::string_view>({
    "Ahtanum",
    "Amarillo",
    "Apollo",
    "Ariana",
    "Aurora",
    "Bramling Cross",
    "Bravo",
    "Cascade",
    "Centennial",
    "Challenger",
    "Chinook",
    "Citra",
    "Columbus",
    "Columbus Extract",
    "Comet",
    "Dana",
    "El Dorado",
    "Ella",
    "Enigma",
    "Equinox",
    "First Gold",
    "Fuggles",
    "Galena",
    "German Cascade",
    "Goldings",
    "H. Blanc",
    "H. Mittelfruh",
    "HBC 366",
    "Hallertauer Blanc",
    "Hallertauer Mittelfrüh",
    "Hallertauer Taurus",
    "Hercules",
    "Hersbrucker",
    "Huell Melon",
    "Kohatu",
    "Magnum",
    "Mandarina Bavaria",
    "Mosaic",
    "Motueka",
    "Mt.Hood",
    "Nelson Sauvin",
    "Pacific Jade",
    "Pacifica",
    "Perle",
    "Saaz",
    "Saphir",
    "Saphire",
    "Select Spalter",
    "Simcoe",
    "Simcoe CO2 Extract",
    "Sorachi Ace",
    "Spalter",
    "Tettnang",
    "Tomahawk",
    "Vic Secret",
    "Waimea",
    "Willamette",
    // no hops, but written where hops are
    "Cinnamon",
    "Cocoa Nibs",
    "Coffee",
    "Coriander Seed",
    "Ginger Powder",
    "Ground Coffee",
    "Honey",
    "Juniper Berries",
    "Lactose",
    "Lemon Peel",
    "Mango Puree",
    "Maple Syrup",
    "Oak Chips",
    "Orange Peel",
    "Raspberry Juice",
    "Vanilla",
});

Attribute attribute_of(std::string_view attribute) {
  static const Lexicon<Attribute> kUsual(kUsualAttributes, understand_attribute);
  if (const Attribute* usual = kUsual.find(attribute)) return *usual;
  return understand_attribute(attribute);
}

}  // namespace

std::string normalise_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  auto put = [&](char letter) {
    if (letter == ' ' && (out.empty() || out.back() == ' ')) return;
    out.push_back(letter);
  };
  for_each_code_point(name, [&](char32_t point) {
    if (point < 0x80) {
      char letter = static_cast<char>(point);
      bool blank = letter == ' ' || (letter >= '\t' && letter <= '\r');
      put(blank ? ' ' : letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter);
    } else if (point == 0xA0) {
      put(' ');
    } else if (point >= 0xC0 && point <= 0xFF) {
      put(kLatin1[point - 0xC0]);
    } else if (point == 0x2013 || point == 0x2014) {
      put('-');
    } else if (point == 0x2019) {
      put('\'');
    }  // everything else (combining accents, ™) says nothing about which name it is
  });
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Addition read_addition(std::string_view add) {
  static const Lexicon<Addition> kUsual(kUsualAdditions, understand_addition);
  if (const Addition* usual = kUsual.find(add)) return *usual;
  return understand_addition(add);
}

HopAttribute read_attribute(std::string_view attribute) { return attribute_of(attribute).kind; }

std::optional<double> alpha_in_attribute(std::string_view attribute) {
  return attribute_of(attribute).alpha_percent;
}

HopName read_hop_name(std::string_view name) {
  static const Lexicon<HopName> kUsual(kUsualHops, understand_hop_name);
  if (const HopName* usual = kUsual.find(name)) return *usual;
  return understand_hop_name(name);
}

bool is_adjunct(std::string_view normalised_name) {
  if (alpha_acid_percent(normalised_name)) return false;
  return contains_any(normalised_name, kAdjunctWords);
}

HopBill read_hops(const Beer& beer) {
  HopBill bill;
  bill.hops.reserve(beer.hops.size());
  for (const Hop& hop : beer.hops) {
    const Addition addition = read_addition(hop.add);
    if (addition.number) ++bill.in_minutes;
    HopName name = read_hop_name(hop.name);
    if (name.adjunct) {
      ++bill.adjuncts;
      continue;
    }
    const Attribute attribute = attribute_of(hop.attribute);
    const double alpha =
        attribute.alpha_percent.value_or(name.alpha_percent.value_or(kDefaultAlphaPercent));
    bill.hops.push_back({std::move(name.variety), std::max(hop.grams.value_or(0), 0.0),
                         addition.phase, addition.minutes, attribute.kind, alpha});
  }
  return bill;
}

}  // namespace beer
