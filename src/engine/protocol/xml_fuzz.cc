// restXml's documents.
#include "engine/models/s3.h"
#include "engine/protocol/round_trip.h"
#include "engine/protocol/xml.h"

FUZZ(bytes) {
  using namespace engine;
  hold_round_trip<s3::api::LifecycleRule, XmlError>(
      bytes, [](auto&&... given) { read_xml(given...); },
      [](const auto& shape, const void* object, std::string& out) { write_xml(shape, object, "Rule", {}, out); });
}
