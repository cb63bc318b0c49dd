// `beer models`, `approve`, `promote` and `rollback`: the registry, and what serves.
#include "cli/calls/pipeline.h"
#include "cli/calls/registry.h"
#include "cli/calls/serving.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/output/table.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

constexpr const char* kApproved = "Approved";
constexpr const char* kPending = "PendingManualApproval";

std::string time_text(double epoch_seconds) {
  const base::Timestamp time{base::Milliseconds(static_cast<std::int64_t>(epoch_seconds * 1000))};
  return base::format_utc(time, "%Y-%m-%d %H:%M:%S");
}

int served_version(Session& session) {
  const auto state = find_endpoint_state(session);
  return state ? state->version : 0;
}

void require_approved(const ModelPackage& package) {
  if (package.approval == kApproved) return;
  throw std::runtime_error(
      fmt::format("version {} is {}, and only approved models are served: `beer approve {}` first",
                  package.version, package.approval, package.version));
}

}  // namespace

int models(const Common& common) {
  Session session(common);
  const int serving = served_version(session);
  Table table({"version", "approval", "created (UTC)", "MAE", "baseline", "serving"});
  for (const ModelPackage& listed : list_packages(session)) {
    const ModelPackage package = describe_package(session, listed.arn);
    const auto metrics =
        package.execution.empty() ? std::nullopt : read_metrics(session, package.execution);
    table.add({std::to_string(package.version), package.approval, time_text(package.created),
               metrics ? fmt::format("{:.2f}", metrics->mae) : "",
               metrics ? fmt::format("{:.2f}", metrics->baseline_mae) : "",
               package.version == serving ? "yes" : ""});
  }
  if (table.rows() == 0) {
    fmt::print("the group {} holds no model yet: `beer train` registers one when the gate passes\n",
               session.spec().registry.group);
  } else {
    fmt::print("{}", table.to_text());
  }
  return kOk;
}

int approve(const VersionOptions& options) {
  Session session(options.common);
  const std::string wanted = options.reject ? "Rejected" : kApproved;
  const ModelPackage package = choose_package(session, options.version, kPending);
  if (package.approval == wanted) {
    fmt::print("version {} is {} already\n", package.version, wanted);
    return kOk;
  }
  set_approval(session, package.arn, wanted);
  fmt::print("version {} is {} now{}\n", package.version, wanted,
             options.reject ? "" : fmt::format(": `beer promote {}` serves it", package.version));
  return kOk;
}

int promote(const VersionOptions& options) {
  Session session(options.common);
  const ModelPackage package = choose_package(session, options.version, kApproved);
  require_approved(package);
  const int before = served_version(session);
  promote(session, package);
  fmt::print("endpoint {} serves version {}{}\n", session.spec().endpoint.name, package.version,
             before > 0 && before != package.version ? fmt::format(", before it {}", before) : "");
  return kOk;
}

int rollback(const Common& common) {
  Session session(common);
  const int serving = served_version(session);
  const std::string& endpoint = session.spec().endpoint.name;
  if (serving == 0) {
    throw std::runtime_error(
        fmt::format("the endpoint {} serves no model of ours: `beer promote` one", endpoint));
  }
  const std::vector<int> served = served_versions(session);
  const std::vector<ModelPackage> packages = list_packages(session);  // the newest first
  for (const ModelPackage& package : packages) {
    const bool did_serve = std::find(served.begin(), served.end(), package.version) != served.end();
    if (package.version >= serving || !did_serve || package.approval != kApproved) continue;
    promote(session, package);
    fmt::print("endpoint {} serves version {} again, instead of {}\n", endpoint, package.version,
               serving);
    return kOk;
  }
  throw std::runtime_error(
      fmt::format("no approved version before {} ever served at {}: there is nothing to go back to",
                  serving, endpoint));
}

}  // namespace cli
