// Kinesis on the wire: its operations as a table.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/kinesis/kinesis.h"

namespace engine::kinesis {

/// One definition for each of awsJson 1.1 and its CBOR, over the same operations. `kinesis` must outlive
/// them.
ServiceDefinition definition(Kinesis& kinesis, Protocol protocol = Protocol::kAwsJson11);

}  // namespace engine::kinesis
