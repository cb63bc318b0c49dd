// CloudWatch's operations, in the three protocols its clients speak.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/cloudwatch/cloudwatch.h"

namespace engine::cloudwatch {

/// One definition for each of Smithy's RPC v2 in CBOR (new SDKs), awsJson 1.0 and query (old SDKs,
/// Terraform), over the same operations. `cloudwatch` must outlive them.
ServiceDefinition definition(CloudWatch& cloudwatch, Protocol protocol);

}  // namespace engine::cloudwatch
