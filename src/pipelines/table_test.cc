// Tables and row keys, written and read back.
#include "pipelines/table.h"

#include "pipelines/test_beers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Table, ReadsBackTheNumbersItWrote) {
  Table written{3, {5.5F, 0.1F}, {1.0F / 3, NAN, -2e-8F, 1052, 0, NAN}};
  Table read;
  read.add_csv(written.to_csv(), "t.csv");
  EXPECT_EQ(read.to_csv(), written.to_csv());
  EXPECT_EQ(read.columns, 3U);
  EXPECT_EQ(read.labels, written.labels);
  EXPECT_EQ(read.row(0)[0], 1.0F / 3);
  EXPECT_TRUE(std::isnan(read.row(1)[2]));
}

TEST(Table, NamesTheFileAndTheLineOfAFault) {
  Table table;
  EXPECT_THAT([&] { table.add_csv("1,2,3\n1,2\n", "a.csv"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("a.csv, line 2: 2 fields where 3")));
  Table words;
  EXPECT_THAT([&] { words.add_csv("ibu,abv\n", "b.csv"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("b.csv, line 1: not numbers")));
  Table unlabelled;
  EXPECT_THAT([&] { unlabelled.add_csv(",2\n", "c.csv"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("the label is missing")));
}

TEST(Table, ReadsEveryFileOfAChannelInTheOrderOfNames) {
  testing::Root root;
  write_file(root.path() / "b.csv", "2,20\r\n");
  write_file(root.path() / "a.csv", "1,10\n");
  write_file(root.path() / "_SUCCESS", "not data");
  const Table table = Table::read_channel(root.path());
  EXPECT_EQ(table.labels, (std::vector<float>{1, 2}));
  EXPECT_THROW(Table::read_channel(root.path() / "none"), std::runtime_error);
}

/// Enough rows for several waves of pieces.
Table long_table() {
  Table table{40, {}, {}};
  for (std::uint32_t i = 0; i < 120'000; ++i) {
    table.labels.push_back(static_cast<float>(i % 101));
    for (std::uint32_t column = 0; column < table.columns; ++column) {
      table.values.push_back((i + column) % 7 == 0 ? NAN : static_cast<float>(i) / (1.0F + column));
    }
  }
  return table;
}

TEST(Table, ReadsALongFileWaveByWaveAsItWasWritten) {
  testing::Root root;
  const Table table = long_table();
  std::vector<std::uint32_t> all(table.rows());
  std::iota(all.begin(), all.end(), 0U);
  table.write_csv(root.path() / "long.csv", all);
  const std::string text = read_file(root.path() / "long.csv");
  EXPECT_EQ(text, table.to_csv());
  base::Digest digest(base::Digest::Kind::kSha256);
  const Table read = Table::read_channel(root.path(), &digest);
  EXPECT_EQ(digest.finish(), base::sha256(text));
  EXPECT_EQ(read.labels, table.labels);
  EXPECT_EQ(read.to_csv(), text);
}

TEST(Table, CountsTheLinesOfALongFileToItsFault) {
  testing::Root root;
  const std::string text = long_table().to_csv();
  write_file(root.path() / "long.csv", text + "1,2\n" + text);
  EXPECT_THAT([&] { Table::read_channel(root.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("line 120001: 2 fields where 41")));
}

TEST(Table, WritesTheRowsThatAreAskedForInTheirOrder) {
  testing::Root root;
  const Table table{1, {1, 2, 3}, {10, 20, 30}};
  table.write_csv(root.path() / "t" / "some.csv", std::vector<std::uint32_t>{2, 0});
  EXPECT_EQ(read_file(root.path() / "t" / "some.csv"), "3,30\n1,10\n");
}

TEST(Table, PicksRowsAndColumns) {
  const Table table{2, {1, 2, 3}, {10, 11, 20, 21, 30, 31}};
  EXPECT_EQ(table.pick_rows(std::vector<std::uint32_t>{2, 0}).to_csv(), "3,30,31\n1,10,11\n");
  EXPECT_EQ(table.pick_columns(std::vector<int>{1}).to_csv(), "1,11\n2,21\n3,31\n");
  EXPECT_DOUBLE_EQ(table.mean_label(), 2);
}

TEST(RowKeys, KeepNamesWithCommasAndQuotes) {
  testing::Root root;
  write_file(root.path() / "r.csv", to_csv({{7, 2, "Bad, \"Pixie\"\n2"}, {9, 0, ""}}));
  const auto rows = read_row_keys(root.path() / "r.csv");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id, 7);
  EXPECT_EQ(rows[0].family, 2U);
  EXPECT_EQ(rows[0].name, "Bad, \"Pixie\" 2");
  EXPECT_EQ(rows[1].name, "");
}

TEST(ParseNumbers, ReadsEveryDecimalAsTheNearestFloat) {
  std::mt19937_64 random(3);
  std::vector<std::string> texts{"0",
                                 "-0",
                                 "007",
                                 "1.50",
                                 "16777217",
                                 "1.",
                                 ".5",
                                 "-.5",
                                 "33554431",
                                 "16777217.0000001",
                                 "-",
                                 "123456789.123456",
                                 "0.000000000000001",
                                 "1e5",
                                 "-1.5E-3"};
  for (int i = 0; i < 20'000; ++i) {
    const auto digits = random() >> (random() % 60);
    std::string text = fmt::format("{}{}", random() % 2 ? "-" : "", digits);
    if (random() % 4 != 0) text.insert(text.size() - random() % std::to_string(digits).size(), ".");
    texts.push_back(text);
    // Half-way between two floats, and a hair beside it.
    const double half = static_cast<double>((random() >> 40) | (1 << 23)) + 0.5;
    texts.push_back(fmt::format("{:.1f}", half));
    texts.push_back(fmt::format("{:.5f}", half + 1e-5));
  }
  for (const std::string& text : texts) {
    float expected = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    std::vector<float> values;
    ASSERT_EQ(parse_numbers(text, values), whole) << text;
    if (whole) {
      ASSERT_EQ(values, std::vector{expected}) << text;
      ASSERT_EQ(std::signbit(values[0]), std::signbit(expected)) << text;
    }
  }
}

}  // namespace
}  // namespace pipelines
