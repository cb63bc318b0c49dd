// EventBridge on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/events/events.h"

namespace engine::events {

ServiceDefinition definition(Events& events);

}  // namespace engine::events
