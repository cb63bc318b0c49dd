// The catalogue's own nulls, slips and absurd values, done to a simulated beer at the real rates.
#pragma once

#include "beer/beer.h"
#include "beer/brewery/calibration.h"
#include "beer/brewery/random.h"

#include <span>
#include <string_view>

namespace beer {

/// One kind of fault.
struct Anomaly {
  std::string_view name;
  double beers_of_415;  ///< how many of the real catalogue have it
  void (*apply)(Beer& beer, Random& random);
};
std::span<const Anomaly> anomalies();

/// Every anomaly at its rate, and the cluster's own missing values.
void damage(Beer& beer, const Cluster& cluster, Random& random);

}  // namespace beer
