// Predictions as text, written digit by digit: a tree of JSON values would cost more than the
// prediction.
#include "pipelines/serve/predictions_text.h"

#include "beer/json_text.h"

#include <cmath>
#include <vector>

namespace pipelines {
namespace {

constexpr const char* kNoIntervals =
    "no intervals: the model is SageMaker's XGBoost's, which calibrates none";

/// IBU to a hundredth: finer digits say nothing, and float noise would fill them.
void append_ibu(std::string& text, double value) {
  beer::append_json_number(text, std::round(value * 100) / 100);
}

/// Shares are finer, so that they still sum up to the prediction.
void append_share(std::string& text, double value) {
  beer::append_json_number(text, std::round(value * 10'000) / 10'000);
}

void append_flags(std::string& text, const std::vector<std::string>& flags) {
  text += ",\"flags\":[";
  for (const std::string& flag : flags) {
    if (&flag != &flags.front()) text += ',';
    beer::append_json_string(text, flag);
  }
  text += ']';
}

void append_explanation(std::string& text, const Explanation& explanation) {
  text += ",\"expected\":";
  append_share(text, explanation.expected);
  text += ",\"contributions\":[";
  bool first = true;
  for (const Contribution& one : explanation.contributions) {
    if (one.ibu == 0) continue;
    text += first ? "{\"feature\":" : ",{\"feature\":";
    first = false;
    beer::append_json_string(text, one.feature);
    text += ",\"ibu\":";
    append_share(text, one.ibu);
    text += '}';
  }
  text += ']';
}

/// The objects of all predictions, with `between` between them.
std::string objects(const Model& model, const Asked& asked, bool explain, char between) {
  const auto predictions = model.predict(asked.rows());
  const auto explanations = explain ? model.explain(asked.rows()) : std::vector<Explanation>();
  std::string text;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (i > 0) text += between;
    text += "{\"ibu\":";
    append_ibu(text, predictions[i].ibu);
    if (const auto& interval = predictions[i].interval) {
      text += ",\"interval\":[";
      append_ibu(text, interval->low);
      text += ',';
      append_ibu(text, interval->high);
      text += ']';
    } else {
      text += ",\"interval\":null";
    }
    if (i < asked.flags().size() && asked.flags()[i]) append_flags(text, *asked.flags()[i]);
    if (explain) append_explanation(text, explanations[i]);
    text += '}';
  }
  return text;
}

}  // namespace

std::string to_json(const Model& model, const Asked& asked, bool explain) {
  std::string text = "{\"predictions\":[" + objects(model, asked, explain, ',') + "]";
  if (!model.calibrated()) {
    text += ",\"note\":";
    beer::append_json_string(text, kNoIntervals);
  }
  return text + "}";
}

std::string to_json_lines(const Model& model, const Asked& asked, bool explain) {
  return objects(model, asked, explain, '\n') + "\n";
}

std::string to_csv(const Model& model, const Asked& asked) {
  std::string text;
  for (const double ibu : model.predict_ibu(asked.rows())) {
    append_ibu(text, ibu);
    text += '\n';
  }
  return text;
}

}  // namespace pipelines
