// What the fuzz targets of the codecs hold: what is read is written, and read again, the same.
#pragma once

#include "engine/protocol/validate.h"
#include "lib/base/fuzz.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// `read(shape, bytes, object, violations)` throws Malformed for what is no body; `write(shape, object, out)`.
template <class Shape, class Malformed, class Read, class Write>
void hold_round_trip(std::string_view bytes, Read read, Write write) {
  const auto again = [&](std::string_view text) -> std::optional<std::string> {
    Shape value;
    Violations violations;
    try {
      read(shape_of<Shape>(), text, &value, violations);
    } catch (const Malformed&) {
      return std::nullopt;
    }
    validate(shape_of<Shape>(), &value, {}, violations);
    std::string out;
    write(shape_of<Shape>(), &value, out);
    return out;
  };
  const auto once = again(bytes);
  if (once) base::fuzz::hold(again(*once) == once, "what was written is read as the same");
}

}  // namespace engine
