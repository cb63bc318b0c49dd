// Predictions as the text of an answer.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/serve/asked.h"

#include <string>

namespace pipelines {

/// {"predictions":[{"ibu":x,"interval":[low,high],"flags":[…]},…]}, numbers to a hundredth. "flags"
/// stands with beers that came as beers; without intervals "interval" is null and a "note" says
/// why. With `explain` each also has "expected" and "contributions", the largest first, to a
/// ten-thousandth.
std::string to_json(const Model& model, const Asked& asked, bool explain);
/// The same predictions, one JSON object a line.
std::string to_json_lines(const Model& model, const Asked& asked, bool explain);
/// The IBU alone, one a line.
std::string to_csv(const Model& model, const Asked& asked);

}  // namespace pipelines
