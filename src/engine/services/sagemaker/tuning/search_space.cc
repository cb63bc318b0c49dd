// The hyperparameters a tuning job searches.
#include "engine/services/sagemaker/tuning/search_space.h"

#include "engine/services/sagemaker/errors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace engine::sagemaker {
namespace {

double number_of(const std::string& name, const std::string& text, bool integer) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || (integer && value != std::floor(value))) {
    throw validation(
        fmt::format("The range of the hyperparameter {} is not valid: \"{}\" is not {}.", name,
                    text, integer ? "an integer" : "a number"));
  }
  return value;
}

}  // namespace

SearchSpace::Scale SearchSpace::scale_of(const std::string& name, const std::string& type,
                                         double min, double max, bool integer) {
  if (type == "Logarithmic") {
    if (min > 0) return Scale::kLogarithmic;
    throw validation(fmt::format(
        "The range of the hyperparameter {}: Logarithmic needs values greater than 0.", name));
  }
  if (type == "ReverseLogarithmic") {
    if (!integer && min >= 0 && max < 1) return Scale::kReverseLogarithmic;
    throw validation(
        fmt::format("The range of the hyperparameter {}: ReverseLogarithmic needs "
                    "continuous values from 0 to below 1.",
                    name));
  }
  // Auto is ours to choose: a range over several orders of magnitude is searched by them.
  const bool wide = type == "Auto" && min > 0 && max / min >= 1000;
  return wide ? Scale::kLogarithmic : Scale::kLinear;
}

template <class Range>
void SearchSpace::add(const Range& range, bool integer) {
  const double min = number_of(range.Name, range.MinValue, integer);
  const double max = number_of(range.Name, range.MaxValue, integer);
  if (min > max) {
    throw validation(
        fmt::format("The range of the hyperparameter {}: MinValue {} is greater than MaxValue {}.",
                    range.Name, range.MinValue, range.MaxValue));
  }
  numeric_.push_back({range.Name, min, max,
                      scale_of(range.Name, range.ScalingType.value_or("Auto"), min, max, integer),
                      integer});
}

SearchSpace::SearchSpace(const api::ParameterRanges& ranges, const std::string& strategy) {
  // Deviation: nothing is known of an algorithm from which ranges could be chosen.
  if (ranges.AutoParameters && !ranges.AutoParameters->empty()) {
    throw validation("AutoParameters are not supported; give ranges.");
  }
  if (ranges.IntegerParameterRanges) {
    for (const auto& range : *ranges.IntegerParameterRanges) add(range, true);
  }
  if (ranges.ContinuousParameterRanges) {
    for (const auto& range : *ranges.ContinuousParameterRanges) add(range, false);
  }
  if (ranges.CategoricalParameterRanges) categorical_ = *ranges.CategoricalParameterRanges;
  std::set<std::string> names;
  const auto add_name = [&](const std::string& name) {
    if (!names.insert(name).second)
      throw validation(fmt::format("The hyperparameter {} has two ranges.", name));
  };
  for (const auto& range : numeric_) add_name(range.name);
  for (const auto& range : categorical_) add_name(range.Name);
  if (names.empty()) throw validation("ParameterRanges must hold at least one range.");
  if (strategy == "Grid" && !numeric_.empty()) {
    throw validation("The strategy Grid supports categorical parameter ranges only.");
  }
}

/// `share` of the way through the range, by its scale.
std::string SearchSpace::value_at(const Numeric& range, double share) {
  // The ends of an integer range are as likely as the others.
  const double min = range.integer ? range.min - 0.5 : range.min;
  const double max = range.integer ? range.max + 0.5 : range.max;
  const auto between = [share](double a, double b) { return a + share * (b - a); };
  double value = 0;
  switch (range.scale) {
    case Scale::kLinear:
      value = between(min, max);
      break;
    case Scale::kLogarithmic:
      value = std::exp(between(std::log(min), std::log(max)));
      break;
    case Scale::kReverseLogarithmic:
      value = 1 - std::exp(between(std::log1p(-min), std::log1p(-max)));
      break;
  }
  if (range.integer) {
    return std::to_string(std::llround(std::clamp(std::round(value), range.min, range.max)));
  }
  return fmt::format("{}", std::clamp(value, range.min, range.max));
}

Point SearchSpace::draw(std::mt19937_64& random) const {
  // By hand, since the distributions of the library differ between libraries.
  const auto share = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Point point;
  for (const Numeric& range : numeric_) point[range.name] = value_at(range, share());
  for (const auto& range : categorical_) {
    point[range.Name] = range.Values[random() % range.Values.size()];
  }
  return point;
}

std::uint64_t SearchSpace::grid_size() const {
  if (!numeric_.empty()) return 0;
  std::uint64_t size = 1;
  for (const auto& range : categorical_) size *= range.Values.size();
  return size;
}

Point SearchSpace::grid_point(std::uint64_t index) const {
  Point point;
  for (auto range = categorical_.rbegin(); range != categorical_.rend(); ++range) {
    point[range->Name] = range->Values[index % range->Values.size()];
    index /= range->Values.size();
  }
  return point;
}

}  // namespace engine::sagemaker
