// A pipeline's execution: started, followed to its end, and judged.
#pragma once

#include "cli/calls/lineage.h"
#include "cli/session.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct Step {
  std::string name, status;
  double seconds = 0;   ///< so far, for one that still runs; on the service's clock
  std::string failure;  ///< why it failed
  std::string outcome;  ///< "True" or "False" of a condition
  std::string package;  ///< the ARN of a registered model
};

struct Execution {
  std::string arn;
  std::string status;  ///< Executing, Succeeded, Failed, Stopping, Stopped
  std::string failure;
  std::vector<Step> steps;  ///< in the order they began

  const Step* find_step(std::string_view name) const;
  bool ended() const { return status != "Executing" && status != "Stopping"; }
};

/// Of the model on held-out beers, in IBU.
struct Metrics {
  double mae = 0, rmse = 0, r2 = 0, baseline_mae = 0;
  /// Share of held-out beers within their 90 % interval; nothing when the model has none.
  std::optional<double> coverage;
  int train_beers = 0, test_beers = 0;
  /// The MAE over folds of the beers that are learned from: one split's figure is luck by an IBU or
  /// two. Nothing when the trainer makes no folds.
  std::optional<double> folds_mae;
  /// The gate's sentence; "" of a report that an earlier version wrote.
  std::string gate_reason;
};

/// What the gate said, in a sentence.
struct Gate {
  bool passed = false;
  std::string reason;
  std::string package;  ///< the registered model's ARN; "" when refused
};

/// The ARN of a new execution of the spec's pipeline, against the champion that the registry holds.
/// Parameters as the definition declares them; those of the champion too, who wants another one.
std::string start_pipeline(Session& session,
                           const std::vector<std::pair<std::string, std::string>>& parameters = {});
Execution describe_execution(Session& session, const std::string& arn);
/// Polls until the execution ended, and gives its last state. `on_state` sees each one.
Execution follow_execution(Session& session, const std::string& arn,
                           const std::function<void(const Execution&)>& on_state);

/// The ARN of the execution meant: `wanted` itself, that of an id of the spec's pipeline, or, of
/// "", its last one. Throws std::runtime_error when there is none.
std::string find_execution(Session& session, const std::string& wanted);

/// Where an execution that was judged leaves its report for people.
Place report_place(Session& session, const std::string& execution_arn);

/// From the execution's evaluation report; nothing when it didn't get that far.
std::optional<Metrics> read_metrics(Session& session, const std::string& execution_arn);
/// Throws std::runtime_error with the failed step's reason when the execution ended before the
/// gate.
Gate judge(const Execution& execution, const std::optional<Metrics>& metrics);

}  // namespace cli
