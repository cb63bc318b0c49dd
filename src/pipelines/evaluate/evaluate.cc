// The evaluation job.
#include "pipelines/evaluate/evaluate.h"

#include "beer/families.h"
#include "beer/features.h"
#include "pipelines/evaluate/breakdown.h"
#include "pipelines/evaluate/champion.h"
#include "pipelines/evaluate/importance.h"
#include "pipelines/evaluate/judged.h"
#include "pipelines/evaluate/load_model.h"
#include "pipelines/evaluate/metrics.h"
#include "pipelines/evaluate/model_card.h"
#include "pipelines/evaluate/page/page.h"
#include "pipelines/model/model.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <ostream>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Leak alarm of the data, not of the numbers: a family that was learned from can't judge.
void refuse_shared_families(const std::vector<RowKey>& test, const fs::path& train_rows) {
  if (!fs::exists(train_rows)) return;
  std::unordered_set<std::uint32_t> trained;
  for (const RowKey& row : read_row_keys(train_rows)) trained.insert(row.family);
  for (const RowKey& row : test) {
    if (trained.contains(row.family)) {
      throw std::runtime_error(
          fmt::format("The beer {} ({}) is of family {}, which was trained on: the split leaks.",
                      row.id, row.name, row.family));
    }
  }
}

TrainingData read_test(const Folders& folders) {
  const fs::path rows = folders.processing("rows");
  TrainingData test = read_training_data(folders.processing("test"), rows / "test_rows.csv");
  if (fs::exists(rows / "test_rows.csv")) {
    refuse_shared_families(read_row_keys(rows / "test_rows.csv"), rows / "train_rows.csv");
  }
  return test;
}

json::object metric(double value, double deviation) {
  return {{"value", value}, {"standard_deviation", deviation}};
}
json::object regression_metrics(const Errors& errors, const Errors& deviations) {
  return {{"mae", metric(errors.mae, deviations.mae)},
          {"mse", metric(errors.mse, deviations.mse)},
          {"rmse", metric(errors.rmse, deviations.rmse)},
          {"r2", metric(errors.r2, deviations.r2)}};
}

json::object confidence(const Errors& errors, const Spread& spread) {
  json::object result;
  for (const auto& [name, member] :
       {std::pair("mae", &Errors::mae), std::pair("rmse", &Errors::rmse),
        std::pair("r2", &Errors::r2), std::pair("spearman", &Errors::spearman)}) {
    result[name] = {{"value", errors.*member},
                    {"standard_deviation", spread.deviation.*member},
                    {"low", spread.low.*member},
                    {"high", spread.high.*member}};
  }
  return result;
}

json::array groups_json(const std::vector<Group>& groups, bool intervals) {
  json::array list;
  for (const Group& group : groups) {
    json::object one{{"name", group.name},
                     {"rows", group.rows},
                     {"mean_label", group.mean_label},
                     {"bias", group.bias},
                     {"mae", group.mae}};
    if (intervals) {
      one["coverage"] = group.coverage;
      one["coverage_low"] = group.coverage_low;
      one["coverage_high"] = group.coverage_high;
      one["mean_width"] = group.mean_width;
    }
    list.push_back(std::move(one));
  }
  return list;
}

json::object residuals(const Model& model, const Table& test,
                       const std::vector<Prediction>& predictions) {
  const bool intervals = model.calibrated();
  return {
      {"by_strength", groups_json(by_strength(test, predictions), intervals)},
      {"by_predicted_strength", groups_json(by_predicted_strength(test, predictions), intervals)},
      {"by_width", groups_json(by_width(test, predictions), intervals)},
      {"by_style", groups_json(by_style(test, predictions), intervals)},
      {"by_year", groups_json(by_year(test, predictions), intervals)}};
}

json::array importance_json(const std::vector<Importance>& all) {
  json::array list;
  for (const Importance& one : all) {
    list.push_back(json::object{{"feature", std::string(one.feature)},
                                {"mean_abs_shap", one.shap},
                                {"permutation_mae", one.permutation}});
  }
  return list;
}

json::object errors_json(const Errors& errors) {
  return {
      {"mae", errors.mae}, {"rmse", errors.rmse}, {"r2", errors.r2}, {"spearman", errors.spearman}};
}

/// IBU = k × gravity points; the training mean where a beer tells no gravity.
json::object gravity_rule(const json::value& training, const Table& test) {
  const auto column = static_cast<std::size_t>(beer::feature_index("target_og"));
  const double k = training.at("ibu_per_gravity_point").to_number<double>();
  std::vector<double> predictions;
  for (std::size_t i = 0; i < test.rows(); ++i) {
    const double points = test.row(i)[column] - 1000.0;
    predictions.push_back(std::isnan(points) ? training.at("mean_label").to_number<double>()
                                             : clip_ibu(k * points));
  }
  json::object result = errors_json(errors_of(test.labels, predictions));
  result["ibu_per_gravity_point"] = k;
  return result;
}

