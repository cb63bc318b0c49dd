// Pipelines' definitions.
#include "engine/protocol/error.h"
#include "engine/services/sagemaker/pipelines/definition.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  using namespace engine::sagemaker::pipelines;
  try {
    const Definition definition = parse_definition(bytes);
    for (const Step& step : definition.steps) {
      base::fuzz::hold(definition.find_step(step.name) != nullptr, "a step is found by its name");
      for (const std::string& need : step.needs)
        base::fuzz::hold(definition.find_step(need) != nullptr, "what a step needs is there");
    }
  } catch (const engine::AwsError&) {
  }
}
