// What `beer run` came to: for people, and as one JSON object.
#pragma once

#include "cli/calls/athena.h"
#include "cli/calls/pipeline.h"
#include "cli/calls/serving.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// What came of a change of taste.
struct ChangeOfTaste {
  std::uint64_t beers = 0;               ///< that had come since when it was noticed
  std::vector<std::string> features;     ///< that had drifted, the largest PSI first
  std::size_t drifted = 0;               ///< how many
  double error_then = 0, error_now = 0;  ///< of the first model: at its training, on the new beers
  std::string reason;                    ///< the watching pipeline's sentence
  Metrics metrics;                       ///< of the new model
  Gate gate;
  int version = 0;  ///< that was registered; 0: the gate refused
};

struct RunReport {
  std::string source;      ///< as the user named it
  bool simulated = false;  ///< numbers from it must say so
  std::string data;        ///< the engine's folder
  std::string lake;        ///< the cleaned bucket's folder
  std::uint64_t beers = 0, raw = 0, cleaned = 0, rejected = 0;
  std::uint64_t rows = 0;  ///< that Athena counts
  QueryResult summary;
  Execution execution;
  Metrics metrics;
  Gate gate;
  int version = 0;  ///< of the model package
  std::string endpoint;
  std::string sample;  ///< the beer that was predicted, JSON
  BeerPrediction prediction;
  std::optional<ChangeOfTaste> change;
  std::vector<std::pair<std::string, double>> seconds;
  double total = 0;
};

/// One JSON object on one line. What a refused gate leaves out is null.
std::string to_json(const RunReport& report);

/// The summary table, and where to look next.
std::string to_text(const RunReport& report);

/// "2.3 IBU from rager_ibu, -0.8 from abv": the strongest contributions of a prediction.
std::string because(const BeerPrediction& prediction, std::size_t most);

}  // namespace cli
