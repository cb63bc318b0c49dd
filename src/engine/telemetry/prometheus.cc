// The text format, family by family.
#include "engine/telemetry/prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace engine::telemetry {
namespace {

const char* kind_text(Kind kind) {
  switch (kind) {
    case Kind::kCounter: return "counter";
    case Kind::kGauge: return "gauge";
    case Kind::kSummary: return "summary";
    case Kind::kHistogram: return "histogram";
  }
  return "untyped";
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string head(const Registry::Family& family) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", family.name, family.help, kind_text(family.kind));
}

void add_sample(std::string& text, std::string_view name, std::string_view labels, double value) {
  text += labels.empty() ? fmt::format("{} {}\n", name, number(value))
                         : fmt::format("{}{{{}}} {}\n", name, labels, number(value));
}

}  // namespace

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      if (c == '\n') text += "\\n";
      else text += c;
    }
    text += '"';
  }
  return text;
}

std::string single(const Registry::Family& family, double value) {
  std::string text = head(family);
  add_sample(text, family.name, {}, value);
  return text;
}

void Registry::take(const Family& family, const Labels& labels, double value) {
  const std::lock_guard lock(mutex_);
  auto kept = families_.find(family.name);
  if (kept == families_.end()) kept = families_.emplace(family.name, Kept{family, {}}).first;
  const std::string key = labels_text(labels);
  auto at = kept->second.series.find(key);
  if (at == kept->second.series.end()) {
    if (series_ >= kMostSeries) return;
    ++series_;
    at = kept->second.series.emplace(key, Series{}).first;
    at->second.buckets.resize(family.kind == Kind::kHistogram ? family.bounds.size() : 0);
  }
  Series& series = at->second;
  if (family.kind == Kind::kGauge) {
    series.sum = value;
    return;
  }
  series.sum += value;
  ++series.count;
  const auto bound = std::lower_bound(kept->second.family.bounds.begin(), kept->second.family.bounds.end(), value);
  if (bound != kept->second.family.bounds.end()) {
    ++series.buckets[static_cast<std::size_t>(bound - kept->second.family.bounds.begin())];
  }
}

std::string Registry::text() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [name, kept] : families_) {
    const Family& family = kept.family;
    text += head(family);
    for (const auto& [labels, series] : kept.series) {
      if (family.kind == Kind::kCounter || family.kind == Kind::kGauge) {
        add_sample(text, name, labels, series.sum);
        continue;
      }
      const std::string before = labels.empty() ? labels : labels + ",";
      double below = 0;
      for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        below += series.buckets[i];
        add_sample(text, name + "_bucket", fmt::format("{}le=\"{}\"", before, number(family.bounds[i])), below);
      }
      if (family.kind == Kind::kHistogram) add_sample(text, name + "_bucket", before + "le=\"+Inf\"", series.count);
      add_sample(text, name + "_sum", labels, series.sum);
      add_sample(text, name + "_count", labels, series.count);
    }
  }
  return text;
}

}  // namespace engine::telemetry
