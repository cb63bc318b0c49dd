// What only the whole definition can tell.
#include "engine/services/sagemaker/pipelines/lint.h"

#include "engine/services/sagemaker/pipelines/condition_checker.h"
#include "engine/services/sagemaker/pipelines/lint_arguments.h"
#include "engine/services/sagemaker/pipelines/value_checker.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

std::string where_of(const Step& step) { return fmt::format("Step \"{}\"", step.name); }

class Linter {
 public:
  Linter(Definition& definition, Problems& problems)
      : definition_(definition), problems_(problems), values_(definition, problems) {}

  void run() {
    for (Step& step : definition_.steps) {
      check_depends_on(step);
      check_values(step);
      check_property_files(step);
      check_arguments(step, where_of(step), problems_);
    }
    std::set<std::string> ignored;
    values_.check(definition_.experiment, "PipelineExperimentConfig", ignored);
    refuse_cycles();
    if (problems_.errors().empty()) warn_of_steps_that_never_run();
  }

 private:
  void check_depends_on(Step& step) {
    for (auto need = step.needs.begin(); need != step.needs.end();) {
      if (definition_.find_step(*need) != nullptr) {
        ++need;
        continue;
      }
      problems_.add(where_of(step), fmt::format("there is no step \"{}\".", *need));
      need = step.needs.erase(need);
    }
  }

  /// A condition's branches are steps of their own; only its conditions are its arguments.
  void check_values(Step& step) {
    if (step.type != "Condition") {
      values_.check(step.arguments, where_of(step), step.needs);
      values_.check(step.quality_check, where_of(step), step.needs);
    } else if (const auto* conditions = step.arguments.if_contains("Conditions")) {
      ConditionChecker(values_, problems_, where_of(step), step.needs).check_all(*conditions);
    }
  }

  void check_property_files(const Step& step) {
    const auto* config = step.arguments.if_contains("ProcessingOutputConfig");
    const auto* object = config != nullptr ? config->if_object() : nullptr;
    const auto* outputs = object != nullptr ? object->if_contains("Outputs") : nullptr;
    for (const auto& [name, file] : step.property_files) {
      if (step.type != "Processing") {
        problems_.add(where_of(step), fmt::format("a {} step has no property files.", step.type));
        return;
      }
      try {
        const json::value none = json::array();
        follow(outputs != nullptr ? *outputs : none, {file.output}, file.output);
      } catch (const ReferenceError&) {
        problems_.add(where_of(step),
                      fmt::format("the property file \"{}\" is of the output \"{}\", which the "
                                  "step doesn't have.",
                                  name, file.output));
      }
    }
  }

  void refuse_cycles() {
    std::set<std::string> done;
    std::vector<std::string> open;
    for (const Step& step : definition_.steps) visit(step, done, open);
  }

  void visit(const Step& step, std::set<std::string>& done, std::vector<std::string>& open) {
    if (done.contains(step.name)) return;
    const auto at = std::find(open.begin(), open.end(), step.name);
    if (at != open.end()) {
      std::vector<std::string> names(at, open.end());
      // From the first name on: whichever step it was found from, it is one cycle.
      std::rotate(names.begin(), std::min_element(names.begin(), names.end()), names.end());
      problems_.add("", names.size() == 1
                            ? fmt::format("The step {} waits for itself.", names[0])
                            : fmt::format("The steps {} wait for each other in a cycle.",
                                          fmt::join(names, ", ")));
      return;
    }
    open.push_back(step.name);
    for (const std::string& need : step.needs) visit(*definition_.find_step(need), done, open);
    open.pop_back();
    done.insert(step.name);
  }

  /// A step that needs both branches of a condition.
  void warn_of_steps_that_never_run() {
    for (const Step& step : definition_.steps) {
      std::map<std::string, bool> taken;
      std::set<std::string> seen;
      if (const auto condition = contradiction(step, taken, seen)) {
        problems_.warn(where_of(step),
                       fmt::format("it never runs: it needs both branches of \"{}\".", *condition));
      }
    }
  }

  std::optional<std::string> contradiction(const Step& step, std::map<std::string, bool>& taken,
                                           std::set<std::string>& seen) {
    if (!seen.insert(step.name).second) return std::nullopt;
    if (!step.condition.empty()) {
      const auto [branch, is_new] = taken.emplace(step.condition, step.if_branch);
      if (!is_new && branch->second != step.if_branch) return step.condition;
    }
    for (const std::string& need : step.needs) {
      if (auto found = contradiction(*definition_.find_step(need), taken, seen)) return found;
    }
    return std::nullopt;
  }

  Definition& definition_;
  Problems& problems_;
  ValueChecker values_;
};

}  // namespace

void check_references(Definition& definition, Problems& problems) {
  Linter(definition, problems).run();
}

}  // namespace engine::sagemaker::pipelines
