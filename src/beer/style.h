// What a beer calls itself: the words of its name and tagline that tell a style.
#pragma once

#include "beer/beer.h"

#include <cstdint>
#include <string_view>

namespace beer {

/// Words of style. A beer may use several ("Black IPA", "Imperial Stout"), or none.
enum class StyleWord : std::uint8_t {
  kIpa,
  kImperial,  ///< double, triple
  kDark,      ///< stout, porter, black, brown
  kLager,
  kWheat,
  kSour,
  kBelgian,
  kSession,  ///< table beer, low alcohol
  kHoppy,
  kBarrel,  ///< aged in a cask
};
inline constexpr int kStyleWords = 10;

/// A bit for each word of `beer.name` and `beer.tagline`, whatever their case.
std::uint32_t style_words(const Beer& beer);
inline bool has(std::uint32_t words, StyleWord word) {
  return (words >> static_cast<unsigned>(word) & 1U) != 0;
}

/// One style for reports: "sour", "wheat", "lager", "belgian", "stout and porter", "ipa",
/// "imperial" or "other". The word that says most of how bitter a beer is decides.
std::string_view style_name(std::uint32_t words);

}  // namespace beer
