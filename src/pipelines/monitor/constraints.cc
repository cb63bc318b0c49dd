// Constraints suggested, and checked.
#include "pipelines/monitor/constraints.h"

#include "pipelines/monitor/statistics.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace pipelines::monitor {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostDomains = 20;

const json::value* find(const json::value& from, const std::string& pointer) {
  boost::system::error_code error;
  const auto* found = from.find_pointer(pointer, error);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

/// The element of `features` with that name.
const json::value* feature(const json::value& from, std::string_view name) {
  const auto* features = find(from, "/features");
  if (features == nullptr || !features->is_array()) return nullptr;
  for (const json::value& one : features->as_array()) {
    const auto* called = find(one, "/name");
    if (called && called->is_string() && std::string_view(called->as_string()) == name) return &one;
  }
  return nullptr;
}

double completeness(const Column& column) {
  return column.values.empty()
             ? 0
             : static_cast<double>(column.present()) / static_cast<double>(column.values.size());
}

bool never_negative(const std::vector<double>& values) {
  return std::none_of(values.begin(), values.end(), [](double value) { return value < 0; });
}

/// Checks one dataset; a method for each kind of check.
class Checker {
 public:
  Checker(const json::value& current, const json::value& baseline, const json::value& constraints)
      : current_(current), baseline_(baseline), constraints_(constraints) {}

  json::object run(const Dataset& data) {
    if (!find(constraints_, "/features")) {
      throw std::runtime_error("The baseline's constraints have no \"features\".");
    }
    if (setting_text("", "evaluate_constraints", "Enabled") == "Enabled") {
      check_columns(data);
      for (const Column& column : data.columns) {
        if (const auto* wanted = feature(constraints_, column.name)) check(column, *wanted);
      }
    }
    return {{"violations", std::move(violations_)}};
  }

 private:
  void add(std::string_view name, const char* type, const std::string& description) {
    violations_.push_back(
        json::object{{"feature_name", json::string_view(name.data(), name.size())},
                     {"constraint_check_type", type},
                     {"description", description}});
  }

  void check_columns(const Dataset& data) {
    std::size_t wanted = 0;
    for (const json::value& one : constraints_.at("features").as_array()) {
      ++wanted;
      const std::string name(one.at("name").as_string());
      if (data.find(name) == nullptr) missing_.insert(name);
    }
    const auto counts = fmt::format(
        "Number of columns in current dataset: {}, Number of columns in baseline constraints: {}",
        data.columns.size(), wanted);
    for (const std::string& name : missing_) {
      add(name, "missing_column_check",
          fmt::format("There are missing columns in current dataset. {}", counts));
    }
    for (const Column& column : data.columns) {
      if (feature(constraints_, column.name) != nullptr) continue;
      add(column.name, "extra_column_check",
          fmt::format("There are extra columns in current dataset. {}", counts));
    }
  }

  void check(const Column& column, const json::value& wanted) {
    const auto* type = find(wanted, "/inferred_type");
    if (type && type->is_string()) check_type(column, type_from(type->as_string()));
    if (const auto* share = find(wanted, "/completeness")) {
      const double least = share->to_number<double>(), found = completeness(column);
      if (found < least) {
        add(column.name, "completeness_check",
            fmt::format("Data completeness requirement is not met. Expected completeness: {}%. "
                        "Observed: Only {}% of data is present.",
                        percent(least), percent(found)));
      }
    }
    if (const auto* positive = find(wanted, "/num_constraints/is_non_negative")) {
      if (positive->as_bool() && !never_negative(column.numbers())) {
        add(column.name, "data_type_check",
            "Non-negative requirement is not met. There are values below 0.");
      }
    }
    if (const auto* domains = find(wanted, "/string_constraints/domains")) {
      check_domains(column, domains->as_array());
    }
    check_drift(column);
  }

  void check_type(const Column& column, Type expected) {
    if (expected == Type::kUnknown || expected == Type::kString || column.present() == 0) return;
    std::size_t matching = 0;
    for (const Value& value : column.values) matching += value && type_of(*value) <= expected;
    const double share = static_cast<double>(matching) / static_cast<double>(column.present());
    const double least = setting(column.name, "datatype_check_threshold", 1.0);
    if (share >= least) return;
    add(column.name, "data_type_check",
        fmt::format("Data type match requirement is not met. Expected data type: {}, Expected "
                    "match: {}%. Observed: Only {}% of data is {}.",
                    to_string(expected), percent(least), percent(share), to_string(expected)));
  }

  void check_domains(const Column& column, const json::array& domains) {
    std::set<std::string_view> known;
    for (const json::value& one : domains) known.insert(std::string_view(one.as_string()));
    std::size_t matching = 0;
    for (const Value& value : column.values) matching += value && known.contains(*value);
    if (column.present() == 0) return;
    const double share = static_cast<double>(matching) / static_cast<double>(column.present());
    const double least = setting(column.name, "domain_content_threshold", 1.0);
    if (share >= least) return;
    add(column.name, "categorical_values_check",
        fmt::format("Categorical values requirement is not met. Expected match: {}%. Observed: "
                    "Only {}% of data is among the baseline's values.",
                    percent(least), percent(share)));
  }

  void check_drift(const Column& column) {
    const auto* before = feature(baseline_, column.name);
    const auto* now = feature(current_, column.name);
    if (!before || !now) return;
    const std::string at = "distribution_constraints/";
    if (setting_text(column.name, at + "perform_comparison", "Enabled") != "Enabled") return;
    const Distribution one = distribution_of(*before), other = distribution_of(*now);
    if (one.texts.empty() != other.texts.empty()) return;  // another type: told already
    const bool robust = setting_text(column.name, at + "comparison_method", "Robust") == "Robust";
    const double found = robust ? robust_distance(one, other) : distance(one, other);
    const double most = setting(column.name, at + "comparison_threshold", 0.1);
    if (found <= most) return;
    add(column.name, "baseline_drift_check",
        fmt::format("Baseline drift distance: {:.4g} exceeds threshold: {:g}", found, most));
  }

  const json::value* find_setting(std::string_view column, const std::string& name) const {
    if (const auto* own = feature(constraints_, column)) {
      if (const auto* value = find(*own, "/monitoringConfigOverrides/" + name)) return value;
    }
    return find(constraints_, "/monitoring_config/" + name);
  }
  double setting(std::string_view column, const std::string& name, double fallback) const {
    const auto* value = find_setting(column, name);
    return value && value->is_number() ? value->to_number<double>() : fallback;
  }
  std::string setting_text(std::string_view column, const std::string& name,
                           const char* fallback) const {
    const auto* value = find_setting(column, name);
    return value && value->is_string() ? std::string(value->as_string()) : fallback;
  }

  static std::string percent(double share) {
    const double hundreds = 100 * share;
    return hundreds == static_cast<int>(hundreds) ? fmt::format("{:.1f}", hundreds)
                                                  : fmt::format("{:.6g}", hundreds);
  }

  const json::value& current_;
  const json::value& baseline_;
  const json::value& constraints_;
  std::set<std::string> missing_;
  json::array violations_;
};

}  // namespace

