// What an alarm's state is to be, from its last values.
#include "engine/services/cloudwatch/verdict.h"

#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace engine::cloudwatch {
namespace {

struct Wording {
  std::string_view comparison, words;
};
constexpr Wording kWordings[] = {
    {"GreaterThanOrEqualToThreshold", "greater than or equal to"},
    {"GreaterThanThreshold", "greater than"},
    {"LessThanThreshold", "less than"},
    {"LessThanOrEqualToThreshold", "less than or equal to"},
};

std::string_view words_of(const Rule& rule) {
  for (const Wording& wording : kWordings) {
    if (wording.comparison == rule.comparison) return wording.words;
  }
  return "compared with";
}

/// As AWS writes numbers here: "5.0".
std::string number(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e7;
  return whole ? fmt::format("{:.1f}", value) : fmt::format("{}", value);
}

std::string_view plural(std::size_t count, std::string_view one, std::string_view many) { return count == 1 ? one : many; }

/// "[5.0 (23/11/26 09:43:00), 1.0 (23/11/26 09:42:00)]"
std::string list(const std::vector<Point>& points) {
  std::string text = "[";
  for (const Point& point : points) {
    if (text.size() > 1) text += ", ";
    text += fmt::format("{} ({})", number(point.value), base::format_utc(point.time, "%d/%m/%y %H:%M:%S"));
  }
  return text + "]";
}

std::string_view treated_as(const Rule& rule) {
  if (rule.missing == "breaching") return "Breaching";
  return rule.missing == "notBreaching" ? "NonBreaching" : "Missing";
}

/// Of the points, those for which breaching is `wanted`.
std::vector<Point> that_breach(const Rule& rule, const std::vector<Point>& points, bool wanted) {
  std::vector<Point> some;
  for (const Point& point : points) {
    if (rule.breaches(point.value) == wanted) some.push_back(point);
  }
  return some;
}

std::string reason(const Rule& rule, bool alarm, const std::vector<Point>& points, std::size_t filled) {
  if (points.empty()) {
    return fmt::format("Threshold Crossed: no datapoints were received for {} {} and {} missing {} treated as [{}].",
                       filled, plural(filled, "period", "periods"), filled,
                       plural(filled, "datapoint was", "datapoints were"), treated_as(rule));
  }
  const std::vector<Point> crossing = that_breach(rule, points, alarm);
  const std::size_t needed = alarm ? rule.to_alarm : rule.periods - rule.to_alarm + 1;
  std::string text =
      fmt::format("Threshold Crossed: {} out of the last {} datapoints {} {} {}{} the threshold ({})", crossing.size(),
                  rule.periods, list(crossing), plural(crossing.size(), "was", "were"), alarm ? "" : "not ",
                  words_of(rule), number(rule.threshold));
  if (filled > 0) {
    text += fmt::format(" and {} missing {} treated as [{}]", filled,
                        plural(filled, "datapoint was", "datapoints were"), treated_as(rule));
  }
  return text + fmt::format(" (minimum {} {} for {} transition).", needed, plural(needed, "datapoint", "datapoints"),
                            alarm ? "OK -> ALARM" : "ALARM -> OK");
}

/// With too few values and missing ones left missing: an alarm goes off when all there is breaches, and the
/// oldest of it is as old as the datapoints that would be needed.
bool goes_off_early(const Rule& rule, const Series& newest_first) {
  const auto last = std::find_if(newest_first.rbegin() + 2, newest_first.rend(), [](const auto& value) { return value.has_value(); });
  return static_cast<std::size_t>(newest_first.rend() - last) >= rule.to_alarm;
}

}  // namespace

bool Rule::breaches(double value) const {
  if (comparison == "GreaterThanOrEqualToThreshold") return value >= threshold;
  if (comparison == "GreaterThanThreshold") return value > threshold;
  if (comparison == "LessThanThreshold") return value < threshold;
  return value <= threshold;
}

Verdict judge(const Rule& rule, const Series& newest_first, const std::vector<base::Timestamp>& times) {
  Verdict verdict;
  for (std::size_t i = 0; i < newest_first.size() && verdict.judged.size() < rule.periods; ++i) {
    if (newest_first[i]) verdict.judged.push_back({times[i], *newest_first[i]});
  }
  const std::size_t filled = rule.periods - verdict.judged.size();
  const std::size_t breaching = that_breach(rule, verdict.judged, true).size();
  const bool some_fine = breaching < verdict.judged.size();
  const bool fills = filled > 0 && (rule.missing == "breaching" || rule.missing == "notBreaching");
  const std::size_t bad = breaching + (rule.missing == "breaching" ? filled : 0);
  const bool tells = filled == 0 || fills || some_fine;
  const bool leaves_missing = !tells && rule.missing != "ignore";

  if (bad >= rule.to_alarm || (leaves_missing && goes_off_early(rule, newest_first))) {
    verdict.state = "ALARM";
  } else if (tells) {
    verdict.state = "OK";
  } else if (leaves_missing && verdict.judged.empty()) {
    verdict.state = "INSUFFICIENT_DATA";
    verdict.reason = fmt::format("Insufficient Data: {} {} unknown.", filled, plural(filled, "datapoint was", "datapoints were"));
    return verdict;
  } else {
    return verdict;
  }
  verdict.reason = reason(rule, verdict.state == "ALARM", verdict.judged, fills ? filled : 0);
  return verdict;
}

}  // namespace engine::cloudwatch
