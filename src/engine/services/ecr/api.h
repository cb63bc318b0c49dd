// ECR as the gateway dispatches it.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/ecr/ecr.h"

namespace engine::ecr {

ServiceDefinition definition(Ecr& ecr);

}  // namespace engine::ecr
