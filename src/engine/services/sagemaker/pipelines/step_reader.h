// The steps of a definition's document, each by itself; what they have to do with each other is the
// linter's.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"

namespace engine::sagemaker::pipelines {

/// Puts the steps behind those the definition has, branches behind the condition they belong to. A
/// step that can't be read is left out.
void read_steps(const json::array& steps, Definition& definition, Problems& problems);

}  // namespace engine::sagemaker::pipelines
