// Lambda on the wire.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/lambda/lambda.h"

namespace engine::lambda {

ServiceDefinition definition(Lambda& lambda);

}  // namespace engine::lambda
