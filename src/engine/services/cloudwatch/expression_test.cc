#include "engine/services/cloudwatch/expression.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace engine::cloudwatch {
namespace {

const std::map<std::string, Series> kSeries = {
    {"m1", {1.0, 2.0, std::nullopt, 4.0}},
    {"m2", {10.0, 0.0, 30.0, 40.0}},
    {"errors", {0.0, std::nullopt, std::nullopt, 3.0}},
};

std::string result(std::string_view text) {
  const Scope scope{.size = 4,
                    .period = 60,
                    .series = [](const std::string& id) -> Series {
                      const auto at = kSeries.find(id);
                      if (at == kSeries.end()) throw ExpressionError("no query has the id '" + id + "'");
                      return at->second;
                    },
                    .metrics = {{"m1", "Invocations"}, {"m2", "Errors"}}};
  std::string out;
  try {
    for (const auto& value : evaluate(text, scope)) out += value ? fmt::format("{} ", *value) : "- ";
  } catch (const ExpressionError& error) {
    return error.what();
  }
  out.pop_back();
  return out;
}

TEST(Expression, ComputesWhereBothHaveValues) {
  EXPECT_EQ(result("m1 + m2"), "11 2 - 44");
  EXPECT_EQ(result("100*m1/m2"), "10 - - 10");
  EXPECT_EQ(result("-m1 ^ 2"), "1 4 - 16");
  EXPECT_EQ(result("2 + 3 * 4 - 1"), "13 13 13 13");
  EXPECT_EQ(result("(2 + 3) * (m1 - 1)"), "0 5 - 15");
  EXPECT_EQ(result("2^3^2 / 2"), "256 256 256 256");
}

TEST(Expression, Compares) {
  EXPECT_EQ(result("m1 > 1"), "0 1 - 1");
  EXPECT_EQ(result("m1 >= 2 AND m2 == 0"), "0 1 - 0");
  EXPECT_EQ(result("m1 < 2 || m2 != 0"), "1 0 - 1");
}

TEST(Expression, FillsAndChooses) {
  EXPECT_EQ(result("FILL(errors, 0)"), "0 0 0 3");
  EXPECT_EQ(result("FILL(errors, REPEAT)"), "0 0 0 3");
  EXPECT_EQ(result("FILL(errors, LINEAR)"), "0 1 2 3");
  EXPECT_EQ(result("FILL(m1, m2)"), "1 2 30 4");
  EXPECT_EQ(result("IF(m1 > 1, m2, 7)"), "7 0 - 40");
  EXPECT_EQ(result("IF(m1 > 1, m2)"), "- 0 - 40");
}

TEST(Expression, Folds) {
  EXPECT_EQ(result("SUM(m1)"), "7 7 7 7");
  EXPECT_EQ(result("AVG(METRICS())"), "5.5 1 30 22");
  EXPECT_EQ(result("MAX(METRICS(\"Err\"))"), "10 0 30 40");
  EXPECT_EQ(result("m1 / MAX(m1)"), "0.25 0.5 - 1");
  EXPECT_EQ(result("METRIC_COUNT(METRICS()) + DATAPOINT_COUNT(m1)"), "5 5 5 5");
  EXPECT_EQ(result("m1 + MAX(METRICS(\"nobody\"))"), "- - - -");
}

TEST(Expression, TakesDifferences) {
  EXPECT_EQ(result("DIFF(m1)"), "- 1 - 2");
  EXPECT_EQ(result("RATE(m1) * PERIOD(m1)"), "- 1 - 1");
  EXPECT_EQ(result("RUNNING_SUM(m1)"), "1 3 - 7");
}

TEST(Expression, SaysWhatIsWrong) {
  EXPECT_EQ(result("m9"), "no query has the id 'm9'");
  EXPECT_EQ(result("m1 +"), "it ends too early");
  EXPECT_EQ(result("(m1"), "')' is missing before ''");
  EXPECT_EQ(result("m1 m2"), "'m2' is not expected");
  EXPECT_EQ(result("SEARCH(m1)"), "this engine has no function SEARCH");
  EXPECT_EQ(result("SUM(m1, m2)"), "SUM has 2 arguments, which is not right");
  EXPECT_EQ(result("METRICS()"), "the result is several time series: use SUM, AVG, MIN or MAX to make it one");
  EXPECT_EQ(result("'a' + 1"), "a text can't be computed with");
  EXPECT_EQ(result(std::string(2000, '(')), "it is nested too deeply");
  EXPECT_EQ(result(std::string(2000, '-')), "it is nested too deeply");
  EXPECT_EQ(result("1" + std::string(500, '^')), "'" + std::string(499, '^') + "' is not expected");
}

}  // namespace
}  // namespace engine::cloudwatch
