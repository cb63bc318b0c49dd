// The monitoring job: in the place of AWS's image sagemaker-model-monitor-analyzer.
#pragma once

#include "pipelines/files.h"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace pipelines::monitor {

/// The environment as the job was given it; nothing for a variable that isn't set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Reads the dataset below `dataset_source` in `dataset_format` (dataset.h) and writes, below
/// `output_path`,
///   statistics.json             what it holds, or how good its predictions are
///   constraints.json            what a dataset like it fulfils
///   constraint_violations.json  only with `baseline_constraints` (and `baseline_statistics`):
///                               where it differs from those
/// By `analysis_type`: DATA_QUALITY, which is also what none means, or MODEL_QUALITY with
/// problem_type Regression, `inference_attribute` and `ground_truth_attribute`. Paths below /opt/ml
/// are meant below the folders' root. The exit message is Model Monitor's: "Completed: …" or
/// "CompletedWithViolations: …"; violations are no failure of the job.
/// Verified: names of variables and paths: sagemaker.model_monitor of SageMaker's Python SDK.
/// Throws std::runtime_error with a sentence, also for what only AWS's image does: scripts before
/// and after the analysis, classification.
void monitor(const Folders& folders, const Environment& environment, std::ostream& log);

}  // namespace pipelines::monitor
