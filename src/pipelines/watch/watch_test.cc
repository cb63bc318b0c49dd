// The watching job: it is quiet while tastes stay, and notices when they change.
#include "pipelines/watch/watch.h"

#include "beer/brewery/brewery.h"
#include "beer/brewery/tastes.h"
#include "beer/cleaned.h"
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"
#include "pipelines/watch/metrics.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Root;

constexpr std::uint64_t kCatalogue = 415;
constexpr base::Timestamp kTrained{std::chrono::seconds{1'767'225'600}};

std::string rows(const beer::Brewery& brewery, std::uint64_t first, std::uint64_t count,
                 base::Timestamp arrived) {
  std::string text;
  for (std::uint64_t id = first; id < first + count; ++id) {
    text += beer::clean(brewery.beer(id), arrived).to_json() + "\n";
  }
  return text;
}

/// A model of the catalogue's beers with all that its execution leaves; trained once.
const Root& trained() {
  static const Root root;
  if (std::filesystem::exists(root.folders().processing("evaluation"))) return root;
  testing::preprocess_for_training(root,
                                   rows(beer::Brewery(3, kCatalogue), 1, kCatalogue, kTrained));
  testing::set_hyperparameters(root, R"({"num_round":"40","bags":"1","folds":"3"})");
  std::ostringstream log;
  train(root.folders(), log);
  testing::copy_folder(root.folders().model(), root.folders().processing("model"));
  evaluate(root.folders(), {}, log);
  return root;
}

/// Of beers that come an hour after the training, from a brewery whose tastes have moved by
/// `shift`.
json::value watched(std::uint64_t count, double shift, std::uint64_t first = kCatalogue + 1) {
  const Root root;
  testing::copy_folder(trained().path(), root.path());
  const beer::Brewery brewery(3, kCatalogue, 0, shift);
  write_file(root.folders().processing("input") / "later.json",
             rows(brewery, first, count, kTrained + std::chrono::hours(1)));
  std::ostringstream log;
  watch(root.folders(), {.version = "1"}, log);
  json::value drift = json::parse(read_file(root.folders().processing("drift") / "drift.json"));
  EXPECT_EQ(read_file(root.folders().message()), drift.at("reason").as_string().c_str());
  return drift;
}

TEST(Watch, FindsNothingInBeersOfTheSameTastes) {
  for (const std::uint64_t block : {1, 2, 4, 7}) {
    const json::value drift = watched(200, 0, block * kCatalogue + 1);
    EXPECT_EQ(drift.at("breached"), false) << json::serialize(drift.at("reason"));
    EXPECT_THAT(drift.at("reason").as_string().c_str(), HasSubstr("Nothing has drifted"));
  }
}

TEST(Watch, NoticesOtherTastesWithinThreeHundredBeers) {
  const json::value drift = watched(300, beer::Tastes::kSettled);
  EXPECT_EQ(drift.at("breached"), true);
  EXPECT_THAT(json::serialize(drift.at("drifted")), HasSubstr("\"year\""));
  EXPECT_GT(drift.at_pointer("/features/0/psi").to_number<double>(), 0.25);
  EXPECT_LT(drift.at_pointer("/features/0/ks_chance").to_number<double>(), 1e-5);
  EXPECT_EQ(drift.at("beers"), 200) << "the newest";
  const auto metrics = metrics_of(drift);
  EXPECT_EQ(metrics.at(0), std::pair(std::string("Breached"), 1.0));
}

TEST(Watch, WaitsForEnoughBeersAndForgetsThoseThatWereLearntFrom) {
  json::value drift = watched(30, beer::Tastes::kSettled);
  EXPECT_EQ(drift.at("breached"), false);
  EXPECT_THAT(drift.at("reason").as_string().c_str(), HasSubstr("50 are the fewest that tell"));
  drift = watched(300, 0, 1);
  EXPECT_LT(drift.at("beers").to_number<int>(), 40) << "only those without a usable label before";
}

TEST(Watch, TellsViolationsInModelMonitorsForm) {
  const Root root;
  testing::copy_folder(trained().path(), root.path());
  const beer::Brewery brewery(3, kCatalogue, 0, beer::Tastes::kSettled);
  write_file(root.folders().processing("input") / "later.json",
             rows(brewery, kCatalogue + 1, 200, kTrained + std::chrono::hours(1)));
  std::ostringstream log;
  watch(root.folders(), {}, log);
  const json::value found =
      json::parse(read_file(root.folders().processing("drift") / "constraint_violations.json"));
  const auto& first = found.at("violations").as_array().at(0);
  EXPECT_EQ(first.at("constraint_check_type"), "baseline_drift_check");
  EXPECT_THAT(log.str(), Not(HasSubstr("Nothing")));
}

}  // namespace
}  // namespace pipelines
