// `beer train`: the pipeline, followed to its gate.
#include "cli/calls/champion.h"
#include "cli/calls/pipeline.h"
#include "cli/calls/registry.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"

#include <fmt/format.h>

#include <map>

namespace cli {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters read_parameters(const std::vector<std::string>& texts) {
  Parameters parameters;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw UsageError(fmt::format("--set {}: must be Name=Value", text));
    }
    parameters.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return parameters;
}

/// Tells of each step once it ended.
class StepTeller {
 public:
  explicit StepTeller(Progress& progress) : progress_(progress) {}

  void operator()(const Execution& execution) {
    for (const Step& step : execution.steps) {
      const bool ended = step.status != "Executing" && step.status != "Starting";
      if (!ended || !told_.emplace(step.name, step.status).second) continue;
      progress_.note(fmt::format("{:<12} {:<10} {}", step.name, step.status,
                                 step.failure.empty() ? step.outcome : step.failure));
    }
    progress_.update(told_.size(), execution.steps.size() + 1);
  }

 private:
  Progress& progress_;
  std::map<std::string, std::string> told_;
};

void explain(const std::optional<Metrics>& metrics, const Gate& gate) {
  if (metrics) {
    Table table({"on held-out beers", "model", "always the mean"});
    table.add({"MAE, IBU", fmt::format("{:.2f}", metrics->mae),
               fmt::format("{:.2f}", metrics->baseline_mae)});
    table.add({"RMSE, IBU", fmt::format("{:.2f}", metrics->rmse), ""});
    table.add({"R2", fmt::format("{:.2f}", metrics->r2), ""});
    fmt::print("{}trained on {} beers, judged on {} of other families\n", table.to_text(),
               metrics->train_beers, metrics->test_beers);
  }
  fmt::print("gate {}: {}\n", gate.passed ? "passed" : "refused", gate.reason);
}

}  // namespace

int train(const TrainOptions& options) {
  const Parameters parameters = read_parameters(options.parameters);
  Session session(options.common);
  Progress progress;
  progress.begin("pipeline", "pipeline " + session.spec().training.pipeline);
  const std::string arn = start_pipeline(session, parameters);
  progress.note(arn);
  const Execution execution = follow_execution(session, arn, StepTeller(progress));
  progress.done(execution.status);
  const auto metrics = read_metrics(session, arn);
  const Gate gate = judge(execution, metrics);
  explain(metrics, gate);
  const Place report = report_place(session, arn);
  fmt::print("report s3://{}/{}: `beer report {}`\n", report.bucket, report.key,
             arn.substr(arn.rfind('/') + 1));
  if (!gate.passed) {
    fmt::print(
        "nothing was registered: more beers help, or `beer train --set MetricThreshold=…` or "
        "ChampionTolerance=…\n");
    return kGateRefused;
  }
  const ModelPackage package = describe_package(session, gate.package);
  if (package.approval == "Approved") {
    crown_for_retraining(session);
    watch_from_now_on(session);
  }
  fmt::print("registered version {} of {}, {}: `beer approve {}`, then `beer promote {}`\n",
             package.version, session.spec().registry.group, package.approval, package.version,
             package.version);
  return kOk;
}

}  // namespace cli
