// What a program writes.
#include "engine/services/sagemaker/jobs/log.h"

#include "engine/services/sagemaker/errors.h"
#include "lib/base/encoding.h"

#include <re2/re2.h>

#include <charconv>
#include <cmath>

namespace engine::sagemaker {
namespace {

std::unique_ptr<RE2> compile(const std::string& pattern) {
  return std::make_unique<RE2>(pattern, RE2::Quiet);
}

/// AWS's patterns were written against lines that went through syslog, which writes a tab as
/// "#011".
std::string as_syslog_writes(std::string_view line) {
  std::string text;
  for (const char c : line) {
    if (c == '\t') {
      text += "#011";
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<double> value_in(const RE2& pattern, const std::string& line) {
  std::string text;
  if (!RE2::PartialMatch(line, pattern, &text)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

JobLog::JobLog(Context& context, logs::Logs& logs, std::string group, std::string stream,
               const std::vector<api::MetricDefinition>& metrics, MetricSink on_metric)
    : context_(context),
      logs_(logs),
      group_(std::move(group)),
      stream_(std::move(stream)),
      on_metric_(std::move(on_metric)) {
  for (const auto& metric : metrics) metrics_.push_back({metric.Name, compile(metric.Regex), {}});
}
JobLog::~JobLog() = default;

void JobLog::take(const std::vector<std::string>& lines) {
  std::vector<logs::Event> events;
  const Timestamp now = context_.clock.now();
  for (const std::string& line : lines) {
    if (base::trim(line).empty()) continue;  // CloudWatch takes no empty messages
    last_line_ = line;
    events.push_back({now, line});
    const std::string escaped = metrics_.empty() ? std::string() : as_syslog_writes(line);
    for (Metric& metric : metrics_) {
      auto value = value_in(*metric.pattern, line);
      if (!value) value = value_in(*metric.pattern, escaped);
      if (!value) continue;
      metric.last = {.MetricName = metric.name, .Value = *value, .Timestamp = now};
      if (on_metric_) on_metric_(*metric.last);
    }
  }
  if (!events.empty() && !group_.empty()) logs_.append(group_, stream_, events);
}

std::vector<api::MetricData> JobLog::metrics() const {
  std::vector<api::MetricData> seen;
  for (const Metric& metric : metrics_) {
    if (metric.last) seen.push_back(*metric.last);
  }
  return seen;
}

void check_metrics(const std::vector<api::MetricDefinition>& metrics) {
  for (const auto& metric : metrics) {
    const auto pattern = compile(metric.Regex);
    if (!pattern->ok() || pattern->NumberOfCapturingGroups() < 1) {
      throw validation(fmt::format(
          "The regular expression '{}' of the metric '{}' is not valid: {}.", metric.Regex,
          metric.Name, pattern->ok() ? "it has no capturing group" : pattern->error()));
    }
  }
}

}  // namespace engine::sagemaker
