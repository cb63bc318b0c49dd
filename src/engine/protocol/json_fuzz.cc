// Bodies of awsJson.
#include "engine/models/kinesis.h"
#include "engine/protocol/round_trip.h"
#include "engine/protocol/json.h"

FUZZ(bytes) {
  using namespace engine;
  hold_round_trip<kinesis::api::PutRecordsInput, JsonError>(
      bytes, [](auto&&... given) { read_json(given...); },
      [](const auto& shape, const void* object, std::string& out) { write_json(shape, object, out); });
}
