// The evaluation job.
#include "pipelines/evaluate/evaluate.h"

#include "lib/base/ids.h"
#include "pipelines/archive.h"
#include "pipelines/evaluate/metrics.h"
#include "pipelines/model/model.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <numeric>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// A folder that goes with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / ("beer-pipeline-" + base::Ids().hex(16))) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// SageMaker hands a processing job the packed artifact; a test or a person may give the open
/// folder.
Model load_model(const fs::path& folder) {
  if (!fs::exists(folder / "model.tar.gz")) return Model::load(folder);
  const TemporaryFolder unpacked;
  unpack_archive(folder / "model.tar.gz", unpacked.path());
  return Model::load(unpacked.path());
}

/// Leak alarm of the data, not of the numbers: a family that was learned from can't judge.
void refuse_shared_families(const std::vector<RowKey>& test, const fs::path& train_rows) {
  if (!fs::exists(train_rows)) return;
  std::set<std::uint32_t> trained;
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
  return json::object{{"level", model.interval().level},
                      {"coverage", held / count},
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
  for (const float value : fitted.booster.predict(test.pick_columns(columns).values, test.rows())) {
    predictions.push_back(clip_ibu(value));
  }
  const Errors errors = errors_of(test.labels, predictions);
  return json::object{{"mae", errors.mae},
                      {"rmse", errors.rmse},
                      {"r2", errors.r2},
                      {"cross_validation_mae", fitted.validation.mae}};
}

/// Grouped errors below these were only ever seen when a beer's relatives had been trained on.
bool too_good(FeatureSet set, double cross_validated_mae) {
  return cross_validated_mae < (set == FeatureSet::kRecipe ? 8.5 : 11.3);
}

std::size_t distinct(const std::vector<std::uint32_t>& families) {
  return std::set<std::uint32_t>(families.begin(), families.end()).size();
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
                        {"families", distinct(data.families)},
                        {"mean_label", data.table.mean_label()},
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
  return too_good(model.feature_set(), validation->at("mae").to_number<double>());
}

constexpr const char* kOthersModel =
    "SageMaker's XGBoost trained this model: it has no intervals and was not cross-validated; the "
    "six fields are compared with this program's own hyperparameters";

}  // namespace

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
  const Errors deviations =
      error_deviations(test.table.labels, values, test.families, options.resamples, options.seed);
  const std::vector<double> means(values.size(), training.at("mean_label").to_number<double>());
  const double baseline = errors_of(test.table.labels, means).mae;

  json::object report{
      {"version", 0.0},
      {"dataset", {{"item_count", test.table.rows()}}},
      {"regression_metrics", regression_metrics(errors, deviations)},
      {"baseline_mae", baseline},
      {"mission_six_fields",
       mission_model(folders,
                     parse_hyperparameters(json::serialize(training.at("hyperparameters"))),
                     test.table)},
      {"interval", interval_metrics(model, test.table, predictions)},
      {"cross_validation", training.at("cross_validation")},
      {"leak_alarm", leak_alarm(model, training)},
      {"feature_set", std::string(to_string(model.feature_set()))},
      {"counts",
       {{"train_rows", training.at("rows")},
        {"train_families", training.at("families")},
        {"test_rows", test.table.rows()},
        {"test_families", distinct(test.families)}}},
      {"seed", options.seed}};
  if (const auto* split = training.as_object().if_contains("split")) report["split"] = *split;
  if (!model.calibrated()) report["note"] = kOthersModel;
  write_file(folders.processing("evaluation") / "evaluation.json", json::serialize(report) + "\n");
  log << fmt::format(
      "MAE {:.2f}, RMSE {:.2f}, R2 {:.2f} on {} beers; always the mean: MAE {:.2f}\n", errors.mae,
      errors.rmse, errors.r2, test.table.rows(), baseline);
}

}  // namespace pipelines
