// The monitoring job.
#include "pipelines/monitor/monitor.h"

#include "pipelines/monitor/constraints.h"
#include "pipelines/monitor/model_quality.h"
#include "pipelines/monitor/statistics.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <ostream>
#include <stdexcept>
#include <string_view>

namespace pipelines::monitor {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// The environment, with its paths where the folders are.
class Settings {
 public:
  Settings(const Folders& folders, const Environment& environment)
      : folders_(folders), environment_(environment) {}

  std::optional<std::string> find(const char* name) const {
    auto value = environment_(name);
    return value && !value->empty() ? value : std::nullopt;
  }
  std::string text(const char* name) const {
    if (auto value = find(name)) return *value;
    throw std::runtime_error(fmt::format("The job's environment has no {}.", name));
  }
  std::optional<fs::path> find_path(const char* name) const {
    constexpr std::string_view kRoot = "/opt/ml/";
    const auto value = find(name);
    if (!value) return std::nullopt;
    if (!value->starts_with(kRoot)) return fs::path(*value);
    return folders_.root / value->substr(kRoot.size());
  }
  fs::path path(const char* name) const {
    text(name);
    return *find_path(name);
  }

 private:
  const Folders& folders_;
  const Environment& environment_;
};

void refuse_scripts(const Settings& settings) {
  for (const char* name : {"record_preprocessor_script", "post_analytics_processor_script"}) {
    if (settings.find(name)) {
      throw std::runtime_error(
          fmt::format("A {} is Python that AWS's own image runs; this program runs none.", name));
    }
  }
}

json::value read_json(const fs::path& file) {
  boost::system::error_code error;
  json::value value = json::parse(read_file(file), error);
  if (error) throw std::runtime_error(fmt::format("{} isn't JSON.", file.string()));
  return value;
}

/// What an analysis gives; violations only against a baseline.
struct Analysis {
  json::object statistics, constraints;
  std::optional<json::object> violations;
};

Analysis analyse_data(const Settings& settings, const Dataset& data) {
  Analysis result{statistics(data), suggest_constraints(data), {}};
  if (const auto baseline = settings.find_path("baseline_constraints")) {
    const auto before = settings.find_path("baseline_statistics");
    result.violations = check_constraints(
        data, result.statistics, before ? read_json(*before) : json::value(), read_json(*baseline));
  }
  return result;
}

Analysis analyse_model(const Settings& settings, const Dataset& data) {
  const std::string problem = settings.text("problem_type");
  if (problem != "Regression") {
    throw std::runtime_error(
        fmt::format("The problem_type {} isn't judged here; Regression is.", problem));
  }
  Analysis result;
  result.statistics = regression_quality(
      data, {settings.text("inference_attribute"), settings.text("ground_truth_attribute")});
  result.constraints = suggest_quality_constraints(result.statistics);
  if (const auto baseline = settings.find_path("baseline_constraints")) {
    result.violations = check_quality(result.statistics, read_json(*baseline));
  }
  return result;
}

std::string message_of(const Analysis& analysis) {
  const std::size_t count =
      analysis.violations ? analysis.violations->at("violations").as_array().size() : 0;
  if (count == 0) return "Completed: Job completed successfully with no violations.";
  return fmt::format("CompletedWithViolations: Job completed successfully with {} violations.",
                     count);
}

}  // namespace

void monitor(const Folders& folders, const Environment& environment, std::ostream& log) {
  const Settings settings(folders, environment);
  refuse_scripts(settings);
  const Dataset data =
      read_dataset(settings.path("dataset_source"), Format::parse(settings.text("dataset_format")));
  const std::string type = settings.find("analysis_type").value_or("DATA_QUALITY");
  if (type != "DATA_QUALITY" && type != "MODEL_QUALITY") {
    throw std::runtime_error(fmt::format(
        "The analysis_type {} isn't done here: DATA_QUALITY and MODEL_QUALITY are.", type));
  }
  const Analysis analysis =
      type == "MODEL_QUALITY" ? analyse_model(settings, data) : analyse_data(settings, data);
  const fs::path out = settings.path("output_path");
  write_file(out / "statistics.json", json::serialize(analysis.statistics) + "\n");
  write_file(out / "constraints.json", json::serialize(analysis.constraints) + "\n");
  if (analysis.violations) {
    write_file(out / "constraint_violations.json", json::serialize(*analysis.violations) + "\n");
  }
  const std::string message = message_of(analysis);
  write_file(folders.message(), message);
  log << fmt::format("{} records of {} columns\n{}\n", data.rows, data.columns.size(), message);
}

}  // namespace pipelines::monitor
