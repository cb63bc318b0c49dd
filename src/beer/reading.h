// From a beer's text to everything that is known of it: the one way that all programs take.
#pragma once

#include "beer/beer.h"
#include "beer/quality.h"

#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// A beer read, repaired and measured.
struct Reading {
  Beer beer;  ///< after the rules
  /// What was found: names of the parser's findings, each once, then of the rules that caught it.
  std::vector<std::string> flags;
  LabelStatus label = LabelStatus::kOk;
  std::vector<float> features;  ///< in the order of features(); NaN is missing
};

/// Parses, checks and computes. The table `cleaned` is written from it and the endpoint answers
/// from it, so what a model is asked is what it was taught. Throws InvalidBeer with the reason when
/// there is no beer. Any thread.
Reading read_beer(std::string_view json);

}  // namespace beer
