// What a program writes: to CloudWatch Logs, and through the metrics' patterns.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/services/logs/logs.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace engine::sagemaker {

/// Told of each value of a metric as it is seen.
using MetricSink = std::function<void(const api::MetricData&)>;

/// One log stream. take() is called from the program's thread; the rest once the program has ended.
class JobLog {
 public:
  /// Without a group nothing goes to CloudWatch Logs: the role may not write there.
  JobLog(Context& context, logs::Logs& logs, std::string group, std::string stream,
         const std::vector<api::MetricDefinition>& metrics = {}, MetricSink on_metric = {});
  ~JobLog();

  void take(const std::vector<std::string>& lines);

  const std::string& group() const { return group_; }
  const std::string& stream() const { return stream_; }
  /// The last line that isn't blank: the best guess at why a program ended.
  const std::string& last_line() const { return last_line_; }
  /// The last value of each metric that was seen, by the metrics' order.
  std::vector<api::MetricData> metrics() const;

 private:
  struct Metric {
    std::string name;
    std::unique_ptr<re2::RE2> pattern;
    std::optional<api::MetricData> last;
  };

  Context& context_;
  logs::Logs& logs_;
  std::string group_, stream_, last_line_;
  std::vector<Metric> metrics_;
  MetricSink on_metric_;
};

/// Throws AwsError (ValidationException) for a pattern that isn't one or has no group.
void check_metrics(const std::vector<api::MetricDefinition>& metrics);

}  // namespace engine::sagemaker
