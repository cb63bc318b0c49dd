// Athena on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/athena/athena.h"

namespace engine::athena {

/// The table of Athena's operations; `athena` must outlive it.
ServiceDefinition definition(Athena& athena);

}  // namespace engine::athena
