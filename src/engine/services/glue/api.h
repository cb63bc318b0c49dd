// Glue on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/glue/crawlers/crawlers.h"
#include "engine/services/glue/glue.h"

namespace engine::glue {

/// The table of Glue's operations; the services must outlive it.
ServiceDefinition definition(Glue& glue, Crawlers& crawlers);

}  // namespace engine::glue
