// The model card, twice: by SageMaker's schema and as Markdown.
//
// Verified: names, enumerations and limits of the schema: AWS's developer guide, "Model card JSON
// schema", and the parsers of SageMaker's Python SDK (sagemaker.model_card).
#include "pipelines/evaluate/model_card.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace pipelines {
namespace {

namespace json = boost::json;

constexpr const char* kDescription =
    "Predicts the bitterness (IBU, 0 to 100) of a beer from its recipe, with a 90 % interval: "
    "boosted and extremely randomised trees, averaged, over physical estimates of the bitterness, "
    "the hop and malt bills, the process and the style.";
constexpr const char* kPurpose =
    "To tell how bitter a beer of the Punk API's catalogue is when its label doesn't say, and how "
    "sure that is.";
constexpr const char* kUses =
    "Beers of one brewery's catalogue, of 20 litres by recipe, up to 100 IBU. Not for labels that "
    "consumers or the law rely on: only a laboratory measures bitterness.";
constexpr const char* kFactors =
    "Labels of 90 to 100 are predicted too low. Beers without a hop bill are predicted from "
    "gravity, colour and style alone and have wide intervals. Alpha acids are typical of a "
    "variety, "
    "not measured.";
constexpr const char* kCaveats =
    "Judged on recipe families that were not trained on. A split by row or by beer would show "
    "errors that a new recipe never reaches. A model refitted on all beers is registered; the "
    "figures are those of its twin, which had not seen the beers it was judged on.";

json::value parse(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size()));
}

const json::value* find(const json::value& from, std::string_view pointer) {
  boost::system::error_code error;
  const auto* found = from.find_pointer(json::string_view(pointer.data(), pointer.size()), error);
  return found && !found->is_null() ? found : nullptr;
}

json::object number(std::string name, const json::value& value) {
  return {{"name", std::move(name)}, {"type", "number"}, {"value", value}};
}

/// A group of those numbers that are there.
json::object numbers(const json::value& evaluation, const char* group,
                     std::initializer_list<std::pair<const char*, const char*>> members) {
  json::array data;
  for (const auto& [name, pointer] : members) {
    if (const auto* value = find(evaluation, pointer)) data.push_back(number(name, *value));
  }
  return {{"name", group}, {"metric_data", std::move(data)}};
}

/// Bars of one member of each group of a breakdown.
json::object bars(const json::value& groups, const char* name, const char* member) {
  json::array names, values;
  for (const json::value& group : groups.as_array()) {
    names.push_back(group.at("name"));
    values.push_back(group.at(member));
  }
  return {{"name", name},
          {"type", "bar_chart"},
          {"value", std::move(values)},
          {"x_axis_name", std::move(names)},
          {"y_axis_name", member}};
}

json::object errors_by_group(const json::value& evaluation) {
  json::array data;
  for (const auto& [name, pointer] :
       {std::pair("by strength", "/residuals/by_strength"),
        std::pair("by style", "/residuals/by_style"), std::pair("by year", "/residuals/by_year")}) {
    if (const auto* groups = find(evaluation, pointer)) {
      data.push_back(bars(*groups, name, "mae"));
      data.push_back(bars(*groups, name, "bias"));
    }
  }
  return {{"name", "residuals"}, {"metric_data", std::move(data)}};
}

json::object explanations(const json::value& evaluation) {
  constexpr std::size_t kMost = 20;
  json::array names, shares;
  if (const auto* list = find(evaluation, "/importance")) {
    for (const json::value& one : list->as_array()) {
      if (names.size() == kMost) break;
      names.push_back(one.at("feature"));
      shares.push_back(one.at("mean_abs_shap"));
    }
  }
  return {{"name", "explanations"},
          {"metric_data", json::array{json::object{{"name", "mean |SHAP|"},
                                                   {"type", "bar_chart"},
                                                   {"value", std::move(shares)},
                                                   {"x_axis_name", std::move(names)},
                                                   {"y_axis_name", "IBU"}}}}};
}

