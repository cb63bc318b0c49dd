// Who answers what a beer's bitterness will be: an endpoint, or a model's own serving process.
#pragma once

#include "cli/calls/serving.h"
#include "cli/session.h"

#include <memory>
#include <string>
#include <vector>

namespace cli {

/// Asked by one thread at a time.
class Predictor {
 public:
  virtual ~Predictor() = default;
  /// `beers` is a beer in JSON or an array of them; the answers are in their order. Throws
  /// std::runtime_error.
  virtual std::vector<BeerPrediction> predict(const std::string& beers, bool explain) = 0;
};

/// Without a `model`, the endpoint: AWS's, or the running engine's; and when the last engine of the
/// data folder has ended, as after `beer run`, its system is opened again for as long as the
/// predictor lives. With one, no endpoint is asked: `model` is a model.tar.gz, or the number of a
/// version in the registry, and is served by a process of its own. Throws std::runtime_error that
/// says what to do when nothing can predict.
std::unique_ptr<Predictor> find_predictor(const Common& common, const std::string& model);

}  // namespace cli
