// The page of an evaluation: well-formed, self-contained, true to the numbers, safe.
#include "pipelines/evaluate/page/page.h"

#include "pipelines/evaluate/page/charts.h"
#include "pipelines/evaluate/page/html.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

json::array groups(std::initializer_list<const char*> names) {
  json::array list;
  double seed = 1;
  for (const char* name : names) {
    seed += 1.37;
    list.push_back(json::object{{"name", name},
                                {"rows", 12 + static_cast<int>(seed)},
                                {"mean_label", 10 * seed},
                                {"bias", 3.3 - seed},
                                {"mae", 2 + seed},
                                {"coverage", 0.8 + seed / 100},
                                {"coverage_low", 0.6 + seed / 100},
                                {"coverage_high", 0.9 + seed / 100},
                                {"mean_width", 30 + seed}});
  }
  return list;
}

/// A judged beer, as strangers might call one.
json::object judged(const char* name, double ibu, double prediction) {
  return {{"id", 7},
          {"name", name},
          {"style", "ipa"},
          {"ibu", ibu},
          {"prediction", prediction},
          {"error", prediction - ibu},
          {"low", prediction - 12.5},
          {"high", prediction + 12.5}};
}

json::object error(double value) {
  return {{"value", value},
          {"standard_deviation", value / 10},
          {"low", value * 0.8},
          {"high", value * 1.3}};
}

json::object evaluation() {
  return {
      {"dataset", {{"item_count", 61}}},
      {"confidence",
       {{"mae", error(10.123)},
        {"rmse", error(14.2)},
        {"r2", error(0.61)},
        {"spearman", error(.8)}}},
      {"baseline_mae", 19.75},
      {"baselines",
       {{"mean", {{"mae", 19.75}}}, {"bu_gu", {{"mae", 16.5}}}, {"champion", {{"mae", 11.25}}}}},
      {"interval",
       {{"level", 0.9},
        {"coverage", 0.885},
        {"coverage_low", 0.78},
        {"coverage_high", 0.944},
        {"mean_width", 46.5},
        {"out_of_fold_coverage", 0.905},
        {"out_of_fold_mean_width", 45.0}}},
      {"residuals",
       {{"by_strength", groups({"0 to 20", "20 to 40"})},
        {"by_predicted_strength", groups({"0 to 20", "65 to 100"})},
        {"by_width", groups({"1 narrow", "2 middling", "3 wide"})},
        {"by_style", groups({"ipa", "stout", "other"})},
        {"by_year", groups({"2008", "unknown"})}}},
      {"importance",
       json::array{{{"feature", "tinseth"}, {"mean_abs_shap", 9.25}, {"permutation_mae", 4.5}},
                   {{"feature", "year"}, {"mean_abs_shap", 0.4}, {"permutation_mae", -0.04}}}},
      {"cross_validation", {{"mae", 10.9}}},
      {"leak_alarm", false},
      {"feature_set", "recipe"},
      {"counts",
       {{"train_rows", 240}, {"train_families", 200}, {"test_rows", 61}, {"test_families", 55}}},
      {"seed", 7},
      {"split", {{"digest", "abcdef"}}},
      {"model", {{"sha256", "0123"}}},
      {"worst", json::array{judged("<script>alert('x')</script> & \"Söhne\"", 90, 41.5)}},
      {"predictions", json::array{judged("Pale", 30, 33.25), judged("]]><b onload=", 90, 41.5)}},
      {"data_quality",
       {{"beers", 325},
        {"labels", {{"ok", 301}, {"missing", 24}}},
        {"findings", json::array{{{"rule", "abv_ibu_swapped"},
                                  {"checks", "abv > ibu & more"},
                                  {"action", "swap"},
                                  {"reason", "columns <swapped>"},
                                  {"beers", 3}}}},
        {"missing", json::array{{{"feature", "ph"}, {"share", 0.4375}}}}}},
      {"gate",
       {{"passed", true},
        {"reason", "MAE 10.1 is at most 15."},
        {"metric", "regression_metrics.mae.value"},
        {"value", 10.123},
        {"threshold", 15},
        {"tolerance", 1},
        {"champion",
         {{"version", "3"},
          {"rows", 58},
          {"families", 52},
          {"challenger", 10.0},
          {"champion", 10.75},
          {"difference", -0.75},
          {"low", -1.5},
          {"high", 0.25},
          {"resamples", 2000}}}}}};
}

std::string page_of(const json::object& report) { return evaluation_page(report); }

/// Every number of a JSON value.
void collect(const json::value& from, std::set<double>& numbers) {
  if (from.is_number()) numbers.insert(from.to_number<double>());
  if (const auto* object = from.if_object()) {
    for (const auto& [name, value] : *object) collect(value, numbers);
  }
  if (const auto* array = from.if_array()) {
    for (const json::value& value : *array) collect(value, numbers);
  }
}

/// What stands between `from` and `to`, each time.
std::vector<std::string> pieces(const std::string& text, const std::string& from,
                                const std::string& to) {
  std::vector<std::string> found;
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at)) {
    at += from.size();
    found.push_back(text.substr(at, text.find(to, at) - at));
  }
  return found;
}