json::object number_constraints(std::string_view name, Type type, double completeness,
                                bool non_negative) {
  json::object column{{"name", json::string_view(name.data(), name.size())},
                      {"inferred_type", to_string(type)},
                      {"completeness", completeness}};
  if (type != Type::kUnknown) column["num_constraints"] = {{"is_non_negative", non_negative}};
  return column;
}

json::object column_constraints(const Column& column) {
  const Type type = column.type();
  if (type != Type::kString) {
    return number_constraints(column.name, type, completeness(column),
                              never_negative(column.numbers()));
  }
  json::object result{{"name", column.name},
                      {"inferred_type", to_string(type)},
                      {"completeness", completeness(column)}};
  std::set<std::string> domains;
  for (const Value& value : column.values) {
    if (value) domains.insert(*value);
    if (domains.size() > kMostDomains) return result;
  }
  json::array list;
  for (const std::string& domain : domains) list.push_back(json::string(domain));
  result["string_constraints"] = {{"domains", std::move(list)}};
  return result;
}

json::object monitoring_config() {
  return {{"evaluate_constraints", "Enabled"},
          {"emit_metrics", "Enabled"},
          {"datatype_check_threshold", 1.0},
          {"domain_content_threshold", 1.0},
          {"distribution_constraints",
           {{"perform_comparison", "Enabled"},
            {"comparison_threshold", 0.1},
            {"comparison_method", "Robust"}}}};
}

json::object suggest_constraints(const Dataset& data) {
  json::array features;
  for (const Column& column : data.columns) features.push_back(column_constraints(column));
  return {{"version", 0.0},
          {"features", std::move(features)},
          {"monitoring_config", monitoring_config()}};
}

json::object check_constraints(const Dataset& data, const json::object& current_statistics,
                               const json::value& baseline_statistics,
                               const json::value& constraints) {
  const json::value current(current_statistics);
  return Checker(current, baseline_statistics, constraints).run(data);
}

}  // namespace pipelines::monitor
