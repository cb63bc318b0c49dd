// What only the whole definition can tell: do all references lead somewhere, is there a cycle.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"

namespace engine::sagemaker::pipelines {

/// Adds to each step's `needs` what its arguments refer to, and checks all references: parameters
/// and steps exist, Execution's names are known, a property is a member of what the step's Describe
/// answers, property files are declared; and that no step waits for itself. Throws AwsError.
void check_references(Definition& definition);

}  // namespace engine::sagemaker::pipelines
