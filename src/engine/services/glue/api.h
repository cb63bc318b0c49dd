// Glue on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/glue/glue.h"

namespace engine::glue {

/// The table of Glue's operations; `glue` must outlive it.
ServiceDefinition definition(Glue& glue);

}  // namespace engine::glue
