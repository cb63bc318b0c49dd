// What services measure of themselves, for CloudWatch.
#pragma once

#include <functional>
#include <string_view>

namespace engine {

/// One value of one metric: {"AWS/Lambda", "Errors", "FunctionName", "f", 1}.
struct Measurement {
  std::string_view name_space;  ///< "AWS/Kinesis"
  std::string_view metric;      ///< "IncomingRecords"
  std::string_view dimension;   ///< "StreamName", or several: "EndpointName,VariantName"
  std::string_view resource;    ///< the dimension's value, or as many: "beer-ibu,AllTraffic"
  double value = 0;
  std::string_view unit = "Count";  ///< a StandardUnit
};

/// Takes a measurement as of now: cheap, touches no disk, never throws. Empty where nobody listens.
class Meter {
 public:
  using Sink = std::function<void(const Measurement&)>;

  Meter() = default;
  explicit Meter(Sink sink) : sink_(std::move(sink)) {}

  void operator()(const Measurement& measurement) const {
    if (sink_) sink_(measurement);
  }

 private:
  Sink sink_;
};

}  // namespace engine
