// Words of style, found in a name and a tagline.
#include "beer/style.h"

#include <algorithm>
#include <array>
#include <string>

namespace beer {
namespace {

struct Part {
  std::string_view text;
  StyleWord word;
};

// Parts of words, so that "hop" is found in "hopped" and "weiss" in "hefeweissbier".
constexpr auto kParts = std::to_array<Part>({
    {"ipa", StyleWord::kIpa},
    {"india pale", StyleWord::kIpa},
    {"imperial", StyleWord::kImperial},
    {"double", StyleWord::kImperial},
    {"triple", StyleWord::kImperial},
    {"stout", StyleWord::kDark},
    {"porter", StyleWord::kDark},
    {"black", StyleWord::kDark},
    {"dark", StyleWord::kDark},
    {"brown", StyleWord::kDark},
    {"schwarz", StyleWord::kDark},
    {"lager", StyleWord::kLager},
    {"pils", StyleWord::kLager},
    {"bock", StyleWord::kLager},
    {"helles", StyleWord::kLager},
    {"marzen", StyleWord::kLager},
    {"kolsch", StyleWord::kLager},
    {"wheat", StyleWord::kWheat},
    {"weiss", StyleWord::kWheat},
    {"weizen", StyleWord::kWheat},
    {"wit", StyleWord::kWheat},
    {"hefe", StyleWord::kWheat},
    {"blanc", StyleWord::kWheat},
    {"sour", StyleWord::kSour},
    {"berliner", StyleWord::kSour},
    {"gose", StyleWord::kSour},
    {"lambic", StyleWord::kSour},
    {"kettle", StyleWord::kSour},
    {"belgian", StyleWord::kBelgian},
    {"saison", StyleWord::kBelgian},
    {"quad", StyleWord::kBelgian},
    {"tripel", StyleWord::kBelgian},
    {"dubbel", StyleWord::kBelgian},
    {"abbey", StyleWord::kBelgian},
    {"trappist", StyleWord::kBelgian},
    {"farmhouse", StyleWord::kBelgian},
    {"session", StyleWord::kSession},
    {"low alcohol", StyleWord::kSession},
    {"alcohol free", StyleWord::kSession},
    {"table beer", StyleWord::kSession},
    {"small", StyleWord::kSession},
    {"hop", StyleWord::kHoppy},
    {"barrel", StyleWord::kBarrel},
    {"aged", StyleWord::kBarrel},
    {"cask", StyleWord::kBarrel},
    {"whisky", StyleWord::kBarrel},
    {"oak", StyleWord::kBarrel},
});

// "wit" stands in "with", "oak" in "soaked": these count as words of their own only.
bool is_whole(std::string_view part) { return part == "wit" || part == "oak" || part == "ipa"; }

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

bool holds(std::string_view text, std::string_view part) {
  const bool whole = is_whole(part);
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    if (!whole) return true;
    const auto end = at + part.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::uint32_t style_words(const Beer& beer) {
  std::string text;
  text.reserve(beer.name.size() + beer.tagline.size() + 1);
  text.append(beer.name).append(1, ' ').append(beer.tagline);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::uint32_t words = 0;
  for (const Part& part : kParts) {
    const std::uint32_t bit = 1U << static_cast<unsigned>(part.word);
    if ((words & bit) == 0 && holds(text, part.text)) words |= bit;
  }
  return words;
}

std::string_view style_name(std::uint32_t words) {
  if (has(words, StyleWord::kSour)) return "sour";
  if (has(words, StyleWord::kBelgian)) return "belgian";
  if (has(words, StyleWord::kLager)) return "lager";
  if (has(words, StyleWord::kIpa)) return "ipa";
  if (has(words, StyleWord::kWheat)) return "wheat";
  if (has(words, StyleWord::kDark)) return "stout and porter";
  if (has(words, StyleWord::kImperial)) return "imperial";
  return "other";
}

}  // namespace beer
