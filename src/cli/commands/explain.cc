// `beer explain`: why each step of an execution ran, or didn't have to.
#include "cli/calls/json.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace cli {
namespace {

/// The execution meant: an ARN, the id of one of the spec's pipeline, or its last one.
std::string execution_arn(Session& session, const std::string& wanted) {
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

/// The engine's own page: AWS doesn't tell what its cache compared.
json::value explanation(Session& session, const std::string& arn) {
  if (session.aws().config().endpoint.empty()) {
    throw std::runtime_error("AWS doesn't tell why its step cache missed; only an engine does");
  }
  const auto answer = session.aws().rest(
      "sagemaker", "GET", "/_engine/explain?execution=" + base::percent_encode(arn));
  return json::parse(answer.body.string());
}

/// "eta 0.1 → 0.2"
std::string change_text(const json::value& change) {
  const auto side = [&](const char* name) {
    const auto* value = find(change, name);
    return value == nullptr ? std::string("(none)") : text(change, name);
  };
  return fmt::format("{} {} → {}", text(change, "What"), side("Before"), side("After"));
}

void print(const json::value& told) {
  fmt::print("{}\n", text(told, "PipelineExecutionArn"));
  for (const json::value& step : list(told, "Steps")) {
    const std::string source = text(step, "Source");
    fmt::print("{:<20} {:<5} {}{}\n", text(step, "Step"), text(step, "Cache"), text(step, "Why"),
               source.empty() ? ""
                              : fmt::format(" (compared with {})",
                                            source.substr(source.rfind('/') + 1)));
    for (const json::value& change : list(step, "Changes")) {
      fmt::print("{:<20}       {}\n", "", change_text(change));
    }
  }
}

}  // namespace

int explain(const ExplainOptions& options) {
  Session session(options.common);
  const json::value told = explanation(session, execution_arn(session, options.execution));
  if (options.json) {
    fmt::print("{}\n", json::serialize(told));
  } else {
    print(told);
  }
  return kOk;
}

}  // namespace cli
