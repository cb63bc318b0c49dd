// `beer report`: an execution's evaluation as a page, from the models' bucket to a file.
#include "cli/calls/pipeline.h"
#include "cli/calls/registry.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "lib/aws/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace cli {
namespace {

/// An execution's id is longer, and has letters.
std::optional<int> version_in(const std::string& which) {
  constexpr std::size_t kMostDigits = 9;
  const bool digits =
      std::all_of(which.begin(), which.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (which.empty() || which.size() > kMostDigits || !digits) return std::nullopt;
  return std::stoi(which);
}

/// The execution that made a version, or the one that is meant.
std::string execution_of(Session& session, const std::string& which) {
  const auto version = version_in(which);
  if (!version) return find_execution(session, which);
  const std::string arn =
      describe_package(session, choose_package(session, version, "").arn).execution;
  if (!arn.empty()) return arn;
  throw std::runtime_error(
      fmt::format("version {} wasn't registered by a pipeline, so it has no report", *version));
}

std::string fetch(Session& session, const std::string& execution) {
  const Place place = report_place(session, execution);
  try {
    return session.s3().get_object(place.bucket, place.key).body.string();
  } catch (const aws::ServiceError& error) {
    if (error.status() != 404) throw;
    throw std::runtime_error(
        fmt::format("there is no s3://{}/{}: the execution didn't get as far as its evaluation",
                    place.bucket, place.key));
  }
}

}  // namespace

int report(const ReportOptions& options) {
  Session session(options.common);
  const std::string execution = execution_of(session, options.which);
  const std::string page = fetch(session, execution);
  const std::string id =
      version_in(options.which) ? options.which : execution.substr(execution.rfind('/') + 1);
  const std::string path =
      options.output.empty() ? fmt::format("report-{}.html", id) : options.output;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << page;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("{} can't be written", path));
  fmt::print("{}\n", std::filesystem::absolute(path).string());
  return kOk;
}

}  // namespace cli
