// A pipeline's execution: started, followed to its end, and judged.
#include "cli/calls/pipeline.h"

#include "cli/calls/champion.h"
#include "cli/calls/json.h"
#include "lib/base/ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

namespace cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLocalPause{30}, kAwsPause{5'000};
constexpr const char* kGateStep = "CheckGate";

Step read_step(const json::value& from) {
  Step step{text(from, "StepName"), text(from, "StepStatus")};
  const double began = number(from, "StartTime");
  step.seconds = std::max(0.0, number(from, "EndTime", began) - began);
  step.failure = text(from, "FailureReason");
  step.outcome = text(from, "Metadata.Condition.Outcome");
  step.package = text(from, "Metadata.RegisterModel.Arn");
  return step;
}

std::vector<Step> read_steps(Session& session, const std::string& arn) {
  json::object input{{"PipelineExecutionArn", arn}, {"SortOrder", "Ascending"}};
  std::vector<Step> steps;
  for (std::string token = "first"; !token.empty();) {
    const json::value page =
        session.aws().json("sagemaker", "SageMaker.ListPipelineExecutionSteps", input);
    for (const json::value& step : list(page, "PipelineExecutionSteps")) {
      steps.push_back(read_step(step));
    }
    token = text(page, "NextToken");
    input["NextToken"] = token;
  }
  return steps;
}

/// The step that ended the execution, in a sentence.
std::string why_failed(const Execution& execution) {
  for (const Step& step : execution.steps) {
    if (step.status == "Failed") return fmt::format("step {}: {}", step.name, step.failure);
  }
  return execution.failure.empty() ? "no reason was given" : execution.failure;
}

}  // namespace

const Step* Execution::find_step(std::string_view name) const {
  const auto at =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == name; });
  return at == steps.end() ? nullptr : &*at;
}

std::string start_pipeline(Session& session,
                           const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::map<std::string, std::string> all(parameters.begin(), parameters.end());
  for (auto& [name, value] : champion_parameters(find_champion(session))) {
    all.try_emplace(std::move(name), std::move(value));
  }
  json::array values;
  for (const auto& [name, value] : all) {
    values.push_back(json::object{{"Name", name}, {"Value", value}});
  }
  const json::value answer =
      session.aws().json("sagemaker", "SageMaker.StartPipelineExecution",
                         json::object{{"PipelineName", session.spec().training.pipeline},
                                      {"ClientRequestToken", base::Ids().uuid()},
                                      {"PipelineParameters", std::move(values)}});
  return text(answer, "PipelineExecutionArn");
}

Execution describe_execution(Session& session, const std::string& arn) {
  const json::value answer = session.aws().json("sagemaker", "SageMaker.DescribePipelineExecution",
                                                json::object{{"PipelineExecutionArn", arn}});
  return {arn, text(answer, "PipelineExecutionStatus"), text(answer, "FailureReason"),
          read_steps(session, arn)};
}

Execution follow_execution(Session& session, const std::string& arn,
                           const std::function<void(const Execution&)>& on_state) {
  const milliseconds pause = session.aws().config().endpoint.empty() ? kAwsPause : kLocalPause;
  while (true) {
    Execution execution = describe_execution(session, arn);
    on_state(execution);
    if (execution.ended()) return execution;
    std::this_thread::sleep_for(pause);
  }
}

std::string find_execution(Session& session, const std::string& wanted) {
  if (wanted.starts_with("arn:")) return wanted;
  json::object request{{"PipelineName", session.spec().training.pipeline}};
  for (;;) {
    const json::value page =
        session.aws().json("sagemaker", "SageMaker.ListPipelineExecutions", request);
    for (const json::value& execution : list(page, "PipelineExecutionSummaries")) {
      std::string arn = text(execution, "PipelineExecutionArn");
      if (wanted.empty() || arn.ends_with("/" + wanted)) return arn;
    }
    const std::string next = text(page, "NextToken");
    if (next.empty()) break;
    request["NextToken"] = next;
  }
  throw std::runtime_error(wanted.empty()
                               ? fmt::format("the pipeline {} has no execution yet: `beer train`",
                                             session.spec().training.pipeline)
                               : fmt::format("the pipeline {} has no execution {}",
                                             session.spec().training.pipeline, wanted));
}

Place report_place(Session& session, const std::string& execution_arn) {
  return {session.system().models_bucket(),
          execution_arn.substr(execution_arn.rfind('/') + 1) + "/evaluation/report.html"};
}

std::optional<Metrics> read_metrics(Session& session, const std::string& execution_arn) {
  const std::string id = execution_arn.substr(execution_arn.rfind('/') + 1);
  try {
    const std::string report =
        session.s3()
            .get_object(session.system().models_bucket(), id + "/evaluation/evaluation.json")
            .body.string();
    const json::value value = json::parse(report);
    Metrics metrics;
    metrics.mae = number(value, "regression_metrics.mae.value");
    metrics.rmse = number(value, "regression_metrics.rmse.value");
    metrics.r2 = number(value, "regression_metrics.r2.value");
    metrics.baseline_mae = number(value, "baseline_mae");
    if (find(value, "interval.coverage") != nullptr) {
      metrics.coverage = number(value, "interval.coverage");
    }
    if (find(value, "cross_validation.mae") != nullptr) {
      metrics.folds_mae = number(value, "cross_validation.mae");
    }
    metrics.gate_reason = text(value, "gate.reason");
    metrics.train_beers = static_cast<int>(number(value, "counts.train_rows"));
    metrics.test_beers = static_cast<int>(number(value, "counts.test_rows"));
    return metrics;
  } catch (const aws::ServiceError& error) {
    if (error.status() == 404) return std::nullopt;
    throw;
  }
}

Gate judge(const Execution& execution, const std::optional<Metrics>& metrics) {
  const Step* const gate = execution.find_step(kGateStep);
  if (gate == nullptr || gate->outcome.empty() || !metrics) {
    throw std::runtime_error(fmt::format("the pipeline ended as {} before its gate: {}",
                                         execution.status, why_failed(execution)));
  }
  Gate result;
  result.passed = gate->outcome == "True";
  if (result.passed && execution.status != "Succeeded") {
    throw std::runtime_error(fmt::format("the gate passed, but the pipeline ended as {}: {}",
                                         execution.status, why_failed(execution)));
  }
  for (const Step& step : execution.steps) {
    if (!step.package.empty()) result.package = step.package;
  }
  result.reason = metrics->gate_reason;
  return result;
}

}  // namespace cli
