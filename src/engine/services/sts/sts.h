// STS: who calls. It has no state: the gateway knows the caller before the operation runs.
#pragma once

#include "engine/models/sts.h"
#include "engine/protocol/operation.h"

namespace engine::sts {

api::GetCallerIdentityOutput get_caller_identity(Call&, const api::GetCallerIdentityInput&);

}  // namespace engine::sts
