// Perfect tables of spellings.
#include "beer/lexicon.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beer {
namespace {

TEST(Lexicon, FindsWhatItKnowsAndNothingElse) {
  const std::vector<std::string_view> words{"start", "Start", "end", "", "dry hop", "start"};
  const Lexicon<std::size_t> lexicon(words, [](std::string_view word) { return word.size(); });
  for (std::string_view word : words) {
    ASSERT_NE(lexicon.find(word), nullptr) << word;
    EXPECT_EQ(*lexicon.find(word), word.size());
  }
  for (std::string_view word : {"star", "starts", "END", " ", "dry  hop", "a much longer text"}) {
    EXPECT_EQ(lexicon.find(word), nullptr) << word;
  }
}

TEST(Lexicon, GrowsUntilNoTwoSpellingsMeet) {
  std::vector<std::string> texts;
  for (int i = 0; i < 600; ++i) texts.push_back("word " + std::to_string(i * 7919));
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  const Lexicon<std::string> lexicon(words,
                                     [](std::string_view word) { return std::string(word); });
  for (const std::string& text : texts) EXPECT_EQ(*lexicon.find(text), text);
  EXPECT_EQ(lexicon.find("word 1"), nullptr);
}

// Only the ends of a text are looked at: of two that share them, the second stays unknown.
TEST(Lexicon, LeavesOutWhatItCannotTellApart) {
  const std::vector<std::string_view> words{"beginning A the ending", "beginning B the ending"};
  const Lexicon<char> lexicon(words, [](std::string_view word) { return word[10]; });
  EXPECT_EQ(*lexicon.find(words[0]), 'A');
  EXPECT_EQ(lexicon.find(words[1]), nullptr);
}

TEST(Lexicon, KnowsNothingWhenItIsEmpty) {
  const Lexicon<int> lexicon({}, [](std::string_view) { return 1; });
  EXPECT_EQ(lexicon.find("anything"), nullptr);
}

}  // namespace
}  // namespace beer
