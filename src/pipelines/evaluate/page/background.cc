// What is behind the errors: the champion, the features, the worst beers, the data.
#include "pipelines/evaluate/page/charts.h"
#include "pipelines/evaluate/page/html.h"
#include "pipelines/evaluate/page/sections.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pipelines::page {
namespace {

namespace json = boost::json;

std::string paragraph(const std::string& contents) { return "<p>" + contents + "</p>\n"; }

std::string difference_chart(const json::value& champion, double tolerance) {
  const double difference = real(champion, "/difference");
  Rows chart{{"This model − the champion, with its 95 % interval",
              "A dot with its range on a scale; left of 0 this model errs less"},
             "difference of the compared error",
             {{"difference",
               difference,
               {{real(champion, "/low"), real(champion, "/high")}},
               plain(difference, {.digits = 2, .sign = true})}}};
  chart.bars = false;
  chart.mark = 0;
  chart.mark_label = "equal";
  const double far = 1.1 * std::max({tolerance, std::abs(real(champion, "/low")),
                                     std::abs(real(champion, "/high")), 0.1});
  chart.scale = {{-far, far}};
  return draw(chart);
}

std::string difference_table(const json::value& evaluation, const json::value& champion) {
  const Form two{.digits = 2}, sign{.digits = 2, .sign = true};
  return to_html(
      {"The gate's comparison",
       {"", "Value"},
       {{"This model", number(real(champion, "/challenger"), two)},
        {fmt::format("Version {}", escape(text(champion, "/version"))),
         number(real(champion, "/champion"), two)},
        {"Difference", number(real(champion, "/difference"), sign)},
        {"95 % interval",
         number(real(champion, "/low"), sign) + " to " + number(real(champion, "/high"), sign)},
        {"Tolerated", number(real(evaluation, "/gate/tolerance"), two)},
        {"Beers that neither has learnt from", number(real(champion, "/rows"), {.digits = 0})},
        {"Draws", number(real(champion, "/resamples"), {.digits = 0})}}});
}

std::string name_cell(const json::value& beer) {
  if (!find(beer, "/name")) return "a beer";
  return fmt::format("{} <span class=\"chip\">{}</span>", escape(text(beer, "/name")),
                     number(real(beer, "/id"), {.digits = 0}));
}

std::string interval_cell(const json::value& beer) {
  if (!find(beer, "/low")) return "none";
  const double low = real(beer, "/low"), high = real(beer, "/high"), ibu = real(beer, "/ibu");
  return fmt::format("{} to {}{}", number(low), number(high),
                     ibu < low || ibu > high ? " <span class=\"chip out\">outside</span>" : "");
}

std::string labels_table(const json::value& quality) {
  HtmlTable table{"What the labels are worth", {"Label", "Beers"}, {}};
  for (const auto& [label, beers] : quality.at("labels").as_object()) {
    table.rows.push_back({escape(std::string_view(label.data(), label.size())),
                          number(beers.to_number<double>(), {.digits = 0})});
  }
  return to_html(table);
}

std::string missing_chart(const json::value& quality) {
  constexpr std::size_t kMost = 10;
  Rows chart{{"Features most often missing", "A bar for each feature that training beers lack"},
             "share of training beers",
             {}};
  chart.percent = true;
  for (const json::value& one : quality.at("missing").as_array()) {
    if (chart.rows.size() == kMost) break;
    const double share = real(one, "/share");
    chart.rows.push_back(
        {text(one, "/feature"), share, {}, plain(share, {.digits = 1, .percent = true})});
  }
  return draw(chart);
}

std::string rules_table(const json::value& quality) {
  HtmlTable table{
      "Rules that caught a beer", {"Rule", "Beers", "Checks", "Does", "Why"}, {}, {2, 3, 4}};
  for (const json::value& one : quality.at("findings").as_array()) {
    table.rows.push_back({"<code>" + escape(text(one, "/rule")) + "</code>",
                          number(real(one, "/beers"), {.digits = 0}), escape(text(one, "/checks")),
                          escape(text(one, "/action")), escape(text(one, "/reason"))});
  }
  if (table.rows.empty()) return paragraph("No rule caught a beer.");
  return to_html(table);
}

}  // namespace

