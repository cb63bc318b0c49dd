// Rows and beers that are asked for.
#include "pipelines/serve/asked.h"

#include "beer/beer.h"
#include "beer/features.h"
#include "beer/reading.h"
#include "pipelines/serve/answer.h"

#include <fmt/format.h>

#include <utility>

namespace pipelines {

Asked::Asked() : rows_{beer::features().size(), {}, {}} {}

void Asked::add_row(std::span<const float> features) {
  add_row(fmt::format("Row {}", rows_.rows() + 1), [&](std::vector<float>& values) {
    values.insert(values.end(), features.begin(), features.end());
    return true;
  });
}

void Asked::add_beer(std::string_view json) {
  try {
    beer::Reading reading = beer::read_beer(json);
    add_row(reading.features);
    flags_.resize(rows_.rows());
    flags_.back() = std::move(reading.flags);
  } catch (const beer::InvalidBeer& error) {
    throw Refusal(400, fmt::format("Beer {}: {}", rows_.rows() + 1, error.what()));
  }
}

void Asked::refuse_row(std::string_view place) const {
  throw Refusal(400, fmt::format("{}: expected {} numbers, those of the feature list in order.",
                                 place, rows_.columns));
}

}  // namespace pipelines
