// What `beer run` came to: for people, and as one JSON object.
#include "cli/commands/run_report.h"

#include "cli/calls/json.h"
#include "cli/output/table.h"

#include <fmt/format.h>

#include <cmath>

namespace cli {
namespace {

json::object pipeline_json(const Execution& execution) {
  json::array steps;
  for (const Step& step : execution.steps) {
    steps.push_back(
        json::object{{"name", step.name}, {"status", step.status}, {"seconds", step.seconds}});
  }
  return {
      {"status", execution.status}, {"execution_arn", execution.arn}, {"steps", std::move(steps)}};
}

json::object seconds_json(const RunReport& report) {
  json::object seconds;
  for (const auto& [name, value] : report.seconds) seconds[name] = value;
  seconds["total"] = report.total;
  return seconds;
}

json::value prediction_json(const RunReport& report) {
  if (report.sample.empty()) return nullptr;
  return json::object{{"input", json::parse(report.sample)},
                      {"ibu", report.prediction.ibu},
                      {"interval", interval_json(report.prediction)}};
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

std::string label_of(const json::value& beer) {
  const json::value* const ibu = find(beer, "ibu");
  return ibu != nullptr && ibu->is_number()
             ? fmt::format("; its label says {:g}", ibu->to_number<double>())
             : "; it has no label";
}

std::string coverage_text(const Metrics& metrics) {
  if (!metrics.coverage) return "no intervals: SageMaker's XGBoost calibrates none";
  return fmt::format("{:.0f} % within their 90 % interval", 100 * *metrics.coverage);
}

void add_change(Table& table, const ChangeOfTaste& change) {
  table.add({"the taste", fmt::format("changed, and was noticed {} beers later", change.beers)});
  table.add(
      {"drifted", fmt::format("{} features: {}{}", change.drifted, fmt::join(change.features, ", "),
                              change.drifted > change.features.size() ? ", …" : "")});
  table.add(
      {"old error", fmt::format("MAE {:.2f} IBU at training, {:.2f} on the new beers (simulated)",
                                change.error_then, change.error_now)});
  table.add({"new model", fmt::format("MAE {:.2f} IBU on {} held-out beers (simulated); {}",
                                      change.metrics.mae, change.metrics.test_beers,
                                      change.version > 0
                                          ? fmt::format("registered as version {}", change.version)
                                          : "not registered")});
  table.add({"its gate",
             fmt::format("{}: {}", change.gate.passed ? "passed" : "REFUSED", change.gate.reason)});
}

json::value change_json(const std::optional<ChangeOfTaste>& change) {
  if (!change) return nullptr;
  json::array features;
  for (const std::string& name : change->features) features.push_back(json::string(name));
  return json::object{{"noticed_after_beers", change->beers},
                      {"drifted_features", change->drifted},
                      {"features", std::move(features)},
                      {"error_at_training", change->error_then},
                      {"error_on_new_beers", change->error_now},
                      {"reason", change->reason},
                      {"new_mae", change->metrics.mae},
                      {"gate", {{"passed", change->gate.passed}, {"reason", change->gate.reason}}},
                      {"version", change->version}};
}

std::string summary_table(const RunReport& report) {
  const char* const simulated = report.simulated ? " (simulated)" : "";
  Table table({"what", "result"});
  table.add({"beers", fmt::format("{} from {}", grouped(report.beers), report.source)});
  table.add({"lake", fmt::format("{} raw = {} cleaned + {} rejected", grouped(report.raw),
                                 grouped(report.cleaned), grouped(report.rejected))});
  table.add({"Athena", fmt::format("{} rows in the table", grouped(report.rows))});
  const Metrics& metrics = report.metrics;
  table.add(
      {"model", fmt::format("MAE {:.2f} IBU on {} held-out beers; always the mean: {:.2f}{}",
                            metrics.mae, metrics.test_beers, metrics.baseline_mae, simulated)});
  table.add({"", fmt::format("RMSE {:.2f}, R2 {:.2f}, {}{}", metrics.rmse, metrics.r2,
                             coverage_text(metrics), simulated)});
  if (metrics.folds_mae) {
    table.add({"", fmt::format("MAE {:.2f} over folds of the other {} beers{}", *metrics.folds_mae,
                               metrics.train_beers, simulated)});
  }
  table.add({"gate",
             fmt::format("{}: {}", report.gate.passed ? "passed" : "REFUSED", report.gate.reason)});
  if (!report.sample.empty()) {
    const json::value beer = json::parse(report.sample);
    const BeerPrediction& prediction = report.prediction;
    table.add(
        {"prediction", fmt::format("\"{}\": {:.0f} IBU, {}{}{}", text(beer, "name"), prediction.ibu,
                                   interval_text(prediction, 0), label_of(beer), simulated)});
    table.add({"because", because(prediction, 3)});
  }
  if (report.change) add_change(table, *report.change);
  table.add({"took", fmt::format("{:.1f} s", report.total)});
  return table.to_text();
}

std::string next_steps(const RunReport& report) {
  std::string out = "\nWhere to look next\n";
  const auto add = [&](const char* what, const std::string& how) {
    out += fmt::format("  {:<18}{}\n", what, how);
  };
  add("the lake", report.lake);
  if (report.version > 0) {
    add("the model",
        fmt::format("version {} of its group, {}", report.version, report.gate.package));
  }
  add("keep it running", fmt::format("beer up --data {}", report.data));
  add("and then query", fmt::format("beer query --data {} \"SELECT name, abv, ibu FROM cleaned "
                                    "ORDER BY ibu DESC LIMIT 10\"",
                                    report.data));
  if (report.change) add("what drifted", fmt::format("beer drift --data {}", report.data));
  add("or use its tools", fmt::format("eval $(beer env --data {}); aws s3 ls", report.data));
  return out;
}

}  // namespace

std::string because(const BeerPrediction& prediction, std::size_t most) {
  std::string out;
  for (const auto& [feature, ibu] : prediction.contributions) {
    if (most-- == 0) break;
    out += fmt::format("{}{} {:+.1f}", out.empty() ? "" : ", ", feature, ibu);
  }
  if (!prediction.expected) return out;
  return fmt::format("{:.1f} on average{}{}", *prediction.expected, out.empty() ? "" : ", ", out);
}

std::string to_json(const RunReport& report) {
  const Metrics& metrics = report.metrics;
  return json::serialize(
      json::object{{"source", report.source},
                   {"simulated", report.simulated},
                   {"beers_ingested", report.beers},
                   {"raw_records", report.raw},
                   {"cleaned_records", report.cleaned},
                   {"rejected_records", report.rejected},
                   {"athena_rows", report.rows},
                   {"pipeline", pipeline_json(report.execution)},
                   {"metrics",
                    {{"mae", metrics.mae},
                     {"rmse", metrics.rmse},
                     {"r2", metrics.r2},
                     {"baseline_mae", metrics.baseline_mae},
                     {"folds_mae", metrics.folds_mae ? json::value(*metrics.folds_mae) : nullptr}}},
                   {"gate", {{"passed", report.gate.passed}, {"reason", report.gate.reason}}},
                   {"model_package_arn", text_or_null(report.gate.package)},
                   {"endpoint", text_or_null(report.endpoint)},
                   {"prediction", prediction_json(report)},
                   {"drift", change_json(report.change)},
                   {"data", report.data},
                   {"seconds", seconds_json(report)}});
}

std::string to_text(const RunReport& report) {
  return "\n" + report.summary.to_table().to_text() + "\n" + summary_table(report) +
         next_steps(report);
}

}  // namespace cli
