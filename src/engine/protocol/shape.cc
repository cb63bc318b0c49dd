// Reaching into structs that only the generator knew.
#include "engine/protocol/shape.h"

namespace engine {

const Shape kStreamShape = {
    .kind = Kind::kStream, .name = "Body", .access = access_of<http::Body>()};
const Shape kEmptyShape = {.kind = Kind::kStructure, .name = "Empty", .access = {}};

const void* Member::get(const void* object) const {
  const void* at = static_cast<const char*>(object) + offset;
  return required ? at : shape->access.optional_get(at);
}

void* Member::set(void* object) const {
  void* at = static_cast<char*>(object) + offset;
  return required ? at : shape->access.optional_set(at);
}

const Member* Shape::find_member(std::string_view wire_name) const {
  for (const Member& member : members) {
    if (member.wire_name == wire_name) return &member;
  }
  return nullptr;
}

}  // namespace engine
