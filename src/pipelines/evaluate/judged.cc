// The judged beers one by one.
#include "pipelines/evaluate/judged.h"

#include "pipelines/evaluate/breakdown.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

namespace pipelines {
namespace {

namespace json = boost::json;

json::object judged_beer(const Table& rows, std::span<const RowKey> keys,
                         std::span<const Prediction> predictions, std::size_t row) {
  const Prediction& prediction = predictions[row];
  json::object beer;
  if (!keys.empty()) {
    beer["id"] = keys[row].id;
    beer["name"] = keys[row].name;
  }
  beer["style"] = std::string(style_of(rows, row));
  beer["ibu"] = rows.labels[row];
  beer["prediction"] = prediction.ibu;
  beer["error"] = prediction.ibu - rows.labels[row];
  if (prediction.interval) {
    beer["low"] = prediction.interval->low;
    beer["high"] = prediction.interval->high;
  }
  return beer;
}

}  // namespace

json::array judged_beers(const Table& rows, std::span<const RowKey> keys,
                         std::span<const Prediction> predictions, std::size_t most) {
  const std::size_t count = std::min(most, rows.rows());
  json::array list;
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(judged_beer(rows, keys, predictions, i * rows.rows() / count));
  }
  return list;
}

json::array worst_beers(const Table& rows, std::span<const RowKey> keys,
                        std::span<const Prediction> predictions, std::size_t most) {
  std::vector<std::uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0U);
  const auto error = [&](std::uint32_t row) {
    return std::abs(predictions[row].ibu - rows.labels[row]);
  };
  const std::size_t count = std::min(most, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return error(a) != error(b) ? error(a) > error(b) : a < b;
                    });
  json::array list;
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(judged_beer(rows, keys, predictions, order[i]));
  }
  return list;
}

}  // namespace pipelines
