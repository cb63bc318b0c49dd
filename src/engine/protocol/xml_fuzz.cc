// restXml's documents: what is read is written, and read again, the same.
#include "engine/models/s3.h"
#include "engine/protocol/xml.h"
#include "lib/base/fuzz.h"

namespace {

using Shape = engine::s3::api::LifecycleRule;

/// The input as its codec writes it, or nothing when it can't be read.
std::optional<std::string> again(std::string_view bytes) {
  Shape value;
  engine::Violations violations;
  try {
    engine::read_xml(engine::shape_of<Shape>(), bytes, &value, violations);
  } catch (const engine::XmlError&) {
    return std::nullopt;
  }
  engine::validate(engine::shape_of<Shape>(), &value, {}, violations);
  std::string out;
  engine::write_xml(engine::shape_of<Shape>(), &value, "Rule", {}, out);
  return out;
}

}  // namespace

FUZZ(bytes) {
  const auto once = again(bytes);
  if (!once) return;
  base::fuzz::hold(again(*once) == once, "what was written is read as the same");
}
