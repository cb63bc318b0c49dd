// What a request on a stream measures under its operation's name: "PutRecords.Latency" and the like.
#pragma once

#include "engine/services/context.h"

#include <chrono>
#include <string>
#include <string_view>

namespace engine::kinesis {

/// Made when the request comes; values are measured as they are told. Latency is the wall clock's.
/// Verified: "Basic stream-level metrics" of AWS's developer guide: names, units, and what a success is.
class RequestMetrics {
 public:
  RequestMetrics(const Context& context, std::string_view operation, const std::string& stream)
      : context_(context), operation_(operation), stream_(stream), began_(std::chrono::steady_clock::now()) {}

  void measure(std::string_view metric, double value, std::string_view unit = "Count") const {
    context_.meter({"AWS/Kinesis", operation_ + "." + std::string(metric), "StreamName", stream_, value, unit});
  }
  /// Bytes, Success and Latency, which every operation has. To be told last.
  void done(bool success, double bytes) const {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
    measure("Bytes", bytes, "Bytes");
    measure("Success", success ? 1 : 0);
    measure("Latency", took.count(), "Milliseconds");
  }

 private:
  const Context& context_;
  std::string operation_;
  const std::string& stream_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace engine::kinesis
