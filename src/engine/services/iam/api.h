// IAM as the gateway dispatches it.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/iam/iam.h"

namespace engine::iam {

ServiceDefinition definition(Iam& iam);

}  // namespace engine::iam