/// The model that is in use, on the beers that both models are judged by.
json::value champion_errors(const ChampionReport& champion) {
  if (!champion.errors) return nullptr;
  json::object result = errors_json(*champion.errors);
  result["rows"] = champion.shared_rows;
  result["out_of_fold_mae"] =
      champion.out_of_fold_mae ? json::value(*champion.out_of_fold_mae) : json::value();
  return result;
}

/// Null when the model has no intervals.
json::value interval_metrics(const Model& model, const Table& test,
                             const std::vector<Prediction>& predictions) {
  if (!model.calibrated()) return nullptr;
  const auto count = static_cast<double>(test.rows());
  double held = 0;
  double width = 0;
  for (std::size_t i = 0; i < test.rows(); ++i) {
    const auto& bounds = predictions[i].interval.value();
    held += bounds.holds(test.labels[i]);
    width += bounds.width();
  }
  const Share share = wilson(held, count);
  return json::object{{"level", model.interval().level},
                      {"coverage", held / count},
                      {"coverage_low", share.low},
                      {"coverage_high", share.high},
                      {"mean_width", width / count},
                      {"out_of_fold_coverage", model.interval().coverage},
                      {"out_of_fold_mean_width", model.interval().mean_width}};
}

/// The mission's own model, trained as the judged one was: what the recipe is worth.
json::value mission_model(const Folders& folders, const Hyperparameters& judged,
                          const Table& test) {
  if (files_below(folders.processing("train")).empty()) return nullptr;
  Hyperparameters hyperparameters = judged;
  hyperparameters.feature_set = FeatureSet::kMission;
  hyperparameters.bags = 1;
  std::erase_if(hyperparameters.booster,
                [](const auto& parameter) { return parameter.first == "monotone_constraints"; });
  const TrainingData data = read_training_data(folders.processing("train"),
                                               folders.processing("rows") / "train_rows.csv");
  complete(hyperparameters, data.table.rows());
  const auto columns = feature_columns(FeatureSet::kMission);
  const Fitted fitted = fit_model(data.table.pick_columns(columns), data.families, hyperparameters);
  std::vector<double> predictions;
  for (const float value :
       fitted.booster().predict(test.pick_columns(columns).values, test.rows())) {
    predictions.push_back(clip_ibu(value));
  }
  const Errors errors = errors_of(test.labels, predictions);
  json::object result = errors_json(errors);
  result["cross_validation_mae"] = fitted.validation.mae;
  return result;
}

/// What training.json would say of a model that came without it, from the rows it was trained on.
json::value training_of_others(const Folders& folders) {
  if (files_below(folders.processing("train")).empty()) {
    throw std::runtime_error(
        "The model came without a record of its training, and there are no training rows in "
        "processing/train to tell what always answering their mean is worth.");
  }
  const fs::path rows = folders.processing("rows");
  const TrainingData data =
      read_training_data(folders.processing("train"), rows / "train_rows.csv");
  json::object training{{"rows", data.table.rows()},
                        {"families", beer::count_families(data.families)},
                        {"mean_label", data.table.mean_label()},
                        {"ibu_per_gravity_point", ibu_per_gravity_point(data.table)},
                        {"cross_validation", nullptr},
                        {"hyperparameters", json::object()}};
  if (fs::exists(rows / "split.json")) {
    training["split"] = json::parse(read_file(rows / "split.json"));
  }
  return training;
}

/// Null when nothing was cross-validated, so that nothing can be said.
json::value leak_alarm(const Model& model, const json::value& training) {
  const auto* validation = training.at("cross_validation").if_object();
  if (!validation) return nullptr;
  return too_good(model.feature_set(), training.at("rows").to_number<std::size_t>(),
                  validation->at("mae").to_number<double>());
}

/// The beers themselves, for who wants to look at them.
void add_beers(json::object& report, const Folders& folders, const Table& test,
               const std::vector<Prediction>& predictions) {
  constexpr std::size_t kShown = 400, kWorst = 12;
  const fs::path file = folders.processing("rows") / "test_rows.csv";
  const auto keys = fs::exists(file) ? read_row_keys(file) : std::vector<RowKey>();
  report["worst"] = worst_beers(test, keys, predictions, kWorst);
  report["predictions"] = judged_beers(test, keys, predictions, kShown);
  const fs::path quality = folders.processing("rows") / "quality.json";
  if (fs::exists(quality)) report["data_quality"] = json::parse(read_file(quality));
}

