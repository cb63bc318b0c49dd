// The words of style.
#include "beer/style.h"

#include <gtest/gtest.h>

namespace beer {
namespace {

std::uint32_t words(std::string name, std::string tagline = "") {
  Beer beer;
  beer.name = std::move(name);
  beer.tagline = std::move(tagline);
  return style_words(beer);
}

TEST(StyleWords, AreFoundInNameAndTaglineWhateverTheirCase) {
  const auto found = words("Libertine", "BLACK IPA, dry-hopped.");
  EXPECT_TRUE(has(found, StyleWord::kIpa));
  EXPECT_TRUE(has(found, StyleWord::kDark));
  EXPECT_TRUE(has(found, StyleWord::kHoppy));
  EXPECT_FALSE(has(found, StyleWord::kLager));
  EXPECT_TRUE(has(words("Zeppelin Pils"), StyleWord::kLager));
}

TEST(StyleWords, DoNotSeeAWordWithinAnother) {
  EXPECT_FALSE(has(words("Stout with soaked cherries"), StyleWord::kWheat));
  EXPECT_FALSE(has(words("Stout with soaked cherries"), StyleWord::kBarrel));
  EXPECT_TRUE(has(words("A Belgian Wit"), StyleWord::kWheat));
  EXPECT_FALSE(has(words("Principal"), StyleWord::kIpa));
}

TEST(StyleName, IsTheWordThatSaysMostOfTheBitterness) {
  EXPECT_EQ(style_name(words("Kettle Soured Wheat")), "sour");
  EXPECT_EQ(style_name(words("Black IPA")), "ipa");
  EXPECT_EQ(style_name(words("Imperial Stout")), "stout and porter");
  EXPECT_EQ(style_name(words("")), "other");
}

}  // namespace
}  // namespace beer
