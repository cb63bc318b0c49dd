// Metric math: a series of the size that was asked for, of finite values, or words of what is
// wrong.
#include "engine/services/cloudwatch/expression.h"
#include "lib/base/fuzz.h"

#include <cmath>

FUZZ(bytes) {
  using namespace engine::cloudwatch;
  const Scope scope{.size = 5,
                    .period = 60,
                    .series = [](const std::string& id) -> Series {
                      if (id == "m1") return {1.5, std::nullopt, -2, 0, 1e300};
                      if (id == "m2") return {std::nullopt, 3, 3, 3, 3};
                      throw ExpressionError("no such id");
                    },
                    .metrics = {{"m1", "abv"}, {"m2", "ibu"}}};
  try {
    const Series series = evaluate(bytes, scope);
    base::fuzz::hold(series.size() == scope.size, "a value for each period");
    for (const auto& value : series)
      base::fuzz::hold(!value || std::isfinite(*value), "a value is a number");
  } catch (const ExpressionError&) {
  }
}
