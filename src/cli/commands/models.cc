// `beer models`, `approve`, `promote` and `rollback`: the registry, and what serves.
#include "cli/calls/champion.h"
#include "cli/calls/lineage.h"
#include "cli/calls/pipeline.h"
#include "cli/calls/registry.h"
#include "cli/calls/serving.h"
#include "cli/calls/serving_log.h"
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

namespace {

/// The execution that made it: "beer-ibu/7h2k…".
std::string maker(const ModelPackage& package) {
  const auto at = package.execution.find(":pipeline/");
  if (at == package.execution.npos) return package.execution;
  std::string name = package.execution.substr(at + sizeof ":pipeline/" - 1);
  const auto middle = name.find("/execution/");
  if (middle != name.npos) name.replace(middle, sizeof "/execution/" - 1, "/");
  return name;
}

/// The first digits of the digests of what it was trained on; "" where no lineage is kept.
std::string data_digests(Session& session, const ModelPackage& package) try {
  constexpr std::size_t kDigits = 8;
  std::vector<std::string> digests;
  for (const DataSet& data : data_of_model(session, package.model_url)) {
    if (!data.digest.empty()) digests.push_back(data.digest.substr(0, kDigits));
  }
  return fmt::format("{}", fmt::join(digests, " "));
} catch (const aws::ServiceError&) {
  return "";
}

int history(Session& session) {
  Table table({"time (UTC)", "action", "version", "before", "by"});
  for (const Served& line : serving_log(session)) {
    table.add({line.time, line.action, std::to_string(line.version),
               line.before > 0 ? std::to_string(line.before) : "", line.by});
  }
  if (table.rows() == 0) {
    fmt::print("the endpoint {} has served nothing yet: `beer promote` makes it\n",
               session.spec().endpoint.name);
  } else {
    fmt::print("{}", table.to_text());
  }
  return kOk;
}

void promote_and_note(Session& session, const ModelPackage& package, const std::string& action,
                      int before) {
  promote(session, package);
  if (before != package.version) {
    note_served(session, {.action = action, .version = package.version, .before = before});
  }
}

/// Versions to go back to, the best first: what stood before in the log; where there is none, lower
/// versions that the endpoint has a configuration of.
std::vector<int> versions_before(Session& session, int serving) {
  std::vector<int> versions = standing_versions(serving_log(session));
  const bool logged = !versions.empty() && versions.back() == serving;
  if (!logged) {
    versions = served_versions(session);
    std::erase_if(versions, [&](int version) { return version >= serving; });
  } else {
    versions.pop_back();
  }
  std::reverse(versions.begin(), versions.end());
  return versions;
}

}  // namespace

int models(const ModelsOptions& options) {
  Session session(options.common);
  if (options.history) return history(session);
  const int serving = served_version(session);
  Table table(
      {"version", "approval", "created (UTC)", "MAE", "baseline", "made by", "data", "serving"});
  for (const ModelPackage& listed : list_packages(session)) {
    const ModelPackage package = describe_package(session, listed.arn);
    const auto metrics =
        package.execution.empty() ? std::nullopt : read_metrics(session, package.execution);
    table.add({std::to_string(package.version), package.approval, time_text(package.created),
               metrics ? fmt::format("{:.2f}", metrics->mae) : "",
               metrics ? fmt::format("{:.2f}", metrics->baseline_mae) : "", maker(package),
               data_digests(session, package), package.version == serving ? "yes" : ""});
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
  crown_for_retraining(session);
  watch_from_now_on(session);
  fmt::print("version {} is {} now{}\n", package.version, wanted,
             options.reject ? "" : fmt::format(": `beer promote {}` serves it", package.version));
  return kOk;
}

int promote(const VersionOptions& options) {
  Session session(options.common);
  const ModelPackage package = choose_package(session, options.version, kApproved);
  require_approved(package);
  const int before = served_version(session);
  promote_and_note(session, package, "promote", before);
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
  const std::vector<ModelPackage> packages = list_packages(session);
  for (const int version : versions_before(session, serving)) {
    const auto package =
        std::find_if(packages.begin(), packages.end(), [&](const ModelPackage& package) {
          return package.version == version && package.approval == kApproved;
        });
    if (package == packages.end()) continue;
    promote_and_note(session, *package, "rollback", serving);
    fmt::print("endpoint {} serves version {} again, instead of {}\n", endpoint, version, serving);
    return kOk;
  }
  throw std::runtime_error(
      fmt::format("no approved version before {} ever served at {}: there is nothing to go back to",
                  serving, endpoint));
}

}  // namespace cli
