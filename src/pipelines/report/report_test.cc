// The report on the real catalogue, and its parts on simulated beers.
#include "pipelines/report/report.h"

#include "beer/families.h"
#include "pipelines/preprocess/preprocess.h"
#include "pipelines/report/lesson.h"
#include "pipelines/report/quality_table.h"
#include "pipelines/report/repeats.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using testing::Root;

Beers simulated(const Root& root, int count) {
  testing::preprocess_for_training(root, testing::simulated_rows(count));
  auto data = read_training_data(root.folders().channel("train"),
                                 root.folders().channel("rows") / "train_rows.csv");
  return {std::move(data.table), std::move(data.families)};
}

Hyperparameters quick() {
  return parse_hyperparameters(
      R"({"num_round":"15","eta":"0.2","bags":"1","folds":"3","forest_trees":"5"})");
}

TEST(PredictUnseen, GivesEveryBeerAPredictionWithinAnInterval) {
  Root root;
  const Beers beers = simulated(root, 160);
  const auto fold = beer::grouped_folds(beers.families, 3, 1);
  for (const Prediction& one : predict_unseen(beers, fold, quick())) {
    ASSERT_TRUE(one.interval);
    EXPECT_LE(one.interval->low, one.ibu);
    EXPECT_GE(one.interval->high, one.ibu);
  }
}

TEST(Repeat, DrawsOtherFoldsEachTimeAndTheSameTheNextTime) {
  Root root;
  const Beers beers = simulated(root, 160);
  const Repeats first = repeat(beers, quick(), 2, 3);
  EXPECT_NE(first.each[0].mae, first.each[1].mae);
  EXPECT_GT(first.deviation(&Repeat::mae), 0);
  EXPECT_EQ(repeat(beers, quick(), 2, 3).mean(&Repeat::mae), first.mean(&Repeat::mae));
}

TEST(ThreeSplits, FlattersWhoSplitsTheDrawsByRow) {
  Root root;
  const Beers beers = simulated(root, 200);
  const ThreeSplits splits = three_splits(beers, quick(), 4 * beers.table.rows(), 7);
  EXPECT_LT(splits.by_row, 0.75 * splits.by_family);
}

TEST(QualityTable, NamesEveryRuleAndCountsItsBeers) {
  QualityCounts counts{.beers = 3, .findings = {{"ibu_null", 2}}, .labels = {{"ok", 3}}};
  const std::string text = quality_table(counts);
  EXPECT_THAT(text, HasSubstr("3 beers: 3 ok"));
  EXPECT_THAT(text, HasSubstr("| ibu_null |"));
  EXPECT_THAT(text, HasSubstr("| rule | checks | does | why | beers |"));
}

TEST(Report, PrintsEveryBarAndMissesThoseOfAPoorModel) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  testing::set_hyperparameters(root,
                               R"({"num_round":"2","bags":"1","folds":"2","forest_trees":"0"})");
  std::ostringstream log;
  EXPECT_FALSE(report(root.folders(), {.repeats = 1, .folds = 2, .curve_repeats = 0}, log));
  EXPECT_THAT(log.str(), HasSubstr("MISSED MAE with recipe features"));
  const auto all =
      boost::json::parse(read_file(root.folders().processing("report") / "report.json"));
  EXPECT_EQ(all.at("bars").as_array().size(), 7U);
}

TEST(Report, FindsTheModelWorthRegisteringOnRealBeers) {
  const auto rows = testing::real_rows();
  if (!rows) GTEST_SKIP() << "the catalogue isn't there: BEER_DATA_DIR names its folder";
  Root root;
  testing::preprocess_for_training(root, *rows);
  std::ostringstream log;
  EXPECT_TRUE(report(root.folders(), {.repeats = 2, .folds = 5, .curve_repeats = 0}, log))
      << log.str();
}

}  // namespace
}  // namespace pipelines
