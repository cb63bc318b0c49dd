// Bodies of awsJson: what is read is written, and read again, the same.
#include "engine/models/kinesis.h"
#include "engine/protocol/json.h"
#include "lib/base/fuzz.h"

namespace {

using Shape = engine::kinesis::api::PutRecordsInput;

/// The input as its codec writes it, or nothing when it can't be read.
std::optional<std::string> again(std::string_view bytes) {
  Shape value;
  engine::Violations violations;
  try {
    engine::read_json(engine::shape_of<Shape>(), bytes, &value, violations);
  } catch (const engine::JsonError&) {
    return std::nullopt;
  }
  engine::validate(engine::shape_of<Shape>(), &value, {}, violations);
  std::string out;
  engine::write_json(engine::shape_of<Shape>(), &value, out);
  return out;
}

}  // namespace

FUZZ(bytes) {
  const auto once = again(bytes);
  if (!once) return;
  base::fuzz::hold(again(*once) == once, "what was written is read as the same");
}
