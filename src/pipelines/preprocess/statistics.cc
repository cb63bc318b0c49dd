// Baseline statistics and constraints, column by column.
#include "pipelines/preprocess/statistics.h"

#include "pipelines/monitor/constraints.h"
#include "pipelines/monitor/statistics.h"
#include "pipelines/parallel.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

monitor::Type type_of(const std::vector<double>& values) {
  return values.empty() ? monitor::Type::kUnknown : monitor::Type::kFractional;
}

/// The values that are there: of the label, or of a feature.
std::vector<double> label_values(const Table& table, std::span<const std::uint32_t> rows) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const std::uint32_t row : rows) values.push_back(table.labels[row]);
  return values;
}

std::vector<double> feature_values(const Table& table, std::span<const std::uint32_t> rows,
                                   std::size_t column) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    if (const float value = table.row(row)[column]; !std::isnan(value)) values.push_back(value);
  }
  return values;
}

/// `describe(name, values)` of the label and of each feature, in order.
template <class F>
json::array each_column(const Table& table, std::span<const std::uint32_t> rows,
                        const std::vector<std::string>& names, F&& describe) {
  std::vector<json::object> columns(table.columns + 1);
  in_parallel(columns.size(), [&](std::size_t i) {
    columns[i] = i == 0 ? describe("ibu", label_values(table, rows))
                        : describe(names.at(i - 1), feature_values(table, rows, i - 1));
  });
  json::array list;
  for (json::object& column : columns) list.push_back(std::move(column));
  return list;
}

json::object column_constraints(std::string_view name, const std::vector<double>& values,
                                std::size_t rows) {
  const bool negative =
      std::any_of(values.begin(), values.end(), [](double value) { return value < 0; });
  const auto share =
      rows == 0 ? 0.0 : static_cast<double>(values.size()) / static_cast<double>(rows);
  return monitor::number_constraints(name, type_of(values), share, !negative);
}

}  // namespace

std::string baseline_statistics(const Table& table, std::span<const std::uint32_t> rows,
                                const std::vector<std::string>& names) {
  json::array features = each_column(
      table, rows, names, [&](std::string_view name, const std::vector<double>& values) {
        return monitor::number_statistics(name, type_of(values), values, rows.size());
      });
  return json::serialize(json::object{{"version", 0.0},
                                      {"dataset", {{"item_count", rows.size()}}},
                                      {"features", std::move(features)}}) +
         "\n";
}

std::string baseline_constraints(const Table& table, std::span<const std::uint32_t> rows,
                                 const std::vector<std::string>& names) {
  json::array features = each_column(table, rows, names,
                                     [&](std::string_view name, const std::vector<double>& values) {
                                       return column_constraints(name, values, rows.size());
                                     });
  return json::serialize(json::object{{"version", 0.0},
                                      {"features", std::move(features)},
                                      {"monitoring_config", monitor::monitoring_config()}}) +
         "\n";
}

}  // namespace pipelines
