// JSON of deeper shapes: numbers, times, maps, lists in lists.
#include "engine/models/cloudwatch.h"
#include "engine/protocol/round_trip.h"
#include "engine/protocol/json.h"

FUZZ(bytes) {
  using namespace engine;
  hold_round_trip<cloudwatch::api::PutMetricDataInput, JsonError>(
      bytes, [](auto&&... given) { read_json(given...); },
      [](const auto& shape, const void* object, std::string& out) { write_json(shape, object, out); });
}
