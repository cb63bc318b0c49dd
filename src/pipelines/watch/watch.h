// The watching job: the approved model against the beers that came since it was trained.
#pragma once

#include "pipelines/files.h"
#include "pipelines/watch/drift.h"

#include <cstddef>
#include <iosfwd>
#include <string>

namespace pipelines {

struct WatchOptions {
  std::string version;       ///< of the model, for who reads the report
  std::size_t window = 200;  ///< of the newest beers, at most so many
  std::size_t minimum = 50;  ///< fewer tell nothing
  DriftLimits limits;
  double error_chance = 0.01;  ///< that a larger error is luck
  double error_growth = 1;     ///< in IBU: what is less isn't worth a training
  /// Where CloudWatch keeps the metrics; empty: nothing is sent.
  std::string metric_namespace, metric_group;
};

/// Reads, below processing/, `input` (the table cleaned), `model` (what is served), and what the
/// execution that made it left: `baseline` (statistics.json), `rows` (ids of what it learnt from
/// and was judged on, arrivals.json) and `evaluation` (evaluation.json). Looks at the newest beers
/// with an IBU that came after those and are none of them; writes, below drift/,
/// constraint_violations.json in Model Monitor's form and drift.json:
///
///   model, beers, new_beers   version; how many are looked at, of how many that are new
///   since, until              the first and the last arrival of those, ISO 8601; null of none
///   features                  of each: feature, psi, ks, ks_chance, missing_then, missing_now,
///                             outside, drifted, missing_breach, range_breach; the largest psi
///                             first
///   prediction                likewise of the predictions, against those of the evaluation
///   error                     then, then_deviation, now, now_deviation (MAE, in IBU),
///                             coverage_then, coverage_now (of the intervals, or null), chance,
///                             grown
///   drifted                   names of features that breach a limit
///   breached                  whether anything did, or the error has grown
///   reason                    one sentence, which is the job's exit message too
///
/// With fewer than `minimum` beers only the counts and the reason stand there. With a
/// metric_namespace the metrics of watch/metrics.h are sent. Deterministic but for what arrived.
/// Throws std::runtime_error with one sentence.
void watch(const Folders& folders, const WatchOptions& options, std::ostream& log);

}  // namespace pipelines
