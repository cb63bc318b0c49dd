// `beer explain`: why each step of an execution ran, or didn't have to.
#include "cli/calls/json.h"
#include "cli/calls/pipeline.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace cli {
namespace {

/// The engine's own page: AWS doesn't tell what its cache compared.
json::value explanation(Session& session, const std::string& arn) {
  if (session.aws().config().endpoint.empty()) {
    throw std::runtime_error("AWS doesn't tell why its step cache missed; only an engine does");
  }
  const auto answer = session.aws().rest("sagemaker", "GET",
                                         "/_engine/explain?execution=" + base::percent_encode(arn));
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
               source.empty()
                   ? ""
                   : fmt::format(" (compared with {})", source.substr(source.rfind('/') + 1)));
    for (const json::value& change : list(step, "Changes")) {
      fmt::print("{:<20}       {}\n", "", change_text(change));
    }
  }
}

}  // namespace

int explain(const ExplainOptions& options) {
  Session session(options.common);
  const json::value told = explanation(session, find_execution(session, options.execution));
  if (options.json) {
    fmt::print("{}\n", json::serialize(told));
  } else {
    print(told);
  }
  return kOk;
}

}  // namespace cli
