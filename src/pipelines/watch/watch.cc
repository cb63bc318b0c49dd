// The watching job.
#include "pipelines/watch/watch.h"

#include "beer/features.h"
#include "lib/base/time_text.h"
#include "pipelines/evaluate/load_model.h"
#include "pipelines/watch/metrics.h"
#include "pipelines/watch/newcomers.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <stdexcept>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::value read_json(const fs::path& file) {
  boost::system::error_code error;
  json::value value = json::parse(read_file(file), error);
  if (error) throw std::runtime_error(fmt::format("{} isn't JSON.", file.string()));
  return value;
}

json::value time_text(std::int64_t milliseconds) {
  if (milliseconds == 0) return nullptr;
  return json::string(base::to_iso8601(base::Timestamp(std::chrono::milliseconds(milliseconds))));
}

std::vector<double> column(const Table& table, std::size_t place) {
  std::vector<double> values;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (const float value = table.row(row)[place]; !std::isnan(value)) values.push_back(value);
  }
  return values;
}

json::object to_json(const Drift& drift) {
  return {{"feature", drift.name},
          {"psi", drift.psi},
          {"ks", drift.ks},
          {"ks_chance", drift.ks_chance},
          {"missing_then", drift.missing_then},
          {"missing_now", drift.missing_now},
          {"outside", drift.outside},
          {"drifted", drift.drifted},
          {"missing_breach", drift.missing_breach},
          {"range_breach", drift.range_breach}};
}

/// The label is a feature too: that brewers state another bitterness is a drift.
std::vector<Drift> drifts_of(const json::value& statistics, const Table& now,
                             const DriftLimits& limits) {
  const auto baselines = read_baselines(statistics);
  std::vector<Drift> drifts;
  for (const Baseline& then : baselines) {
    std::vector<double> values;
    if (then.name == "ibu") {
      values.assign(now.labels.begin(), now.labels.end());
    } else {
      const int place = beer::feature_index(then.name);
      if (place < 0) continue;  // of another version of the list
      values = column(now, static_cast<std::size_t>(place));
    }
    drifts.push_back(drift_of(then, values, now.rows(), limits, baselines.size()));
  }
  std::stable_sort(drifts.begin(), drifts.end(),
                   [](const Drift& a, const Drift& b) { return a.psi > b.psi; });
  return drifts;
}

/// Against the predictions of the beers that the model was judged by.
Drift prediction_drift(const json::value& evaluation, const std::vector<Prediction>& predictions,
                       const DriftLimits& limits) {
  std::vector<double> before, now;
  if (const auto* judged = evaluation.as_object().if_contains("predictions")) {
    for (const json::value& one : judged->as_array()) {
      before.push_back(one.at("prediction").to_number<double>());
    }
  }
  for (const Prediction& prediction : predictions) now.push_back(prediction.ibu);
  const json::object statistics{
      {"features", json::array{monitor::number_statistics("prediction", monitor::Type::kFractional,
                                                          before, before.size())}}};
  return drift_of(read_baselines(statistics).at(0), now, now.size(), limits, 1);
}

struct Error {
  double then = 0, then_deviation = 0, now = 0, now_deviation = 0;
  json::value coverage_then, coverage_now;
  double chance = 1;  ///< of a difference as large when nothing has changed
  bool grown = false;
};

Error error_of(const json::value& evaluation, const Table& now,
               const std::vector<Prediction>& predictions, const WatchOptions& options) {
  Error error;
  const json::value& mae = evaluation.at_pointer("/regression_metrics/mae");
  error.then = mae.at("value").to_number<double>();
  error.then_deviation = mae.at("standard_deviation").to_number<double>();
  const auto count = static_cast<double>(now.rows());
  double sum = 0, squares = 0, held = 0;
  for (std::size_t i = 0; i < now.rows(); ++i) {
    const double one = std::abs(predictions[i].ibu - now.labels[i]);
    sum += one;
    squares += one * one;
    if (predictions[i].interval) held += predictions[i].interval->holds(now.labels[i]);
  }
  error.now = sum / count;
  error.now_deviation = std::sqrt((squares / count - error.now * error.now) / count);
  if (predictions[0].interval) error.coverage_now = held / count;
  boost::system::error_code none;
  if (const auto* then = evaluation.find_pointer("/interval/coverage", none)) {
    error.coverage_then = *then;
  }
  const double deviation = std::hypot(error.then_deviation, error.now_deviation);
  const double growth = error.now - error.then;
  if (deviation > 0) error.chance = 0.5 * std::erfc(growth / deviation / std::sqrt(2.0));
  error.grown = growth > options.error_growth && error.chance < options.error_chance;
  return error;
}