/// Resampling a hundred thousand beers hundreds of times would tell nothing more.
int resamples_for(std::size_t rows, int wanted) {
  constexpr std::size_t kDraws = 2'000'000;
  return std::max(20, std::min(wanted, static_cast<int>(kDraws / rows)));
}

constexpr const char* kOthersModel =
    "SageMaker's XGBoost trained this model: it has no intervals and was not cross-validated; the "
    "six fields are compared with this program's own hyperparameters";

}  // namespace

bool too_good(FeatureSet set, std::size_t rows, double mae) {
  constexpr std::size_t kCatalogue = 1'000;
  return rows <= kCatalogue && mae < (set == FeatureSet::kRecipe ? 8.5 : 11.3);
}

void evaluate(const Folders& folders, const EvaluateOptions& options, std::ostream& log) {
  const Model model = load_model(folders.processing("model"));
  const TrainingData test = read_test(folders);
  const json::value training =
      model.calibrated() ? json::parse(model.training()) : training_of_others(folders);

  const auto predictions = model.predict(test.table);
  std::vector<double> values;
  values.reserve(predictions.size());
  for (const Prediction& prediction : predictions) values.push_back(prediction.ibu);
  const Errors errors = errors_of(test.table.labels, values);
  const Spread spread =
      spread_of(test.table.labels, values, test.families,
                resamples_for(test.table.rows(), options.resamples), options.seed);
  const std::vector<double> means(values.size(), training.at("mean_label").to_number<double>());
  const Errors mean = errors_of(test.table.labels, means);
  const json::value mission = mission_model(
      folders, parse_hyperparameters(json::serialize(training.at("hyperparameters"))), test.table);
  const json::value alarm = leak_alarm(model, training);
  const auto leans_on = importance(
      model, test.table,
      {.rows = options.explained, .permutations = options.permutations, .seed = options.seed});
  const ChampionReport champion = compare_with_champion(folders, test, values,
                                                        {.version = options.gate.champion_version,
                                                         .member = compared_error(options.gate),
                                                         .resamples = options.gate.resamples,
                                                         .seed = options.seed});
  json::object report{{"version", 0.0},
                      {"dataset", {{"item_count", test.table.rows()}}},
                      {"regression_metrics", regression_metrics(errors, spread.deviation)},
                      {"confidence", confidence(errors, spread)},
                      {"baseline_mae", mean.mae},
                      {"mission_six_fields", mission},
                      {"baselines",
                       {{"mean", errors_json(mean)},
                        {"bu_gu", gravity_rule(training, test.table)},
                        {"mission_six_fields", mission},
                        {"champion", champion_errors(champion)}}},
                      {"interval", interval_metrics(model, test.table, predictions)},
                      {"residuals", residuals(model, test.table, predictions)},
                      {"importance", importance_json(leans_on)},
                      {"cross_validation", training.at("cross_validation")},
                      {"leak_alarm", alarm},
                      {"feature_set", std::string(to_string(model.feature_set()))},
                      {"counts",
                       {{"train_rows", training.at("rows")},
                        {"train_families", training.at("families")},
                        {"test_rows", test.table.rows()},
                        {"test_families", beer::count_families(test.families)}}},
                      {"seed", options.seed}};
  if (const auto* split = training.as_object().if_contains("split")) report["split"] = *split;
  if (!model.calibrated()) report["note"] = kOthersModel;
  if (const auto digest = digest_of_archive(folders.processing("model"))) {
    report["model"] = {{"sha256", *digest}};
  }
  add_beers(report, folders, test.table, predictions);
  const json::object gate = judge_gate(report, champion, options.gate);
  const std::string reason(gate.at("reason").as_string());
  report["gate"] = gate;
  const std::string text = json::serialize(report) + "\n";
  const std::string trained = json::serialize(training);
  const fs::path out = folders.processing("evaluation");
  write_file(out / "evaluation.json", text);
  write_file(out / "report.html", evaluation_page(report));
  write_file(out / "model_card.json", model_card_json(text, trained));
  write_file(out / "model_card.md", model_card_text(text, trained));
  write_file(folders.message(), reason);
  log << fmt::format(
      "MAE {:.2f}, RMSE {:.2f}, R2 {:.2f} on {} beers; always the mean: MAE {:.2f}\n", errors.mae,
      errors.rmse, errors.r2, test.table.rows(), mean.mae);
  if (alarm.is_bool() && alarm.as_bool()) {
    log << "Leak alarm: this is better than unseen recipes can be predicted. Something that was "
           "judged on was trained on.\n";
  }
  log << (gate.at("passed").as_bool() ? "Gate passed: " : "Gate refused: ") << reason << "\n";
}

}  // namespace pipelines
