// The versions of a managed policy: "v1", "v2", …, at most five at a time, numbers never reused.
#pragma once

#include "engine/services/iam/iam.h"

namespace engine::iam {

/// Adds version `number` of the policy, as the newest, to the batch. Which version is the default
/// stands in the policy's own row.
void add_version(storage::Batch& batch, std::string_view arn, int number, std::string_view document,
                 Timestamp now);

}  // namespace engine::iam
