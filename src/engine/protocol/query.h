// The query protocol's requests: a form of dotted names.
#pragma once

#include "engine/protocol/shape.h"
#include "engine/protocol/validate.h"

#include <string>
#include <utility>
#include <vector>

namespace engine {

/// Fills `object` from pairs such as {"Tags.member.1.Key", "a"}. Unknown names are skipped.
void read_query(const Shape& shape, const std::vector<std::pair<std::string, std::string>>& parameters,
                void* object, Violations& violations);

}  // namespace engine
