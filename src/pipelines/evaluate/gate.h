// Whether a judged model may be registered, and why, in a sentence.
#pragma once

#include "pipelines/evaluate/champion.h"

#include <boost/json/fwd.hpp>

#include <string>

namespace pipelines {

/// What the gate asks; each is a parameter of the pipeline.
struct GateOptions {
  /// Where the absolute threshold looks in evaluation.json, as a path of JsonGet. Of r2, spearman
  /// and coverage more is better, of all else less.
  std::string metric_path = "regression_metrics.mae.value";
  double threshold = 15;  ///< of that metric, in its unit
  /// By how much the champion may be better, in the metric's unit, at the far end of the interval
  /// (of the MAE, when the metric isn't one of Errors).
  double tolerance = 1;
  std::string champion_version = "none";
  int resamples = 2'000;
};

/// The member of Errors that two models are compared by.
ErrorMember compared_error(const GateOptions& options);

/// The gate's part of evaluation.json, from the rest of it:
///
///   passed      all of: the metric holds the threshold; the MAE is below that of always answering
///               the mean; no leak alarm; and, where the champion could be asked, the worse end of
///               the interval of challenger − champion is within the tolerance
///   reason      one sentence, in English
///   metric, value, threshold, tolerance
///   champion    version, why_not or rows, families, challenger, champion, difference, low, high,
///               resamples, model_sha256; null without a champion
///
/// Throws std::runtime_error when there is no number at metric_path.
boost::json::object judge_gate(const boost::json::object& report, const ChampionReport& champion,
                               const GateOptions& options);

}  // namespace pipelines
