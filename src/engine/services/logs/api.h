// CloudWatch Logs on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/logs/logs.h"

namespace engine::logs {

ServiceDefinition definition(Logs& logs);

}  // namespace engine::logs
