// How wrong the model is: errors, predictions, residuals, intervals.
#include "pipelines/evaluate/page/charts.h"
#include "pipelines/evaluate/page/html.h"
#include "pipelines/evaluate/page/sections.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pipelines::page {
namespace {

namespace json = boost::json;

std::string pair(const std::string& left, const std::string& right) {
  return "<div class=\"pair\">\n" + left + right + "</div>\n";
}

std::pair<double, double> range(const json::value& from, const char* low = "/low",
                                const char* high = "/high") {
  return {real(from, low), real(from, high)};
}

std::string errors_table(const json::value& evaluation) {
  HtmlTable table{"Errors on beers of families that the model had not seen",
                  {"Measure", "Value", "95 % interval", "Standard deviation"},
                  {}};
  for (const auto& [member, name, digits] : {std::tuple("mae", "Mean absolute error, IBU", 2),
                                             std::tuple("rmse", "Root mean squared error, IBU", 2),
                                             std::tuple("r2", "R², share explained", 3),
                                             std::tuple("spearman", "Rank correlation", 3)}) {
    const json::value& one = evaluation.at("confidence").at(member);
    const Form form{.digits = digits};
    table.rows.push_back(
        {name, number(real(one, "/value"), form),
         number(real(one, "/low"), form) + " to " + number(real(one, "/high"), form),
         number(real(one, "/standard_deviation"), form)});
  }
  return to_html(table);
}

std::string comparison_chart(const json::value& evaluation) {
  Rows chart{{"Mean absolute error, beside what is simpler",
              "A bar for the model and one for each simpler way to answer; shorter is better"},
             "IBU",
             {}};
  const auto& mae = evaluation.at("confidence").at("mae");
  chart.rows.push_back(
      {"this model", real(mae, "/value"), range(mae), plain(real(mae, "/value")), true});
  for (const auto& [member, name] :
       {std::pair("champion", "the approved model"),
        std::pair("mission_six_fields", "of six fields alone"),
        std::pair("bu_gu", "by gravity alone"), std::pair("mean", "always the mean")}) {
    const auto* other = find(evaluation, fmt::format("/baselines/{}/mae", member));
    if (!other) continue;
    const double value = other->to_number<double>();
    chart.rows.push_back({name, value, {}, plain(value)});
  }
  return draw(chart);
}

// Predictions -----------------------------------------------------------------------------------

bool outside(const json::value& beer) {
  if (!find(beer, "/low")) return false;
  return real(beer, "/ibu") < real(beer, "/low") || real(beer, "/ibu") > real(beer, "/high");
}

std::string tip_of(const json::value& beer) {
  const std::string name = find(beer, "/name") ? text(beer, "/name") : "a beer";
  std::string tip = fmt::format("{}: labelled {}, predicted {}", name, plain(real(beer, "/ibu")),
                                plain(real(beer, "/prediction")));
  if (!find(beer, "/low")) return tip;
  return tip + fmt::format(" ({} to {})", plain(real(beer, "/low")), plain(real(beer, "/high")));
}

std::string truth_chart(const json::array& beers) {
  Scatter chart{{"Predicted against labelled bitterness, with 90 % intervals",
                 "A point for each judged beer; on the dashed line the prediction is the label. "
                 "Rings are beers whose label lies outside of their interval"},
                "IBU on the label",
                "predicted IBU"};
  for (const json::value& beer : beers) {
    Dot dot{real(beer, "/ibu"), real(beer, "/prediction"), std::nullopt, outside(beer),
            tip_of(beer)};
    if (find(beer, "/low")) dot.range = range(beer);
    chart.dots.push_back(std::move(dot));
  }
  return draw(chart);
}

std::string residual_chart(const json::array& beers) {
  double far = 20;
  for (const json::value& beer : beers) far = std::max(far, std::abs(real(beer, "/error")));
  far = std::ceil(far / 10) * 10;
  Scatter chart{{"Residuals against the prediction",
                 "A point for each judged beer: above the line it was predicted too high, below "
                 "too low"},
                "predicted IBU",
                "prediction − label, IBU"};
  chart.y_from = -far;
  chart.y_to = far;
  chart.diagonal = false;
  for (const json::value& beer : beers) {
    chart.dots.push_back({real(beer, "/prediction"), real(beer, "/error"), std::nullopt,
                          outside(beer), tip_of(beer)});
  }
  return draw(chart);
}

// Groups ----------------------------------------------------------------------------------------

std::string groups_table(const json::array& groups, const char* heading) {
  HtmlTable table{
      "Errors of each group, IBU", {heading, "Beers", "Mean label", "Bias", "Mean error"}, {}};
  for (const json::value& group : groups) {
    table.rows.push_back({escape(text(group, "/name")), number(real(group, "/rows"), {.digits = 0}),
                          number(real(group, "/mean_label")),
                          number(real(group, "/bias"), {.sign = true}),
                          number(real(group, "/mae"))});
  }
  return to_html(table);
}

std::string bias_chart(const json::array& groups, const char* by) {
  Rows chart{{fmt::format("Bias by {}", by),
              "A bar for each group: to the right it is predicted too high on average, to the left "
              "too low"},
             "mean of prediction − label, IBU",
             {}};
  for (const json::value& group : groups) {
    const double bias = real(group, "/bias");
    chart.rows.push_back({text(group, "/name"), bias, {}, plain(bias, {.sign = true})});
  }
  return draw(chart);
}

void add_coverage(Rows& chart, HtmlTable& table, const json::value& evaluation, const char* pointer,
                  const char* of) {
  const auto* groups = find(evaluation, pointer);
  if (!groups) return;
  for (const json::value& group : groups->as_array()) {
    std::string name = text(group, "/name");
    if (pointer == std::string_view("/residuals/by_width")) name.erase(0, 2);
    name = fmt::format("{} {}", of, name);
    const double held = real(group, "/coverage");
    chart.rows.push_back({name, held, range(group, "/coverage_low", "/coverage_high"),
                          plain(held, {.digits = 0, .percent = true})});
    table.rows.push_back(
        {escape(name), number(real(group, "/rows"), {.digits = 0}), percent(held),
         percent(real(group, "/coverage_low")) + " to " + percent(real(group, "/coverage_high")),
         number(real(group, "/mean_width"))});
  }
}

}  // namespace

