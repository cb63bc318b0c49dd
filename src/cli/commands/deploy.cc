// `beer deploy` and `beer destroy`: one line for each thing that changes.
#include "cli/deploy/deploy.h"

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/local_engine.h"

#include <fmt/format.h>

#include <cstdio>

namespace cli {
namespace {

void print_change(const std::string& verb, const std::string& what) {
  fmt::print("{:<9}{}\n", verb, what);
  std::fflush(stdout);
}

std::string endpoint_of(Session& session) {
  const std::string& endpoint = session.aws().config().endpoint;
  return endpoint.empty() ? fmt::format("AWS, account {} in {}", session.system().account,
                                        session.system().region)
                          : endpoint;
}

}  // namespace

int deploy(const DeployArguments& arguments) {
  Session session(arguments.common);
  std::string source = arguments.source.empty() ? session.spec().source.url : arguments.source;
  check_source(source);
  if (source_kind(source) == SourceKind::kFile) {
    throw UsageError(fmt::format("the source \"{}\" is a file; a function needs a URL", source));
  }
  if (source_kind(source) == SourceKind::kSimulated) source.clear();
  const DeployResult result = deploy(session, {.source_url = source}, print_change);
  fmt::print("{} resources on {}, {} changed\n", result.resources, endpoint_of(session),
             result.changed);
  return kOk;
}

int destroy(const DestroyArguments& arguments) {
  Session session(arguments.common);
  const DeployResult result = arguments.only_models
                                  ? destroy_models(session, print_change)
                                  : destroy(session, arguments.with_data, print_change);
  fmt::print("{} resources removed from {}\n", result.changed, endpoint_of(session));
  return kOk;
}

}  // namespace cli
