// Reads the catalogue's free text about hops.
#include "beer/hops.h"

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

// A number at the beginning of the text, whatever follows: "60", "15 min".
std::optional<double> leading_number(std::string_view text) {
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
  return {phase, std::max(minutes, 0.0), false};
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
  if (add == "start") return {Phase::kStart, 60, true};
  if (add == "middle") return {Phase::kMiddle, 30, true};
  if (add == "end") return {Phase::kEnd, 5, true};
  if (add == "dry hop") return {Phase::kDry, 0, true};
  std::string text = base::to_lower(base::trim(add));
  if (auto minutes = leading_number(text)) return at_minutes(*minutes);
  for (const Word& word : kAdditionWords) {
    if (contains(text, word.part)) return {word.phase, word.minutes, false};
  }
  return {};  // unknown words describe the cellar, not the kettle
}

HopAttribute read_attribute(std::string_view attribute) {
  std::string text = base::to_lower(base::trim(attribute));
  // The order settles "aroma / bitter": what bitters is boiled long, whatever else it gives.
  if (text.starts_with("bit") || contains(text, "bitter")) return HopAttribute::kBitter;
  if (text.starts_with("flav")) return HopAttribute::kFlavour;
  if (text.starts_with("arom")) return HopAttribute::kAroma;
  return HopAttribute::kOther;
}

std::optional<double> alpha_in_attribute(std::string_view attribute) {
  std::string text = base::to_lower(base::trim(attribute));
  if (!contains(text, "alpha")) return {};
  std::optional<double> percent = leading_number(text);
  if (!percent || *percent <= 0 || *percent > 100) return {};
  return percent;
}

bool is_adjunct(std::string_view normalised_name) {
  if (alpha_acid_percent(normalised_name)) return false;
  return contains_any(normalised_name, kAdjunctWords);
}

HopBill read_hops(const Beer& beer) {
  HopBill bill;
  bill.hops.reserve(beer.hops.size());
  for (const Hop& hop : beer.hops) {
    std::string variety = normalise_name(hop.name);
    if (is_adjunct(variety)) {
      ++bill.adjuncts;
      continue;
    }
    Addition addition = read_addition(hop.add);
    double alpha = alpha_in_attribute(hop.attribute)
                       .value_or(alpha_acid_percent(variety).value_or(kDefaultAlphaPercent));
    bill.hops.push_back({std::move(variety), std::max(hop.grams.value_or(0), 0.0), addition.phase,
                         addition.minutes, read_attribute(hop.attribute), alpha});
  }
  return bill;
}

}  // namespace beer