std::string errors_section(const json::value& evaluation) {
  return section(
      "errors", "How wrong it is",
      fmt::format("Judged on {} beers of {} recipe families, trained on {} beers of others. "
                  "Intervals come from drawing whole families anew.",
                  number(real(evaluation, "/counts/test_rows"), {.digits = 0}),
                  number(real(evaluation, "/counts/test_families"), {.digits = 0}),
                  number(real(evaluation, "/counts/train_rows"), {.digits = 0})),
      pair(errors_table(evaluation), comparison_chart(evaluation)));
}

std::string predictions_section(const json::value& evaluation) {
  const auto* beers = find(evaluation, "/predictions");
  if (!beers || beers->as_array().empty()) return {};
  const bool intervals = find(beers->at(0), "/low") != nullptr;
  return section("predictions", "What it predicted",
                 intervals ? "Left, each beer with its 90 % interval; right, how far off it was. A "
                             "ring is a beer whose label lies outside of its interval."
                           : "Left, each beer; right, how far off it was.",
                 pair(truth_chart(beers->as_array()), residual_chart(beers->as_array())));
}

std::string residuals_section(const json::value& evaluation) {
  std::string contents;
  for (const auto& [pointer, heading, by] :
       {std::tuple("/residuals/by_strength", "Strength on the label, IBU", "strength"),
        std::tuple("/residuals/by_style", "Style", "style"),
        std::tuple("/residuals/by_year", "Year", "year")}) {
    const auto* groups = find(evaluation, pointer);
    if (!groups || groups->as_array().empty()) continue;
    contents += fmt::format("<h3>By {}</h3>\n", by);
    contents += pair(bias_chart(groups->as_array(), by), groups_table(groups->as_array(), heading));
  }
  return section("residuals", "Where it errs",
                 "Bias is the mean of prediction − label: below 0 a group is predicted too low. "
                 "The strongest beers always are, since a label of 100 can't be exceeded.",
                 contents);
}

std::string calibration_section(const json::value& evaluation) {
  const auto* interval = find(evaluation, "/interval");
  if (!interval) return {};
  const double level = real(*interval, "/level"), held = real(*interval, "/coverage");
  Rows chart{{"Share of labels within their interval",
              "A dot for each group with its 95 % range; the dashed line is what is promised"},
             "share of beers",
             {}};
  chart.bars = false;
  chart.percent = true;
  chart.mark = level;
  chart.mark_label = plain(level, {.digits = 0, .percent = true}) + " promised";
  HtmlTable table{"How often intervals hold, and how wide they are",
                  {"Beers", "Number", "Hold", "95 % range", "Mean width, IBU"},
                  {}};
  const auto spread = range(*interval, "/coverage_low", "/coverage_high");
  chart.rows.push_back({"all", held, spread, plain(held, {.digits = 0, .percent = true}), true});
  table.rows.push_back({"all", number(real(evaluation, "/dataset/item_count"), {.digits = 0}),
                        percent(held), percent(spread.first) + " to " + percent(spread.second),
                        number(real(*interval, "/mean_width"))});
  add_coverage(chart, table, evaluation, "/residuals/by_predicted_strength", "predicted");
  add_coverage(chart, table, evaluation, "/residuals/by_width", "interval");
  double least = level;
  for (const Row& row : chart.rows) least = std::min(least, row.range->first);
  chart.scale = {{std::floor(least * 10) / 10, 1.0}};
  return section(
      "calibration", "Whether its intervals hold",
      fmt::format("An interval should hold the label of {} of the beers, among weak and strong "
                  "ones, narrow and wide intervals alike. Out of fold {} of the training beers "
                  "were held.",
                  percent(level), percent(real(*interval, "/out_of_fold_coverage"), 1)),
      pair(draw(chart), to_html(table)));
}

}  // namespace pipelines::page
