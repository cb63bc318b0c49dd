// Selective executions.
#include "engine/services/sagemaker/pipelines/selection.h"

#include "engine/services/sagemaker/errors.h"

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

using Row = api::PipelineExecutionStep;

std::set<std::string> selected_steps(const Definition& definition,
                                     const api::SelectiveExecutionConfig& config) {
  std::set<std::string> names;
  for (const auto& [name] : config.SelectedSteps) {
    if (definition.find_step(name) == nullptr) {
      throw validation(fmt::format("The pipeline has no step \"{}\" to select.", name));
    }
    names.insert(name);
  }
  if (names.empty()) throw validation("SelectiveExecutionConfig selects no steps.");
  return names;
}

const Row& row_of(const std::vector<Row>& source, const std::string& need, const Step& step) {
  const auto found = std::find_if(source.begin(), source.end(), [&](const Row& row) {
    return row.StepName == need && row.StepStatus == "Succeeded";
  });
  if (found != source.end()) return *found;
  throw validation(
      fmt::format("The selected step \"{}\" needs \"{}\", which is neither selected nor has it "
                  "succeeded in the source execution.",
                  step.name, need));
}

/// A branch not taken can't run, whatever is selected.
void check_branch(const Step& step, const Row& condition) {
  if (!condition.Metadata || !condition.Metadata->Condition) return;
  const bool outcome = condition.Metadata->Condition->Outcome == "True";
  if (step.condition == condition.StepName && outcome != step.if_branch) {
    throw validation(fmt::format(
        "The selected step \"{}\" is in the branch that \"{}\" didn't take in the source "
        "execution; select that condition, too.",
        step.name, step.condition));
  }
}

}  // namespace

std::vector<Row> reused_steps(const Definition& definition,
                              const api::SelectiveExecutionConfig& config,
                              const std::vector<Row>& source) {
  const auto selected = selected_steps(definition, config);
  std::map<std::string, Row> reused;
  for (const std::string& name : selected) {
    const Step& step = *definition.find_step(name);
    for (const std::string& need : step.needs) {
      if (selected.contains(need)) continue;
      Row row = row_of(source, need, step);
      check_branch(step, row);
      row.CacheHitResult.reset();
      row.SelectiveExecutionResult = api::SelectiveExecutionResult{
          .SourcePipelineExecutionArn = config.SourcePipelineExecutionArn};
      reused.emplace(need, std::move(row));
    }
  }
  std::vector<Row> rows;
  for (const Step& step : definition.steps) {  // in the document's order
    const auto found = reused.find(step.name);
    if (found != reused.end()) rows.push_back(std::move(found->second));
  }
  return rows;
}

}  // namespace engine::sagemaker::pipelines
