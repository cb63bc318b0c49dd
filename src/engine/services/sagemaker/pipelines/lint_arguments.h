// Do a step's arguments make the request the step will send?
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"

namespace engine::sagemaker::pipelines {

/// Warns of required members that are missing, literals of the wrong type and members AWS doesn't
/// know. References are taken for whatever is wanted. Only warnings: AWS takes such a definition,
/// and the step fails when its turn has come.
void check_arguments(const Step& step, const std::string& where, Problems& problems);

}  // namespace engine::sagemaker::pipelines
