// The JSON form of a shape: awsJson's and restJson's bodies, and how services store what they keep.
#pragma once

#include "engine/protocol/shape.h"
#include "engine/protocol/validate.h"

#include <string>
#include <string_view>

namespace engine {

/// The text isn't JSON, or a value has another type than the shape.
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fills `object` from JSON text. Members the shape does not know are skipped, null is absence. Required
/// members that are missing are added to `violations`. Throws JsonError. Of the memory from text.data()
/// on, `readable` bytes may be read, whatever they are: 64 more than the text's spare a copy of it.
void read_json(const Shape& shape, std::string_view text, void* object, Violations& violations,
               std::size_t readable = 0);

/// Appends the JSON form: absent members are left out. Members that do not travel in the body are left
/// out as well unless `all_members`.
void write_json(const Shape& shape, const void* value, std::string& out, bool all_members = false);

/// A generated struct as JSON text with all its members, and back. What the catalog's rows hold.
template <class T>
std::string to_json(const T& value) {
  std::string out;
  write_json(shape_of<T>(), &value, out, true);
  return out;
}
template <class T>
T from_json(std::string_view text) {
  T value;
  Violations ignored;
  read_json(shape_of<T>(), text, &value, ignored);
  return value;
}

/// Appends `text` as a JSON string, quotes and escapes included.
void write_json_string(std::string_view text, std::string& out);

}  // namespace engine
