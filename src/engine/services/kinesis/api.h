// Kinesis on the wire: its operations as a table.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/kinesis/kinesis.h"

namespace engine::kinesis {

/// `kinesis` must outlive the definition.
ServiceDefinition definition(Kinesis& kinesis);

}  // namespace engine::kinesis