json::object training_details(const json::value& training) {
  json::array hyperparameters;
  for (const auto& [name, value] : training.at("hyperparameters").as_object()) {
    hyperparameters.push_back(json::object{{"name", name}, {"value", value}});
  }
  json::array metrics;
  if (const auto* mae = find(training, "/cross_validation/mae")) {
    metrics.push_back(json::object{{"name", "cross-validated MAE"}, {"value", *mae}});
  }
  if (const auto* rmse = find(training, "/cross_validation/rmse")) {
    metrics.push_back(json::object{{"name", "cross-validated RMSE"}, {"value", *rmse}});
  }
  return {{"objective_function",
           {{"function", {{"function", "Minimize"}, {"facet", "MAE"}}},
            {"notes", "squared error grows the trees; the MAE over grouped folds ends them"}}},
          {"training_observations",
           fmt::format("{} beers of {} recipe families.", json::serialize(training.at("rows")),
                       json::serialize(training.at("families")))},
          {"training_job_details",
           {{"user_provided_training_metrics", std::move(metrics)},
            {"user_provided_hyper_parameters", std::move(hyperparameters)}}}};
}

double real(const json::value& from, std::string_view pointer) {
  const auto* value = find(from, pointer);
  return value && value->is_number() ? value->to_number<double>() : 0;
}

std::string table_of(const json::value& groups) {
  std::string text = "| group | beers | mean IBU | bias | MAE | covered | width |\n";
  text += "|---|---|---|---|---|---|---|\n";
  for (const json::value& group : groups.as_array()) {
    text += fmt::format("| {} | {} | {:.1f} | {:+.1f} | {:.1f} | {:.0f} % | {:.0f} |\n",
                        group.at("name").as_string().c_str(), real(group, "/rows"),
                        real(group, "/mean_label"), real(group, "/bias"), real(group, "/mae"),
                        100 * real(group, "/coverage"), real(group, "/mean_width"));
  }
  return text + "\n";
}

std::string errors_text(const json::value& evaluation) {
  std::string text;
  for (const auto& [name, member] : {std::pair("MAE", "mae"), std::pair("RMSE", "rmse"),
                                     std::pair("R²", "r2"), std::pair("Spearman", "spearman")}) {
    const std::string at = fmt::format("/confidence/{}", member);
    text +=
        fmt::format("| {} | {:.2f} | {:.2f} to {:.2f} |\n", name, real(evaluation, at + "/value"),
                    real(evaluation, at + "/low"), real(evaluation, at + "/high"));
  }
  return text;
}

std::string baselines_text(const json::value& evaluation) {
  std::string text;
  const auto* baselines = find(evaluation, "/baselines");
  if (!baselines) return text;
  for (const auto& [name, errors] : baselines->as_object()) {
    if (errors.is_null()) continue;
    text += fmt::format("| {} | {:.2f} | {:.2f} |\n", std::string_view(name.data(), name.size()),
                        real(errors, "/mae"), real(errors, "/rmse"));
  }
  return text;
}

std::string importance_text(const json::value& evaluation) {
  constexpr std::size_t kMost = 12;
  std::string text;
  std::size_t count = 0;
  if (const auto* list = find(evaluation, "/importance")) {
    for (const json::value& one : list->as_array()) {
      if (count++ == kMost) break;
      text += fmt::format("| {} | {:.2f} | {:+.2f} |\n", one.at("feature").as_string().c_str(),
                          real(one, "/mean_abs_shap"), real(one, "/permutation_mae"));
    }
  }
  return text;
}

}  // namespace

