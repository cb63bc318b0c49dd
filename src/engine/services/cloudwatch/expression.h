// Metric math: an expression over series of values.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine::cloudwatch {

/// A value, or none, for each period from the oldest to the newest.
using Series = std::vector<std::optional<double>>;

/// What is wrong with an expression, as a sentence.
struct ExpressionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What an expression can name.
struct Scope {
  std::size_t size;      ///< of every series
  double period;         ///< seconds
  std::function<Series(const std::string& id)> series;  ///< or throws ExpressionError
  std::vector<std::pair<std::string, std::string>> metrics;  ///< ids and names of what METRICS() gives
};

/// Evaluates `text`. Numbers, ids, + - * / ^, comparisons (1 or 0), AND, OR, parentheses, and the functions
/// ABS AVG CEIL DATAPOINT_COUNT DIFF FILL FIRST FLOOR IF LAST LOG LOG10 MAX METRICS METRIC_COUNT MIN PERIOD
/// RATE RUNNING_SUM STDDEV SUM TIME_SERIES, as CloudWatch defines them. A value that is missing, or that
/// can't be computed (a division by zero), is missing in the result. A number as a result is a series of
/// it; several series are an error. Throws ExpressionError.
Series evaluate(std::string_view text, const Scope& scope);

}  // namespace engine::cloudwatch
