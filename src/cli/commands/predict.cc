// `beer predict`: a beer's bitterness, how sure that is, and what moved it.
#include "cli/calls/json.h"
#include "cli/calls/predictor.h"
#include "cli/calls/serving.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/output/table.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace cli {
namespace {

constexpr std::size_t kShown = 8;  // contributions

std::string read_all(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// JSON as it stands, a file's, or standard input's.
std::string read_input(const std::string& argument) {
  if (argument.empty() || argument == "-") return read_all(std::cin);
  const std::string_view start = base::trim(argument);
  if (start.starts_with('{') || start.starts_with('[')) return argument;
  std::ifstream file(argument);
  if (!file)
    throw UsageError(fmt::format("{}: neither JSON nor a file that can be read", argument));
  return read_all(file);
}

/// One beer, an array of them, or JSON lines.
json::array read_beers(const std::string& input) {
  json::array beers;
  boost::system::error_code failed;
  json::stream_parser parser;
  std::size_t at = 0;
  while (!base::trim(std::string_view(input).substr(at)).empty()) {
    parser.reset();
    at += parser.write_some(input.data() + at, input.size() - at, failed);
    if (!failed && !parser.done()) parser.finish(failed);
    if (failed) throw UsageError(fmt::format("the beer isn't JSON: {}", failed.message()));
    json::value value = parser.release();
    if (auto* array = value.if_array()) {
      for (json::value& beer : *array) beers.push_back(std::move(beer));
    } else {
      beers.push_back(std::move(value));
    }
  }
  if (beers.empty()) throw UsageError("there is no beer in the input");
  return beers;
}

void print_json(const std::vector<BeerPrediction>& predictions) {
  json::array all;
  for (const BeerPrediction& one : predictions) {
    json::object contributions;
    for (const auto& [feature, ibu] : one.contributions) contributions[feature] = ibu;
    all.push_back(json::object{{"ibu", one.ibu},
                               {"interval", interval_json(one)},
                               {"expected", one.expected ? json::value(*one.expected) : nullptr},
                               {"contributions", std::move(contributions)},
                               {"flags", json::array(one.flags.begin(), one.flags.end())}});
  }
  fmt::print("{}\n", json::serialize(all.size() == 1 ? all[0] : json::value(all)));
}

void print_text(const json::value& beer, const BeerPrediction& prediction) {
  fmt::print("{}: {:.1f} IBU, {}\n", text(beer, "name", "the beer"), prediction.ibu,
             interval_text(prediction, 1));
  if (!prediction.flags.empty()) {
    fmt::print("found: {}\n", fmt::join(prediction.flags, ", "));
  }
  if (prediction.contributions.empty()) return;
  Table table({"what moved it", "IBU"});
  if (prediction.expected) {
    table.add({"the average beer", fmt::format("{:.2f}", *prediction.expected)});
  }
  double rest = 0;
  for (std::size_t i = 0; i < prediction.contributions.size(); ++i) {
    const auto& [feature, ibu] = prediction.contributions[i];
    if (i < kShown) {
      table.add({feature, fmt::format("{:+.2f}", ibu)});
    } else {
      rest += ibu;
    }
  }
  if (prediction.contributions.size() > kShown) {
    table.add({fmt::format("{} others", prediction.contributions.size() - kShown),
               fmt::format("{:+.2f}", rest)});
  }
  fmt::print("{}", table.to_text());
}

}  // namespace

int predict(const PredictOptions& options) {
  if (!options.file.empty()) return predict_file(options);
  const json::array beers = read_beers(read_input(options.beer));
  const auto predictions =
      find_predictor(options.common, options.model)->predict(json::serialize(beers), true);
  if (options.json) {
    print_json(predictions);
    return kOk;
  }
  for (std::size_t i = 0; i < predictions.size() && i < beers.size(); ++i) {
    if (i > 0) fmt::print("\n");
    print_text(beers[i], predictions[i]);
  }
  return kOk;
}

}  // namespace cli
