// Columns summed up, and distances between two sums.
#include "pipelines/monitor/statistics.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace pipelines::monitor {
namespace {

namespace json = boost::json;

constexpr std::size_t kBuckets = 10;
constexpr std::size_t kSketched = 2048;
constexpr double kSketchShape = 0.64;  // KLL's parameter c; k is kSketched

json::array buckets(std::span<const double> values, double low, double high) {
  std::array<std::size_t, kBuckets> counts{};
  const double width = (high - low) / kBuckets;
  for (const double value : values) {
    const auto bucket = width > 0 ? static_cast<std::size_t>((value - low) / width) : 0;
    ++counts[std::min(bucket, kBuckets - 1)];
  }
  json::array list;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const double from = low + width * static_cast<double>(i);
    list.push_back(
        json::object{{"lower_bound", from}, {"upper_bound", from + width}, {"count", counts[i]}});
  }
  return list;
}

json::object sketch(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::size_t level = 0;
  while ((sorted.size() >> level) > kSketched) ++level;
  json::array data;
  for (std::size_t i = 0; i < level; ++i) data.push_back(json::array());
  const std::size_t step = std::size_t{1} << level, whole = sorted.size() / step * step;
  json::array kept;
  for (std::size_t i = step / 2; i < whole; i += step) kept.push_back(sorted[i]);
  data.push_back(std::move(kept));
  // What doesn't fill a step stands for itself.
  for (std::size_t i = whole; i < sorted.size(); ++i) data[0].as_array().push_back(sorted[i]);
  return {{"parameters", {{"c", kSketchShape}, {"k", static_cast<double>(kSketched)}}},
          {"data", std::move(data)}};
}

json::object common(std::size_t present, std::size_t rows) {
  return {{"num_present", present}, {"num_missing", rows - present}};
}

json::object text_statistics(const Column& column) {
  std::map<std::string_view, std::size_t> counts;
  for (const Value& value : column.values) {
    if (value) ++counts[*value];
  }
  json::array list;
  for (const auto& [value, count] : counts) {
    list.push_back(
        json::object{{"value", json::string_view(value.data(), value.size())}, {"count", count}});
  }
  return {{"common", common(column.present(), column.values.size())},
          {"distinct_count", static_cast<double>(counts.size())},
          {"distribution", {{"categorical", {{"buckets", std::move(list)}}}}}};
}

const json::value* find(const json::value& from, const char* pointer) {
  boost::system::error_code error;
  return from.find_pointer(pointer, error);
}

double share_of(const std::vector<std::pair<std::string, double>>& texts, const std::string& name,
                double count) {
  const auto at =
      std::lower_bound(texts.begin(), texts.end(), name,
                       [](const auto& one, const auto& key) { return one.first < key; });
  return at != texts.end() && at->first == name ? at->second / count : 0;
}

double text_distance(const Distribution& one, const Distribution& other) {
  double most = 0;
  for (const auto* side : {&one, &other}) {
    for (const auto& [name, ignored] : side->texts) {
      most = std::max(most, std::abs(share_of(one.texts, name, one.count) -
                                     share_of(other.texts, name, other.count)));
    }
  }
  return most;
}

double number_distance(const Distribution& one, const Distribution& other) {
  double most = 0, below_one = 0, below_other = 0;
  auto a = one.numbers.begin();
  auto b = other.numbers.begin();
  while (a != one.numbers.end() && b != other.numbers.end()) {
    const double place = std::min(a->first, b->first);
    for (; a != one.numbers.end() && a->first == place; ++a) below_one += a->second;
    for (; b != other.numbers.end() && b->first == place; ++b) below_other += b->second;
    most = std::max(most, std::abs(below_one / one.count - below_other / other.count));
  }
  return most;
}

}  // namespace

json::object number_statistics(std::string_view name, Type type, std::span<const double> values,
                               std::size_t rows) {
  json::object numbers{{"common", common(values.size(), rows)}};
  if (!values.empty()) {
    const auto count = static_cast<double>(values.size());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    const double mean = sum / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    numbers["mean"] = mean;
    numbers["sum"] = sum;
    numbers["std_dev"] = std::sqrt(squares / count);
    numbers["min"] = *low;
    numbers["max"] = *high;
    numbers["distribution"] = {
        {"kll", {{"buckets", buckets(values, *low, *high)}, {"sketch", sketch(values)}}}};
  }
  return {{"name", json::string_view(name.data(), name.size())},
          {"inferred_type", to_string(type)},
          {"numerical_statistics", std::move(numbers)}};
}

json::object column_statistics(const Column& column) {
  const Type type = column.type();
  if (type != Type::kString) {
    return number_statistics(column.name, type, column.numbers(), column.values.size());
  }
  return {{"name", column.name},
          {"inferred_type", to_string(type)},
          {"string_statistics", text_statistics(column)}};
}

json::object statistics(const Dataset& data) {
  json::array features;
  for (const Column& column : data.columns) features.push_back(column_statistics(column));
  return {{"version", 0.0},
          {"dataset", {{"item_count", data.rows}}},
          {"features", std::move(features)}};
}

Distribution distribution_of(const json::value& feature) {
  Distribution found;
  if (const auto* data = find(feature, "/numerical_statistics/distribution/kll/sketch/data")) {
    double weight = 1;
    for (const json::value& level : data->as_array()) {
      for (const json::value& value : level.as_array()) {
        found.numbers.emplace_back(value.to_number<double>(), weight);
        found.count += weight;
      }
      weight *= 2;
    }
    std::sort(found.numbers.begin(), found.numbers.end());
  } else if (const auto* texts =
                 find(feature, "/string_statistics/distribution/categorical/buckets")) {
    for (const json::value& bucket : texts->as_array()) {
      const auto count = bucket.at("count").to_number<double>();
      found.texts.emplace_back(std::string(bucket.at("value").as_string()), count);
      found.count += count;
    }
    std::sort(found.texts.begin(), found.texts.end());
  }
  return found;
}

double distance(const Distribution& one, const Distribution& other) {
  if (one.count == 0 || other.count == 0) return 0;
  return one.texts.empty() || other.texts.empty() ? number_distance(one, other)
                                                  : text_distance(one, other);
}

double robust_distance(const Distribution& one, const Distribution& other) {
  if (one.count == 0 || other.count == 0) return 0;
  constexpr double kChance = 1.8;
  const double n = one.count, m = other.count;
  return std::max(0.0, distance(one, other) - kChance * std::sqrt((n + m) / (n * m)));
}

}  // namespace pipelines::monitor
