// Statements, carets and completion.
#include "cli/prompt/completion.h"
#include "cli/prompt/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> statements(const std::vector<std::string>& lines) {
  StatementSplitter splitter;
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    splitter.add(line);
    while (auto statement = splitter.next()) found.push_back(*statement);
  }
  if (auto rest = splitter.rest()) found.push_back("rest: " + *rest);
  return found;
}

TEST(Statements, EndAtSemicolonsOutsideOfQuotesAndComments) {
  EXPECT_THAT(statements({"SELECT 1; SELECT ';' ;", "", "SELECT \"a;b\" -- no; no", "FROM t;"}),
              ElementsAre("SELECT 1", "SELECT ';'", "SELECT \"a;b\" -- no; no\nFROM t"));
  EXPECT_THAT(statements({"SELECT 'it''s;' /* ; */", ", 2"}),
              ElementsAre("rest: SELECT 'it''s;' /* ; */\n, 2"));
  EXPECT_THAT(statements({";;", " ; "}), IsEmpty());
}

TEST(Statements, AnErrorPointsToItsPlace) {
  EXPECT_EQ(pointed_at("SYNTAX_ERROR: line 2:6: no such thing", "SELECT 1\nFROM nope"),
            "  FROM nope\n       ^");
  EXPECT_EQ(pointed_at("line 9:1: far", "SELECT 1"), "");
  EXPECT_EQ(pointed_at("the pipeline is broken", "SELECT 1"), "");
  EXPECT_EQ(pointed_at("line 1:99: far", "SELECT 1"), "");
}

class Completing : public ::testing::Test {
 protected:
  Completion completion{[this] {
    ++asked;
    return std::vector<CatalogTable>{
        {"cleaned",
         "EXTERNAL_TABLE",
         {{"name", "string"}, {"ibu", "double"}, {"day", "string", true}}},
        {"clients", "EXTERNAL_TABLE", {{"id", "int"}}}};
  }};
  int asked = 0;
};

TEST_F(Completing, KnowsTablesColumnsAndWords) {
  EXPECT_THAT(completion.candidates("SELECT * FROM cle"), ElementsAre("cleaned"));
  EXPECT_THAT(completion.candidates("SELECT ib"), ElementsAre("ibu"));
  EXPECT_THAT(completion.candidates("SEL"), ElementsAre("SELECT"));
  EXPECT_THAT(completion.candidates("sel"), ElementsAre("select"));
  EXPECT_THAT(completion.candidates("SELECT cleaned.n"), ElementsAre("cleaned.name"));
  EXPECT_THAT(completion.candidates("FROM beers.CL"),
              ElementsAre("beers.cleaned", "beers.clients"));
  EXPECT_THAT(completion.candidates("xyz"), IsEmpty());
  EXPECT_EQ(asked, 1);
  completion.forget();
  completion.candidates("x");
  EXPECT_EQ(asked, 2);
}

TEST_F(Completing, GoesOnAsFarAsAllAgree) {
  EXPECT_EQ(common_prefix({"cleaned", "clients"}), "cl");
  EXPECT_EQ(common_prefix({"Name", "NAMES"}), "Name");
  EXPECT_EQ(common_prefix({}), "");
}

}  // namespace
}  // namespace cli
