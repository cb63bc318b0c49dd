// The query protocol's forms.
#include "engine/models/iam.h"
#include "engine/protocol/error.h"
#include "engine/protocol/json.h"
#include "engine/protocol/query.h"
#include "lib/base/fuzz.h"
#include "lib/http/message.h"

namespace {

using Shape = engine::iam::api::CreateRoleInput;

}  // namespace

FUZZ(bytes) {
  Shape value;
  engine::Violations violations;
  try {
    engine::read_query(engine::shape_of<Shape>(), http::parse_query(bytes), &value, violations);
    engine::validate(engine::shape_of<Shape>(), &value, {}, violations);
  } catch (const engine::AwsError&) {
    return;
  }
  // All of it is text, so it has a JSON form.
  const std::string text = engine::to_json(value);
  base::fuzz::hold(engine::to_json(engine::from_json<Shape>(text)) == text,
                   "what was read has a JSON form");
}
