// A meter that remembers, for tests of what a service measures of itself.
#pragma once

#include "engine/services/measurement.h"
#include "lib/base/guarded.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace engine {

class TestMeter {
 public:
  Meter meter() const {
    return Meter([values = values_](const Measurement& m) {
      const std::string name = std::string(m.name_space) + " " + std::string(m.metric) + " " +
                               std::string(m.dimension) + "=" + std::string(m.resource);
      values->with([&](auto& all) { all[name].push_back(m.value); });
    });
  }

  /// The values of "AWS/Kinesis IncomingRecords StreamName=beers", in the order they came.
  std::vector<double> values(const std::string& name) const {
    return values_->with([&](auto& all) { return all[name]; });
  }

 private:
  using Values = base::Guarded<std::map<std::string, std::vector<double>>>;
  std::shared_ptr<Values> values_ = std::make_shared<Values>();
};

}  // namespace engine
