// The page: its head, verdict and facts, then the sections, then where it comes from.
#include "pipelines/evaluate/page/page.h"

#include "pipelines/evaluate/page/html.h"
#include "pipelines/evaluate/page/sections.h"
#include "pipelines/evaluate/page/style.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pipelines {
namespace {

namespace json = boost::json;
using namespace page;

/// Even if a text slipped through unescaped, nothing would be fetched and nothing would run.
constexpr const char* kPolicy =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\"/>";

bool passed(const json::value& evaluation) {
  return evaluation.at_pointer("/gate/passed").as_bool();
}

std::string head(const json::value& evaluation) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n{}\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<title>Beer IBU model: gate {}</title>\n<style>{}</style>\n</head>\n",
      kPolicy, passed(evaluation) ? "passed" : "refused", style_sheet());
}

std::string verdict(const json::value& evaluation) {
  const bool good = passed(evaluation);
  std::string html = fmt::format("<div class=\"verdict {}\"><strong>{}</strong><p>{}</p></div>\n",
                                 good ? "passed" : "refused",
                                 good ? "✓ The gate passed: this model may be registered."
                                      : "✗ The gate refused: this model isn't registered.",
                                 escape(text(evaluation, "/gate/reason")));
  if (find(evaluation, "/note")) {
    html += fmt::format("<p class=\"lead\">{}.</p>\n", escape(text(evaluation, "/note")));
  }
  const auto* alarm = find(evaluation, "/leak_alarm");
  if (alarm && alarm->is_bool() && alarm->as_bool()) {
    html +=
        "<p><strong>Leak alarm:</strong> this is better than unseen recipes can be predicted. "
        "Something that was judged on was trained on.</p>\n";
  }
  return html;
}

std::string fact(const char* name, const std::string& value, const std::string& beside) {
  return fmt::format("<div><dt>{}</dt><dd class=\"big\">{}</dd><dd class=\"small\">{}</dd></div>\n",
                     name, value, beside);
}

std::string facts(const json::value& evaluation) {
  const auto& confidence = evaluation.at("confidence");
  const auto spread = [&](const char* member, int digits) {
    const json::value& one = confidence.at(member);
    return number(real(one, "/low"), {.digits = digits}) + " to " +
           number(real(one, "/high"), {.digits = digits});
  };
  std::string html = "<dl class=\"facts\">\n";
  html +=
      fact("Mean absolute error", number(real(confidence, "/mae/value")) + " IBU",
           spread("mae", 1) + "; always the mean: " + number(real(evaluation, "/baseline_mae")));
  html += fact("R²", number(real(confidence, "/r2/value"), {.digits = 2}), spread("r2", 2));
  if (find(evaluation, "/interval")) {
    html += fact("Intervals hold", percent(real(evaluation, "/interval/coverage")),
                 percent(real(evaluation, "/interval/level")) + " promised; mean width " +
                     number(real(evaluation, "/interval/mean_width"), {.digits = 0}) + " IBU");
  }
  if (find(evaluation, "/cross_validation/mae")) {
    html += fact("Error over folds", number(real(evaluation, "/cross_validation/mae")) + " IBU",
                 "of the training beers, out of fold");
  }
  html += fact("Judged on", number(real(evaluation, "/counts/test_rows"), {.digits = 0}) + " beers",
               number(real(evaluation, "/counts/test_families"), {.digits = 0}) +
                   " recipe families not trained on");
  return html + "</dl>\n";
}

std::string footer(const json::value& evaluation) {
  std::string html = "<footer>\n<dl>\n";
  const auto add = [&](const char* name, const std::string& value) {
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  };
  if (find(evaluation, "/model/sha256")) {
    add("Model", "<code>sha256 " + escape(text(evaluation, "/model/sha256")) + "</code>");
  }
  if (find(evaluation, "/split/digest")) {
    add("Split", "<code>" + escape(text(evaluation, "/split/digest")) + "</code>");
  }
  add("Features", escape(text(evaluation, "/feature_set")));
  add("Seed", number(real(evaluation, "/seed"), {.digits = 0}));
  add("Numbers",
      "every figure is one of <code>evaluation.json</code>, which lies beside this page");
  return html + "</dl>\n</footer>\n";
}

}  // namespace

std::string evaluation_page(const json::value& report) {
  return head(report) +
         "<body>\n<header>\n<p class=\"eyebrow\">Model evaluation</p>\n"
         "<h1>The bitterness of beers, predicted</h1>\n" +
         verdict(report) + facts(report) + "</header>\n<main>\n" + errors_section(report) +
         predictions_section(report) + champion_section(report) + calibration_section(report) +
         residuals_section(report) + features_section(report) + worst_section(report) +
         quality_section(report) + "</main>\n" + footer(report) + "</body>\n</html>\n";
}

}  // namespace pipelines
