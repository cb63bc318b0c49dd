// S3 as the gateway dispatches it.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/s3/s3.h"

namespace engine::s3 {

ServiceDefinition definition(S3& s3);

}  // namespace engine::s3
