// Findings counted beer by beer, told in the rules' own words.
#include "pipelines/preprocess/quality.h"

#include "beer/features.h"
#include "beer/quality.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

/// The objects with the largest `member` first; equals keep their order.
json::array largest_first(std::vector<json::object> objects, const char* member) {
  std::stable_sort(objects.begin(), objects.end(), [&](const auto& a, const auto& b) {
    return a.at(member).template to_number<double>() > b.at(member).template to_number<double>();
  });
  json::array list;
  for (json::object& object : objects) list.push_back(std::move(object));
  return list;
}

json::array rules_json(const Findings& findings) {
  std::vector<json::object> found;
  for (const beer::Rule& rule : beer::rules()) {
    const auto caught = findings.by_rule.find(std::string(rule.name));
    if (caught == findings.by_rule.end()) continue;
    found.push_back({{"rule", std::string(rule.name)},
                     {"checks", std::string(rule.checks)},
                     {"action", std::string(beer::to_string(rule.action))},
                     {"reason", std::string(rule.reason)},
                     {"beers", caught->second}});
  }
  return largest_first(std::move(found), "beers");
}

json::array missing_json(const Table& table, std::span<const std::uint32_t> train) {
  std::vector<std::size_t> missing(table.columns);
  for (const std::uint32_t row : train) {
    const auto values = table.row(row);
    for (std::size_t i = 0; i < values.size(); ++i) missing[i] += std::isnan(values[i]);
  }
  std::vector<json::object> found;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) continue;
    found.push_back(
        {{"feature", std::string(beer::features()[i].name)},
         {"share", static_cast<double>(missing[i]) / static_cast<double>(train.size())}});
  }
  return largest_first(std::move(found), "share");
}

}  // namespace

Findings count_findings(const CleanedRows& cleaned, std::span<const std::uint32_t> latest) {
  Findings result;
  result.beers = latest.size();
  for (const std::uint32_t index : latest) {
    const CleanedRow& row = cleaned.rows[index];
    ++result.labels[row.label];
    std::string_view left = row.findings;
    while (!left.empty()) {
      const auto end = std::min(left.find(','), left.size());
      if (end > 0) ++result.by_rule[std::string(left.substr(0, end))];
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  return result;
}

std::string quality_json(const Findings& findings, const Table& table,
                         std::span<const std::uint32_t> train) {
  json::object labels;
  for (const auto& [label, beers] : findings.labels) labels[label] = beers;
  return json::serialize(json::object{{"beers", findings.beers},
                                      {"labels", std::move(labels)},
                                      {"findings", rules_json(findings)},
                                      {"missing", missing_json(table, train)}}) +
         "\n";
}

}  // namespace pipelines
