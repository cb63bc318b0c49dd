// A pipeline in its role.
#include "engine/services/sagemaker/pipelines/acting.h"

#include "engine/services/sagemaker/jobs/acting.h"

namespace engine::sagemaker::pipelines {

void require_call(const StepRun& run, std::string_view action, const std::string& resource,
                  const json::object& arguments) {
  const Context& context = run.state.context;
  if (context.authority == nullptr) return;
  // "…:pipeline/brew/execution/7": the role is the pipeline's.
  const std::string key = key_of(run.execution_arn, "pipeline");
  const auto pipeline = run.state.pipelines.find(key.substr(0, key.find('/')));
  if (!pipeline) return;  // deleted while it runs
  const Actor actor = acting_as(pipeline->RoleArn.value_or(""));
  context.require(actor, action, resource);
  for (const char* member : {"RoleArn", "ExecutionRoleArn"}) {
    const auto* role = arguments.if_contains(member);
    if (role == nullptr || !role->is_string()) continue;
    context.require(actor, "iam:PassRole", std::string_view(role->get_string()), {{"iam:passedtoservice", actor.service}});
  }
}

}  // namespace engine::sagemaker::pipelines
