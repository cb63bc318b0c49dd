// CBOR bodies.
#include "engine/models/cloudwatch.h"
#include "engine/protocol/round_trip.h"
#include "engine/protocol/cbor.h"

FUZZ(bytes) {
  using namespace engine;
  hold_round_trip<cloudwatch::api::PutMetricDataInput, CborError>(
      bytes, [](auto&&... given) { read_cbor(given...); },
      [](const auto& shape, const void* object, std::string& out) { write_cbor(shape, object, out); });
}
