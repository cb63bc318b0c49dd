// What the engine tells Prometheus: requests, what services measure, jobs, the process itself.
#pragma once

#include "engine/services/measurement.h"
#include "engine/telemetry/prometheus.h"

#include <chrono>
#include <string>
#include <string_view>

namespace engine::telemetry {

/// Counts from its making on; names and labels by Prometheus' conventions (base units, _total).
/// Thread-safe, and touches no disk but for text().
class Telemetry {
 public:
  /// A request that was answered. `operation` is AWS's name, "" when the engine has none of that name.
  void request(std::string_view service, std::string_view operation, int status,
               std::chrono::duration<double> took);

  /// What goes to CloudWatch too, under AWS's names: streams, deliveries, functions, endpoints. What has
  /// no name of its own here is left to CloudWatch.
  void measure(const Measurement& measurement);

  /// An event of the default bus, so that jobs are counted by how they end: `detail` is its JSON.
  void event(std::string_view source, std::string_view detail_type, std::string_view detail);

  /// The exposition, version 0.0.4, with the process as it is now.
  std::string text() const;

 private:
  Registry registry_;
};

/// process_resident_memory_bytes, process_open_fds, … of /proc/self; "" where there is none.
std::string process_text();

}  // namespace engine::telemetry
