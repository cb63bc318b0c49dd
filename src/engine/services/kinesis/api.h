// Kinesis on the wire: its operations as a table.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/kinesis/kinesis.h"

namespace engine::kinesis {

/// One definition for each of awsJson 1.1 and its CBOR, over the same operations. `kinesis` must outlive
/// them.
ServiceDefinition definition(Kinesis& kinesis, Protocol protocol = Protocol::kAwsJson11);

/// The name of the stream that a shard iterator leads into; "" when it is none of ours.
std::string stream_of_iterator(Kinesis& kinesis, std::string_view iterator);

}  // namespace engine::kinesis
