// Do all references of a definition lead somewhere, is there a cycle.
#include "engine/services/sagemaker/pipelines/lint.h"

#include "engine/models/sagemaker.h"
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/pipelines/reference.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::string_view kExecutionNames[] = {
    "PipelineName",  "PipelineArn",     "PipelineExecutionId", "PipelineExecutionArn",
    "StartDateTime", "CurrentDateTime", "TrainingJobName",     "ProcessingJobName"};

constexpr std::string_view kComparisons[] = {
    "Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"};

/// What Steps.<name> stands for: what the Describe of the thing the step makes answers.
const Shape* described_shape(std::string_view type) {
  if (type == "Processing") return &shape_of<api::DescribeProcessingJobResponse>();
  if (type == "Training") return &shape_of<api::DescribeTrainingJobResponse>();
  if (type == "Model") return &shape_of<api::DescribeModelOutput>();
  if (type == "RegisterModel") return &shape_of<api::DescribeModelPackageOutput>();
  return nullptr;
}

/// Follows the path through the types; false when a name isn't a member.
bool exists(const Shape* shape, const Path& path) {
  for (const PathPart& part : path) {
    if (shape->kind == Kind::kStructure) {
      const auto* name = std::get_if<std::string>(&part);
      const Member* member = name != nullptr ? shape->find_member(*name) : nullptr;
      if (member == nullptr) return false;
      shape = member->shape;
    } else if (shape->kind == Kind::kList || shape->kind == Kind::kMap) {
      shape = shape->element;
    } else {
      return false;
    }
  }
  return true;
}

bool is_property_file(const Reference& reference) {
  return reference.of == Reference::Of::kStep && reference.path.size() == 2 &&
         reference.path.front() == PathPart(std::string("PropertyFiles"));
}

class Linter {
 public:
  explicit Linter(Definition& definition) : definition_(definition) {}

  void run() {
    for (Step& step : definition_.steps) {
      where_ = fmt::format("Step \"{}\"", step.name);
      for (const std::string& need : step.needs) needed_step(need);
      if (step.type == "Condition") check_conditions(step.arguments.at("Conditions"));
      // A condition's branches are steps of their own; only its conditions are its arguments.
      const json::value looked_at =
          step.type == "Condition" ? step.arguments.at("Conditions") : json::value(step.arguments);
      for_each(looked_at, [&](const Reference& reference) {
        check(reference);
        if (reference.of == Reference::Of::kStep) step.needs.insert(reference.name);
      });
    }
    where_ = "PipelineExperimentConfig";
    for_each(definition_.experiment, [&](const Reference& reference) { check(reference); });
    refuse_cycles();
  }

 private:
  AwsError invalid(const std::string& sentence) const {
    return validation(fmt::format("Unable to parse pipeline definition. {}: {}", where_, sentence));
  }

  void for_each(const json::value& value, const std::function<void(const Reference&)>& use) const {
    try {
      for_each_reference(value, use);
    } catch (const ReferenceError& error) {
      throw invalid(std::string(error.what()) + ".");
    }
  }

  const Step& needed_step(const std::string& name) const {
    const Step* step = definition_.find_step(name);
    if (step == nullptr) throw invalid(fmt::format("there is no step \"{}\".", name));
    return *step;
  }

  void check_conditions(const json::value& conditions) const {
    if (!conditions.is_array()) throw invalid("\"Conditions\" must be a list.");
    for (const json::value& condition : conditions.as_array()) check_condition(condition);
  }

  void check_condition(const json::value& value) const {
    const auto* condition = value.if_object();
    const auto* named = condition != nullptr ? condition->if_contains("Type") : nullptr;
    if (named == nullptr || !named->is_string()) throw invalid("a condition has no \"Type\".");
    const std::string type(named->as_string());
    const auto check_members =
        [&](std::initializer_list<std::pair<const char*, const char*>> names) {
          for (const auto& [name, other] : names) {
            if (!condition->contains(name) && !condition->contains(other)) {
              throw invalid(fmt::format("the condition {} has no \"{}\".", type, name));
            }
          }
        };
    if (type == "Not") {
      check_members({{"Condition", "Condition"}});
      check_condition(condition->at("Condition"));
    } else if (type == "Or") {
      check_members({{"Conditions", "Conditions"}});
      check_conditions(condition->at("Conditions"));
    } else if (type == "In" || type == "NotIn") {
      check_members({{"QueryValue", "Value"}, {"Values", "In"}});
    } else if (std::find(std::begin(kComparisons), std::end(kComparisons), type) !=
               std::end(kComparisons)) {
      check_members({{"LeftValue", "LeftValue"}, {"RightValue", "RightValue"}});
    } else {
      throw invalid(fmt::format("there is no condition \"{}\".", type));
    }
  }

  void check(const Reference& reference) const {
    if (reference.of == Reference::Of::kParameter) {
      if (definition_.find_parameter(reference.name) == nullptr) {
        throw invalid(fmt::format("there is no parameter \"{}\".", reference.name));
      }
    } else if (reference.of == Reference::Of::kExecution) {
      if (std::find(std::begin(kExecutionNames), std::end(kExecutionNames), reference.name) ==
          std::end(kExecutionNames)) {
        throw invalid(fmt::format("there is no \"{}\".", reference.text));
      }
    } else {
      check_property(reference, needed_step(reference.name));
    }
  }

  void check_property(const Reference& reference, const Step& step) const {
    if (is_property_file(reference)) {
      const auto* name = std::get_if<std::string>(&reference.path[1]);
      if (name == nullptr || !step.property_files.contains(*name)) {
        throw invalid(
            fmt::format("\"{}\": the step declares no such property file.", reference.text));
      }
      return;
    }
    const bool outcome = step.type == "Condition" && reference.path == Path{std::string("Outcome")};
    const Shape* shape = described_shape(step.type);
    if (!outcome && (shape == nullptr || !exists(shape, reference.path))) {
      throw invalid(
          fmt::format("\"{}\": a {} step has no such property.", reference.text, step.type));
    }
    check_items(reference, step);
  }

  /// Describe gives the lists of the step's arguments back as they were sent, so which items they
  /// have is known already.
  void check_items(const Reference& reference, const Step& step) const {
    const json::value arguments(step.arguments);
    const json::value* at = &arguments;
    for (const PathPart& part : reference.path) {
      if (at->is_array()) {
        try {
          at = &follow(*at, {part}, reference.text);
        } catch (const ReferenceError& error) {
          throw invalid(std::string(error.what()) + ".");
        }
      } else {
        const auto* object = at->if_object();
        const auto* name = std::get_if<std::string>(&part);
        at = object != nullptr && name != nullptr ? object->if_contains(*name) : nullptr;
        if (at == nullptr) return;
      }
    }
  }

  void refuse_cycles() const {
    std::set<std::string> done, open;
    for (const Step& step : definition_.steps) visit(step, done, open);
  }

  void visit(const Step& step, std::set<std::string>& done, std::set<std::string>& open) const {
    if (done.contains(step.name)) return;
    if (!open.insert(step.name).second) {
      throw validation(
          fmt::format("Unable to parse pipeline definition. The steps {} wait for each "
                      "other in a cycle.",
                      fmt::join(open, ", ")));
    }
    for (const std::string& need : step.needs) visit(*definition_.find_step(need), done, open);
    open.erase(step.name);
    done.insert(step.name);
  }

  Definition& definition_;
  std::string where_;
};

}  // namespace

void check_references(Definition& definition) { Linter(definition).run(); }

}  // namespace engine::sagemaker::pipelines
