// Firehose on the wire: its operations as a table.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/firehose/firehose.h"

namespace engine::firehose {

/// `firehose` must outlive the definition.
ServiceDefinition definition(Firehose& firehose);

}  // namespace engine::firehose