json::object to_json(const Error& error) {
  return {{"then", error.then},
          {"then_deviation", error.then_deviation},
          {"now", error.now},
          {"now_deviation", error.now_deviation},
          {"coverage_then", error.coverage_then},
          {"coverage_now", error.coverage_now},
          {"chance", error.chance},
          {"grown", error.grown}};
}

std::string reason_of(const std::vector<std::string>& drifted, const Error& error,
                      const Drift& prediction, std::size_t beers) {
  constexpr std::size_t kNamed = 5;
  std::vector<std::string> said;
  if (!drifted.empty()) {
    const std::vector<std::string> first(
        drifted.begin(),
        drifted.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, drifted.size())));
    said.push_back(fmt::format("{} feature{} ({}{})", drifted.size(),
                               drifted.size() == 1 ? " has drifted" : "s have drifted",
                               fmt::join(first, ", "), drifted.size() > kNamed ? ", …" : ""));
  }
  if (prediction.breached()) said.emplace_back("the predictions have drifted");
  if (error.grown) {
    said.push_back(
        fmt::format("the error has grown from {:.1f} to {:.1f} IBU", error.then, error.now));
  }
  if (said.empty()) {
    return fmt::format("Nothing has drifted on {} new beers: MAE {:.1f} IBU, {:.1f} at training.",
                       beers, error.now, error.then);
  }
  return fmt::format("On {} new beers {}.", beers, fmt::join(said, "; "));
}

/// One entry for each limit that is breached, by Model Monitor's names of checks.
json::object violations(const std::vector<Drift>& drifts) {
  json::array list;
  const auto add = [&](const Drift& drift, const char* check, const std::string& description) {
    list.push_back(json::object{{"feature_name", drift.name},
                                {"constraint_check_type", check},
                                {"description", description}});
  };
  for (const Drift& drift : drifts) {
    if (drift.drifted) {
      add(drift, "baseline_drift_check",
          fmt::format("PSI {:.3f}, distance {:.3f} from the baseline", drift.psi, drift.ks));
    }
    if (drift.missing_breach) {
      add(drift, "completeness_check",
          fmt::format("{:.1f} % are missing, {:.1f} % of the baseline", 100 * drift.missing_now,
                      100 * drift.missing_then));
    }
    if (drift.range_breach) {
      add(drift, "data_type_check",
          fmt::format("{:.1f} % lie out of the baseline's range", 100 * drift.outside));
    }
  }
  return {{"violations", std::move(list)}};
}

}  // namespace

void watch(const Folders& folders, const WatchOptions& options, std::ostream& log) {
  const Newcomers found =
      find_newcomers(folders.processing("input"), folders.processing("rows"), options.window);
  const Table& now = found.table;
  json::object report{{"model", options.version},
                      {"beers", now.rows()},
                      {"new_beers", found.beers},
                      {"since", time_text(found.since)},
                      {"until", time_text(found.until)}};
  const fs::path out = folders.processing("drift");
  const auto finish = [&](const std::string& reason) {
    report["reason"] = reason;
    write_file(out / "drift.json", json::serialize(report) + "\n");
    write_file(folders.message(), reason);
    log << reason << "\n";
  };
  if (now.rows() < options.minimum) {
    report["breached"] = false;
    return finish(
        fmt::format("Only {} beers with an IBU have come since the model was trained; "
                    "{} are the fewest that tell.",
                    now.rows(), options.minimum));
  }
  const Model model = load_model(folders.processing("model"));
  const json::value evaluation = read_json(folders.processing("evaluation") / "evaluation.json");
  const auto drifts =
      drifts_of(read_json(folders.processing("baseline") / "statistics.json"), now, options.limits);
  const auto predictions = model.predict(now);
  const Drift prediction = prediction_drift(evaluation, predictions, options.limits);
  const Error error = error_of(evaluation, now, predictions, options);
  std::vector<std::string> drifted;
  json::array features, names;
  for (const Drift& drift : drifts) {
    features.push_back(to_json(drift));
    if (!drift.breached()) continue;
    drifted.push_back(drift.name);
    names.push_back(json::string(drift.name));
  }
  report["features"] = std::move(features);
  report["prediction"] = to_json(prediction);
  report["error"] = to_json(error);
  report["drifted"] = std::move(names);
  report["breached"] = !drifted.empty() || prediction.breached() || error.grown;
  write_file(out / "constraint_violations.json", json::serialize(violations(drifts)) + "\n");
  finish(reason_of(drifted, error, prediction, now.rows()));
  if (!options.metric_namespace.empty()) {
    send_metrics(report, options.metric_namespace, options.metric_group);
  }
}

}  // namespace pipelines
