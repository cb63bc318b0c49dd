// What serves: the endpoint, the model behind it, and its predictions.
#pragma once

#include "cli/calls/json.h"
#include "cli/calls/registry.h"
#include "cli/session.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

struct EndpointState {
  std::string status;  ///< InService, Creating, Updating, Failed, …
  std::string failure;
  int version = 0;  ///< of the model package it serves; 0 when it isn't one of ours
};

/// Nothing when there is no endpoint.
std::optional<EndpointState> find_endpoint_state(Session& session);

/// Makes the endpoint serve this package (creating or updating it) and waits until it does. Throws
/// std::runtime_error with the endpoint's reason when it fails.
void promote(Session& session, const ModelPackage& package);

/// Versions the endpoint has an endpoint config for, ascending: those that served once.
std::vector<int> served_versions(Session& session);

/// One beer's prediction, in IBU.
struct BeerPrediction {
  double ibu = 0;
  /// Where 90 % of such beers lie; nothing when SageMaker's own image trained the model.
  std::optional<std::pair<double, double>> interval;
  std::optional<double> expected;  ///< the model's mean, which the contributions add to
  std::vector<std::pair<std::string, double>> contributions;  ///< the strongest first
  std::vector<std::string> flags;  ///< what was found of the beer, see beer/reading.h
};

/// From the answer of a serving process. Throws std::runtime_error when it is none.
std::vector<BeerPrediction> read_predictions(const std::string& body);

/// "90 % interval 31 to 58", or "no interval"; numbers with that many digits behind the point.
std::string interval_text(const BeerPrediction& prediction, int digits);
/// [31.2, 58], or null.
json::value interval_json(const BeerPrediction& prediction);

/// InvokeEndpoint with JSON: a beer, or an array of them. Throws std::runtime_error.
std::vector<BeerPrediction> predict(Session& session, const std::string& beers, bool explain);

}  // namespace cli
