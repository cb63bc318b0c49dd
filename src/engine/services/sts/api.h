// STS as the gateway dispatches it.
#pragma once

#include "engine/protocol/operation.h"

namespace engine::sts {

ServiceDefinition definition();

}  // namespace engine::sts
