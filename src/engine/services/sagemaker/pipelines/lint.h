// What only the whole definition can tell: do all references lead somewhere, do conditions compare
// what can be compared, is there a cycle.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"

namespace engine::sagemaker::pipelines {

/// Adds to each step's `needs` what its arguments refer to, and checks all references, the outputs
/// behind property files, the types conditions compare, and that no step waits for itself.
///
/// Warns of what AWS takes but can't work: a step that can never run, arguments that miss what the
/// step's request requires or hold what it doesn't know, parameters nobody uses.
void check_references(Definition& definition, Problems& problems);

}  // namespace engine::sagemaker::pipelines
