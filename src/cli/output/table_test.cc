#include "cli/output/table.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(Table, AlignsTextsLeftAndNumbersRight) {
  Table table({"name", "ibu"});
  table.add({"Punk", "9.5"});
  table.add({"Tokyo*", "120"});
  EXPECT_EQ(table.to_text(),
            "name    ibu\n"
            "------  ---\n"
            "Punk    9.5\n"
            "Tokyo*  120\n");
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({"hop", "x"});
  table.add({"Mittelfrüh", "a"});
  table.add({"Citra", "b"});
  EXPECT_EQ(table.to_text(),
            "hop         x\n"
            "----------  -\n"
            "Mittelfrüh  a\n"
            "Citra       b\n");
}

TEST(Table, WithoutRowsIsItsNames) { EXPECT_EQ(Table({"a", "b"}).to_text(), "a  b\n-  -\n"); }

TEST(Table, FillsAShortRow) {
  Table table({"a", "b"});
  table.add({"x"});
  EXPECT_EQ(table.to_text(), "a  b\n-  -\nx\n");
}

TEST(Table, QuotesWhatCsvNeedsQuoted) {
  Table table({"name", "note"});
  table.add({"a,b", "say \"hi\""});
  table.add({"two\nlines", ""});
  EXPECT_EQ(table.to_csv(), "name,note\r\n\"a,b\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\r\n");
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(Bytes, AreGivenInTheirUnit) {
  EXPECT_EQ(bytes_text(12), "12 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(3ull << 30), "3.0 GiB");
}

}  // namespace
}  // namespace cli
