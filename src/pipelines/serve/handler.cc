// Requests of the serving contract, read and answered.
#include "pipelines/serve/handler.h"

#include "beer/beer.h"
#include "beer/features.h"
#include "beer/json_pieces.h"
#include "beer/reading.h"
#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

enum class Form { kCsv, kJson };

Form form_of_body(const http::Request& request) {
  const std::string type = media_type(request.headers.get("Content-Type", "text/csv"));
  if (type == "text/csv") return Form::kCsv;
  if (type == "application/json") return Form::kJson;
  throw Refusal(
      415,
      fmt::format("Content-Type {} isn't supported: text/csv and application/json are.", type));
}

/// The first of the accepted types that can be given.
Form form_of_answer(const http::Request& request, Form body) {
  std::string_view accept = request.headers.get("Accept", "*/*");
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    const std::string type = media_type(accept.substr(0, comma));
    if (type == "text/csv" || type == "text/*") return Form::kCsv;
    if (type == "application/json" || type == "application/*") return Form::kJson;
    if (type == "*/*" || type.empty()) return body;
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
  }
  throw Refusal(406, "Accept names nothing that can be given: text/csv and application/json can.");
}

void add_row(Table& table, std::span<const float> features) {
  table.labels.push_back(0);  // unknown: it is what is asked for
  table.values.insert(table.values.end(), features.begin(), features.end());
}

Table read_csv(std::string_view body) {
  Table table{beer::features().size(), {}, {}};
  std::vector<float> fields;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const auto end = body.find('\n');
    const std::string_view line = base::trim(body.substr(0, end));
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.empty()) continue;
    fields.clear();
    if (!parse_numbers(line, fields) || fields.size() != table.columns) {
      throw Refusal(400, fmt::format("Line {}: expected {} numbers separated by commas.", number,
                                     table.columns));
    }
    add_row(table, fields);
  }
  return table;
}

/// What a request asks to be predicted. Beers that came as beers have flags, rows of features none.
struct Asked {
  Table rows;
  std::vector<std::vector<std::string>> flags;
};

void add_beer(Asked& asked, std::string_view text) {
  try {
    beer::Reading reading = beer::read_beer(text);
    add_row(asked.rows, reading.features);
    asked.flags.push_back(std::move(reading.flags));
  } catch (const beer::InvalidBeer& error) {
    throw Refusal(400, fmt::format("Beer {}: {}", asked.rows.rows() + 1, error.what()));
  }
}

Asked read_beers(std::string_view body) {
  const std::string_view beers = beer::member_piece(body, "instances").value_or(base::trim(body));
  Asked asked{{beer::features().size(), {}, {}}, {}};
  if (const auto list = beer::array_pieces(beers)) {
    for (std::string_view text : *list) add_beer(asked, text);
  } else if (beers.starts_with('{')) {
    add_beer(asked, beers);
  } else {
    throw Refusal(
        400, "The body is neither a beer, nor an array of beers, nor {\"instances\":[beers]}.");
  }
  return asked;
}

/// IBU to a hundredth: finer digits say nothing, and float noise would fill them.
double rounded(double value) { return std::round(value * 100) / 100; }

json::object explained(const Explanation& explanation) {
  json::array contributions;
  for (const Contribution& one : explanation.contributions) {
    if (one.ibu == 0) continue;
    contributions.push_back(
        json::object{{"feature", std::string(one.feature)}, {"ibu", rounded(one.ibu)}});
  }
  return {{"expected", rounded(explanation.expected)}, {"contributions", std::move(contributions)}};
}

constexpr const char* kNoIntervals =
    "no intervals: the model is SageMaker's XGBoost's, which calibrates none";

json::value interval_json(const Prediction& prediction) {
  if (!prediction.interval) return nullptr;
  return {rounded(prediction.interval->low), rounded(prediction.interval->high)};
}

std::string to_json(const Model& model, const Asked& asked, bool explain) {
  const auto predictions = model.predict(asked.rows);
  const auto explanations = explain ? model.explain(asked.rows) : std::vector<Explanation>();
  json::array list;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    json::object one{{"ibu", rounded(predictions[i].ibu)},
                     {"interval", interval_json(predictions[i])}};
    if (!asked.flags.empty()) {
      one["flags"] = json::array(asked.flags[i].begin(), asked.flags[i].end());
    }
    if (explain) {
      for (auto& [key, value] : explained(explanations[i])) one[key] = std::move(value);
    }
    list.push_back(std::move(one));
  }
  json::object answer{{"predictions", std::move(list)}};
  if (!model.calibrated()) answer["note"] = kNoIntervals;
  return json::serialize(answer);
}

std::string to_csv(const Model& model, const Table& rows) {
  std::string text;
  for (const Prediction& one : model.predict(rows)) text += fmt::format("{}\n", rounded(one.ibu));
  return text;
}

/// The header holds an expression; the two that stand alone are `true` and `false`, in backticks.
/// Deviation: any other expression counts as true.
bool wants_explanations(const http::Request& request) {
  const auto expression = request.headers.find("X-Amzn-SageMaker-Enable-Explanations");
  return expression && *expression != "`false`" && *expression != "false";
}

/// How a batch transform may call us: many rows a request, up to SageMaker's usual size.
http::Response execution_parameters() {
  return answer(
      200, "application/json",
      R"({"MaxConcurrentTransforms":4,"BatchStrategy":"MULTI_RECORD","MaxPayloadInMB":6})");
}

}  // namespace

http::Response Handler::operator()(const http::Request& request) const {
  try {
    if (request.path() == "/ping") return http::Response{};
    if (request.path() == "/execution-parameters") return execution_parameters();
    if (request.path() != "/invocations")
      throw Refusal(404, "There are /ping, /invocations and /execution-parameters.");
    if (request.method != "POST") throw Refusal(405, "POST to /invocations.");
    return invoke(request);
  } catch (const Refusal& refusal) {
    return answer(refusal.status, "text/plain", refusal.what());
  } catch (const BoosterError& error) {
    return answer(400, "text/plain", error.what());
  }
}

http::Response Handler::invoke(const http::Request& request) const {
  const Form body = form_of_body(request);
  const Form wanted = form_of_answer(request, body);
  const std::string text = request.body.string();
  if (base::trim(text).empty()) return http::Response{204, {}, {}};
  const Asked asked = body == Form::kCsv ? Asked{read_csv(text), {}} : read_beers(text);
  if (wanted == Form::kCsv) {
    return answer(200, "text/csv; charset=utf-8", to_csv(*model_, asked.rows));
  }
  return answer(200, "application/json", to_json(*model_, asked, wants_explanations(request)));
}

}  // namespace pipelines
