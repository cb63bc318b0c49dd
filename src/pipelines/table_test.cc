// Tables and row keys, written and read back.
#include "pipelines/table.h"

#include "pipelines/test_beers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
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

}  // namespace
}  // namespace pipelines