/// The first tag that isn't closed where it should be; "" when all are.
std::string misplaced_tag(const std::string& page) {
  std::vector<std::string> open;
  for (const std::string& tag : pieces(page, "<", ">")) {
    if (tag.starts_with("!DOCTYPE") || tag.ends_with("/")) continue;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (!name.starts_with("/")) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return tag;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST(EvaluationPage, ClosesWhatItOpens) {
  EXPECT_EQ(misplaced_tag(page_of(evaluation())), "");
  EXPECT_EQ(misplaced_tag("<p><b></p></b>"), "/p");
}

TEST(EvaluationPage, AsksNobodyForAnything) {
  const std::string page = page_of(evaluation());
  for (const char* word : {"http://", "https://", "src=", "href=", "url(", "@import", "<script",
                           "<link", "<img", "<iframe"}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(EvaluationPage, TellsOnlyNumbersOfTheEvaluationAndRoundsThemRight) {
  const json::object report = evaluation();
  std::set<double> known;
  collect(report, known);
  const auto told = pieces(page_of(report), "<data value=\"", "</data>");
  EXPECT_GT(told.size(), 80U);
  for (const std::string& one : told) {
    const auto quote = one.find("\">");
    const double value = std::strtod(one.c_str(), nullptr);
    EXPECT_TRUE(known.contains(value)) << one;
    std::string shown = one.substr(quote + 2);
    const bool percent = shown.ends_with("%");
    if (shown.starts_with("\u2212")) shown.replace(0, 3, "-");
    const auto point = shown.find('.');
    const auto digits = point == shown.npos ? 0 : shown.find_first_not_of("0123456789", point + 1);
    const double unit =
        digits == 0 ? 1
                    : std::pow(10.0, 1.0 + static_cast<double>(point) -
                                         static_cast<double>(std::min(digits, shown.size())));
    EXPECT_NEAR(std::strtod(shown.c_str(), nullptr), percent ? 100 * value : value,
                0.5 * unit + 1e-9)
        << one;
  }
}

TEST(EvaluationPage, TellsEachFindingInItsPlace) {
  const std::string page = page_of(evaluation());
  for (const char* text :
       {"The gate passed", "MAE 10.1 is at most 15.", "Whether its intervals hold",
        "abv_ibu_swapped", "Version 3", "outside", "tinseth", "sha256 0123", "interval narrow"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(EvaluationPage, ShowsAStrangersTextAsText) {
  const std::string page = page_of(evaluation());
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Söhne"));
  EXPECT_THAT(page, HasSubstr("]]&gt;&lt;b onload="));
  EXPECT_EQ(page::escape("a\x01z\n<"), "a z &lt;");
}

TEST(EvaluationPage, SaysWhyAModelWasRefusedAndOfAModelWithoutIntervalsWhatThereIs) {
  json::object report = evaluation();
  report["gate"].as_object()["passed"] = false;
  report["gate"].as_object()["champion"] = nullptr;
  report["interval"] = nullptr;
  report["cross_validation"] = nullptr;
  report["leak_alarm"] = nullptr;
  report["note"] = "it has no intervals";
  report.erase("data_quality");
  const std::string page = page_of(report);
  EXPECT_EQ(misplaced_tag(page), "");
  EXPECT_THAT(page, HasSubstr("The gate refused"));
  EXPECT_THAT(page, HasSubstr("No model is approved yet"));
  EXPECT_THAT(page, HasSubstr("it has no intervals"));
  EXPECT_THAT(page, Not(HasSubstr("Whether its intervals hold")));
}

TEST(EvaluationPage, HoldsTheSameBytesOfTheSameEvaluation) {
  EXPECT_EQ(page_of(evaluation()), page_of(evaluation()));
}

TEST(Charts, DrawAPointForEachBeerAndARingWhereTheIntervalMissed) {
  const std::string page = page_of(evaluation());
  EXPECT_EQ(pieces(page, "<circle class=\"ring\"", "/circle").size(), 2U) << "in both charts";
  EXPECT_THAT(page, HasSubstr("<title>Pale: labelled 30.0, predicted 33.2 (20.8 to 45.8)</title>"));
}

TEST(Charts, SayInWordsWhatTheyShow) {
  const page::Rows rows{{"A name", "What it shows"}, "IBU", {{"one", 1, {}, "1"}}};
  EXPECT_THAT(page::draw(rows), HasSubstr("role=\"img\" aria-label=\"A name. What it shows\""));
  EXPECT_EQ(page::draw(page::Rows{}), "");
}

TEST(Charts, DrawValuesThatAreAllTheSame) {
  const page::Rows rows{{}, "", {{"one", 5, {}, ""}, {"two", 5, {}, ""}}, false};
  EXPECT_THAT(page::draw(rows), Not(HasSubstr("nan")));
}

TEST(Numbers, AreWrittenForTheEyeAndKeptForTheReader) {
  EXPECT_EQ(page::number(-1.25, {.digits = 1}), "<data value=\"-1.25\">\u22121.2</data>");
  EXPECT_EQ(page::plain(-0.001, {.digits = 1, .sign = true}), "0.0");
  EXPECT_EQ(page::plain(0.25, {.digits = 1, .sign = true}), "+0.2");
  EXPECT_EQ(page::percent(0.9), "<data value=\"0.9\">90\u00a0%</data>");
}

}  // namespace
}  // namespace pipelines