const json::value* find(const json::value& from, std::string_view pointer) {
  boost::system::error_code error;
  const auto* found = from.find_pointer(json::string_view(pointer.data(), pointer.size()), error);
  return found && !found->is_null() ? found : nullptr;
}

double real(const json::value& from, std::string_view pointer) {
  const json::value* const found = find(from, pointer);
  if (!found || !found->is_number()) {
    throw std::runtime_error(fmt::format("The evaluation has no number at {}.", pointer));
  }
  return found->to_number<double>();
}

std::string text(const json::value& from, std::string_view pointer) {
  const json::value* const found = find(from, pointer);
  if (!found || !found->is_string()) {
    throw std::runtime_error(fmt::format("The evaluation has no text at {}.", pointer));
  }
  return {found->as_string().data(), found->as_string().size()};
}

std::string champion_section(const json::value& evaluation) {
  const char* const heading = "Beside the approved model";
  const auto* champion = find(evaluation, "/gate/champion");
  if (!champion) {
    return section("champion", heading,
                   "No model is approved yet, so there is none to compare with.", "");
  }
  if (!find(*champion, "/difference")) {
    return section(
        "champion", heading,
        fmt::format("The two weren't compared: {}.", escape(text(*champion, "/why_not"))), "");
  }
  return section(
      "champion", heading,
      fmt::format("Champion and challenger were judged on the same beers, by a paired bootstrap "
                  "over families of <code>{}</code>.",
                  escape(text(evaluation, "/gate/metric"))),
      "<div class=\"pair\">\n" + difference_chart(*champion, real(evaluation, "/gate/tolerance")) +
          difference_table(evaluation, *champion) + "</div>\n");
}

std::string features_section(const json::value& evaluation) {
  constexpr std::size_t kMost = 15;
  Rows chart{{"Mean contribution to a prediction",
              "A bar for each feature: how many IBU it moves a prediction on average"},
             "mean of |SHAP|, IBU",
             {}};
  HtmlTable table{"What a feature moves, and what is lost when its values are shuffled, IBU",
                  {"Feature", "Mean |SHAP|", "MAE lost"},
                  {}};
  for (const json::value& one : evaluation.at("importance").as_array()) {
    if (chart.rows.size() == kMost) break;
    const double share = real(one, "/mean_abs_shap");
    chart.rows.push_back({text(one, "/feature"), share, {}, plain(share, {.digits = 2})});
    table.rows.push_back({"<code>" + escape(text(one, "/feature")) + "</code>",
                          number(share, {.digits = 2}),
                          number(real(one, "/permutation_mae"), {.digits = 2, .sign = true})});
  }
  return section("features", "What it leans on",
                 "The features that move predictions most; exact Shapley values of judged beers.",
                 "<div class=\"pair\">\n" + draw(chart) + to_html(table) + "</div>\n");
}

std::string worst_section(const json::value& evaluation) {
  const auto* beers = find(evaluation, "/worst");
  if (!beers) return {};
  HtmlTable table{"The judged beers with the largest errors, IBU",
                  {"Beer", "Style", "Label", "Predicted", "Error", "90 % interval"},
                  {},
                  {1}};
  for (const json::value& beer : beers->as_array()) {
    table.rows.push_back({name_cell(beer), escape(text(beer, "/style")), number(real(beer, "/ibu")),
                          number(real(beer, "/prediction")),
                          number(real(beer, "/error"), {.sign = true}), interval_cell(beer)});
  }
  return section("worst", "The worst beers",
                 "Where to look first: a wrong label, a missing hop, or a beer like no other.",
                 to_html(table));
}

std::string quality_section(const json::value& evaluation) {
  const auto* quality = find(evaluation, "/data_quality");
  if (!quality) return {};
  return section("quality", "The data",
                 fmt::format("{} different beers were checked by rules; only those whose label is "
                             "<code>ok</code> teach or judge.",
                             number(real(*quality, "/beers"), {.digits = 0})),
                 "<div class=\"pair\">\n" + labels_table(*quality) + missing_chart(*quality) +
                     "</div>\n" + rules_table(*quality));
}

}  // namespace pipelines::page
