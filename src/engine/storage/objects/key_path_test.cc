// Tests of the way from a key to a path and back.
#include "engine/storage/objects/key_path.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace engine::storage {
namespace {

std::string path_of(std::string_view key) {
  return fmt::format("{}", fmt::join(names_of_key(key), "/"));
}

TEST(KeyPath, LeavesPlainKeysAsTheyAre) {
  for (const char* key :
       {"a", "beers/2026/01/31/part-0.parquet", "dt=2026-01-31/x y.json", ".hidden", "...", "a..b",
        "c\xc3\xb4t\xc3\xa9/\xf0\x9f\x8d\xba", "a\\b:c*d?\"<>|~#&"}) {
    EXPECT_EQ(path_of(key), key);
    EXPECT_EQ(key_of_path(key), key);
  }
}

TEST(KeyPath, EscapesWhatAFileNameCannotHold) {
  const std::pair<std::string, std::string> cases[] = {
      {"..", "%2E%2E"},     {"a/../b", "a/%2E%2E/b"},
      {"./a", "%2E/a"},     {"a//b", "a/%/b"},
      {"/a", "%/a"},        {"a/", "a/%"},
      {"/", "%/%"},         {"", "%"},
      {"100%", "100%25"},   {"a\nb", "a%0Ab"},
      {"\x7f", "%7F"},      {"a%f", "a%25f"},
      {"%2E/x", "%252E/x"}, {std::string("n\0l", 3), "n%00l"}};
  for (const auto& [key, path] : cases) {
    EXPECT_EQ(path_of(key), path);
    EXPECT_EQ(key_of_path(path), key);
  }
}

TEST(KeyPath, SplitsLongSegmentsBetweenCharacters) {
  EXPECT_EQ(names_of_key(std::string(253, 'x')).size(), 1u);
  for (const std::string unit :
       {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8d\xba", "\n", "%", "x\n\xe2\x82\xac"}) {
    for (std::size_t length : {254u, 256u, 600u, 1024u}) {
      std::string key = "a/";
      while (key.size() < length) key += unit;
      key += "/b";
      const auto names = names_of_key(key);
      for (const auto& name : names) {
        EXPECT_LE(name.size(), 253u);
        EXPECT_NE(static_cast<unsigned char>(name[0]) & 0xc0, 0x80) << "begins within a character";
      }
      EXPECT_EQ(key_of_path(path_of(key)), key);
    }
  }
}

TEST(KeyPath, ReadsNamesThatWereSetAside) {
  EXPECT_EQ(key_of_path("a%f"), "a");
  EXPECT_EQ(key_of_path("a%d/b"), "a/b");
}

TEST(KeyPath, GivesNoKeyForNamesItNeverMakes) {
  for (const char* path : {"a%", "a%2", "a%zz", "%2", "a%f/b%x"}) {
    EXPECT_EQ(key_of_path(path), std::nullopt) << path;
  }
}

TEST(KeyPath, IsReversibleForAnyBytes) {
  std::mt19937 random(7);
  const std::string alphabet("/.%~a\xc3\n\0+fd2E", 14);
  std::set<std::string> keys, paths;
  for (int i = 0; i < 20'000; ++i) {
    std::string key;
    for (unsigned length = random() % 9; length > 0; --length) {
      key += alphabet[random() % alphabet.size()];
    }
    const std::string path = path_of(key);
    ASSERT_EQ(key_of_path(path), key);
    keys.insert(key);
    paths.insert(path);
  }
  EXPECT_EQ(keys.size(), paths.size());
}

}  // namespace
}  // namespace engine::storage
