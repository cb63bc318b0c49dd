// STS as the gateway dispatches it.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/sts/sts.h"

namespace engine::sts {

/// `sessions` lives as long as the definition.
ServiceDefinition definition(const Sessions& sessions);

}  // namespace engine::sts
