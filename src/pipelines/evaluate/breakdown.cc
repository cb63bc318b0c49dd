// Beers sorted into groups, each summed up.
#include "pipelines/evaluate/breakdown.h"

#include "beer/features.h"
#include "beer/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace pipelines {
namespace {

/// Sums up the rows that `name_of` gives the same name; by name.
std::vector<Group> grouped(const Table& rows, std::span<const Prediction> predictions,
                           const std::function<std::string(std::size_t)>& name_of) {
  std::map<std::string, Group> groups;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    Group& group = groups[name_of(i)];
    const double error = predictions[i].ibu - rows.labels[i];
    ++group.rows;
    group.mean_label += rows.labels[i];
    group.bias += error;
    group.mae += std::abs(error);
    if (!predictions[i].interval) continue;
    group.coverage += predictions[i].interval->holds(rows.labels[i]);
    group.mean_width += predictions[i].interval->width();
  }
  std::vector<Group> result;
  for (auto& [name, group] : groups) {
    const auto count = static_cast<double>(group.rows);
    const Share share = wilson(group.coverage, count);
    group.coverage_low = share.low;
    group.coverage_high = share.high;
    for (double* sum :
         {&group.mean_label, &group.bias, &group.mae, &group.coverage, &group.mean_width}) {
      *sum /= count;
    }
    group.name = name;
    result.push_back(group);
  }
  return result;
}

/// Light, middling, bitter, and where plain methods fail to cover.
const char* strength(double ibu) {
  if (ibu <= 20) return "0 to 20";
  if (ibu <= 40) return "20 to 40";
  return ibu <= 65 ? "40 to 65" : "65 to 100";
}

std::size_t column(std::string_view feature) {
  return static_cast<std::size_t>(beer::feature_index(feature));
}

}  // namespace

Share wilson(double hits, double count) {
  constexpr double kZ = 1.959964;
  const double share = hits / count, z2 = kZ * kZ / count;
  const double middle = share + z2 / 2;
  const double half = kZ * std::sqrt(share * (1 - share) / count + z2 / (4 * count));
  return {std::max(0.0, (middle - half) / (1 + z2)), std::min(1.0, (middle + half) / (1 + z2))};
}

std::vector<Group> by_strength(const Table& rows, std::span<const Prediction> predictions) {
  return grouped(rows, predictions,
                 [&](std::size_t i) { return std::string(strength(rows.labels[i])); });
}

std::vector<Group> by_predicted_strength(const Table& rows,
                                         std::span<const Prediction> predictions) {
  return grouped(rows, predictions,
                 [&](std::size_t i) { return std::string(strength(predictions[i].ibu)); });
}

std::string_view style_of(const Table& rows, std::size_t row) {
  static const std::size_t first = column("says_ipa");
  std::uint32_t words = 0;
  for (std::size_t word = 0; word < beer::kStyleWords; ++word) {
    if (rows.row(row)[first + word] > 0) words |= 1U << word;
  }
  return beer::style_name(words);
}

std::vector<Group> by_style(const Table& rows, std::span<const Prediction> predictions) {
  auto groups =
      grouped(rows, predictions, [&](std::size_t i) { return std::string(style_of(rows, i)); });
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.rows > b.rows; });
  return groups;
}

std::vector<Group> by_year(const Table& rows, std::span<const Prediction> predictions) {
  const std::size_t year = column("year");
  return grouped(rows, predictions, [&](std::size_t i) {
    const float value = rows.row(i)[year];
    return std::isnan(value) ? std::string("unknown") : fmt::format("{:.0f}", value);
  });
}

std::vector<Group> by_width(const Table& rows, std::span<const Prediction> predictions) {
  constexpr std::size_t kFewest = 30;
  if (rows.rows() < kFewest || !predictions[0].interval) return {};
  std::vector<std::uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return predictions[a].interval->width() < predictions[b].interval->width();
  });
  std::vector<std::size_t> third(rows.rows());
  for (std::size_t i = 0; i < order.size(); ++i) third[order[i]] = 3 * i / order.size();
  constexpr const char* kNames[] = {"1 narrow", "2 middling", "3 wide"};
  return grouped(rows, predictions, [&](std::size_t i) { return std::string(kNames[third[i]]); });
}

}  // namespace pipelines
