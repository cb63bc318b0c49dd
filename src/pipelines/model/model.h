// The model as it is kept and used: what a training job leaves in /opt/ml/model.
//
//   xgboost-model           the booster as UBJSON, alone at the top: SageMaker's own container
//   takes
//                           every file that lies there for a booster
//   beer/features.json      names and units of its columns, the feature list's version and hash
//   beer/interval.json      how wide intervals are
//   beer/difficulty-model   the booster of the expected residual
//   beer/training.json      data digests, parameters, rounds, cross-validated errors
//
// SageMaker's own container leaves xgboost-model and nothing else. Such a model predicts too; its
// feature set is told by the number of its columns, and it has no intervals.
#pragma once

#include "pipelines/model/interval.h"
#include "pipelines/model/tree_model.h"
#include "pipelines/train/hyperparameters.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

struct Prediction {
  double ibu = 0;                                ///< within 0..100
  std::optional<IntervalRule::Bounds> interval;  ///< when the model is calibrated
};

/// One feature's share in a prediction, in IBU.
struct Contribution {
  std::string_view feature;
  double ibu = 0;
};

struct Explanation {
  double expected = 0;  ///< where a beer without features starts
  std::vector<Contribution>
      contributions;  ///< the largest first; with `expected` they sum to the prediction
};

/// A model that predicts. Thread-safe.
class Model {
 public:
  /// Reads the folder. Throws std::runtime_error with a sentence when a file is missing or damaged,
  /// or when the model was trained on another feature list than this program computes, or on
  /// another number of columns.
  static Model load(const std::filesystem::path& folder);

  FeatureSet feature_set() const { return feature_set_; }
  /// False for a booster that came alone. Then there is neither interval() nor training().
  bool calibrated() const { return calibration_.has_value(); }
  const IntervalRule& interval() const { return calibration_.value().interval; }
  /// training.json as it stands.
  const std::string& training() const { return calibration_.value().training; }

  /// Of rows that hold the whole feature list; the labels are not looked at.
  std::vector<Prediction> predict(const Table& rows) const;
  /// The predictions alone, which is half the work.
  std::vector<double> predict_ibu(const Table& rows) const;
  std::vector<Explanation> explain(const Table& rows) const;

 private:
  /// What lies in beer/.
  struct Calibration {
    TreeModel difficulty;
    IntervalRule interval;
    std::string training;
  };
  Model(TreeModel trees, FeatureSet set);
  static Model read_ours(const std::filesystem::path& folder);
  static Model read_alone(const std::filesystem::path& file);
  /// The columns that the trees see.
  Table seen_of(const Table& rows) const;

  TreeModel trees_;
  FeatureSet feature_set_;
  std::vector<int> columns_;
  std::optional<Calibration> calibration_;
};

/// The places in beer::features() of a set's columns, in order.
std::vector<int> feature_columns(FeatureSet set);
/// features.json of a set.
std::string features_json(FeatureSet set);

}  // namespace pipelines