std::string model_card_json(std::string_view evaluation_text, std::string_view training_text) {
  const json::value evaluation = parse(evaluation_text);
  const json::value training = parse(training_text);
  json::array groups{
      numbers(evaluation, "regression",
              {{"MAE", "/regression_metrics/mae/value"},
               {"RMSE", "/regression_metrics/rmse/value"},
               {"R2", "/regression_metrics/r2/value"},
               {"Spearman", "/confidence/spearman/value"}}),
      numbers(evaluation, "baselines",
              {{"MAE of the mean", "/baselines/mean/mae"},
               {"MAE of the BU:GU rule", "/baselines/bu_gu/mae"},
               {"MAE of the mission's six fields", "/baselines/mission_six_fields/mae"},
               {"MAE of the champion", "/baselines/champion/mae"}}),
      numbers(evaluation, "interval",
              {{"level", "/interval/level"},
               {"coverage", "/interval/coverage"},
               {"mean width", "/interval/mean_width"}}),
      errors_by_group(evaluation), explanations(evaluation)};
  return json::serialize(json::object{
             {"model_overview",
              {{"model_name", "beer-ibu"},
               {"model_description", kDescription},
               {"algorithm_type", "XGBoost"},
               {"problem_type", "Regression"}}},
             {"intended_uses",
              {{"purpose_of_model", kPurpose},
               {"intended_uses", kUses},
               {"factors_affecting_model_efficiency", kFactors},
               {"risk_rating", "Low"},
               {"explanations_for_risk_rating",
                "Nobody is harmed by a beer that is more bitter."}}},
             {"business_details",
              {{"business_problem", "The bitterness of beers whose label doesn't tell it."}}},
             {"training_details", training_details(training)},
             {"evaluation_details",
              json::array{json::object{
                  {"name", "held-out families"},
                  {"evaluation_observation",
                   fmt::format("{} beers of families that were not trained on.",
                               json::serialize(evaluation.at("dataset").at("item_count")))},
                  {"metric_groups", std::move(groups)}}}},
             {"additional_information",
              {{"ethical_considerations", "The data are recipes; no person is described."},
               {"caveats_and_recommendations", kCaveats}}}}) +
         "\n";
}

std::string model_card_text(std::string_view evaluation_text, std::string_view training_text) {
  const json::value evaluation = parse(evaluation_text);
  const json::value training = parse(training_text);
  std::string text = "# The IBU regressor\n\n";
  text += fmt::format("{}\n\n**For:** {} {}\n\n**Beware:** {} {}\n\n", kDescription, kPurpose,
                      kUses, kFactors, kCaveats);
  text += fmt::format(
      "Trained on {:.0f} beers of {:.0f} recipe families, judged on {:.0f} beers of {:.0f} others.",
      real(training, "/rows"), real(training, "/families"), real(evaluation, "/counts/test_rows"),
      real(evaluation, "/counts/test_families"));
  if (const auto* reason = find(evaluation, "/gate/reason")) {
    text += fmt::format("\n\n**Gate:** {}", reason->as_string().c_str());
  }
  text += "\n\n| error | value | 95 % of resampled families |\n|---|---|---|\n";
  text += errors_text(evaluation);
  text += "\n| compared with | MAE | RMSE |\n|---|---|---|\n" + baselines_text(evaluation);
  if (find(evaluation, "/interval")) {
    text += fmt::format(
        "\nOf the {:.0f} % intervals {:.1f} % hold, at a mean width of {:.1f} IBU.\n",
        100 * real(evaluation, "/interval/level"), 100 * real(evaluation, "/interval/coverage"),
        real(evaluation, "/interval/mean_width"));
  }
  for (const auto& [title, pointer] :
       {std::pair("strength", "/residuals/by_strength"), std::pair("style", "/residuals/by_style"),
        std::pair("year", "/residuals/by_year")}) {
    text += fmt::format("\n## By {}\n\n", title);
    if (const auto* groups = find(evaluation, pointer)) text += table_of(*groups);
  }
  text +=
      "## What it leans on\n\n| feature | mean \\|SHAP\\| | MAE lost when shuffled "
      "|\n|---|---|---|\n";
  text += importance_text(evaluation);
  return text;
}

}  // namespace pipelines
