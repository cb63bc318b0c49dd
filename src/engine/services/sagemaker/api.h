// What the gateway knows of SageMaker: its control plane and its runtime.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/sagemaker/sagemaker.h"

namespace engine::sagemaker {

ServiceDefinition definition(SageMaker& sagemaker);
/// runtime.sagemaker: InvokeEndpoint, signed as "sagemaker" too.
ServiceDefinition runtime_definition(SageMaker& sagemaker);

}  // namespace engine::sagemaker
