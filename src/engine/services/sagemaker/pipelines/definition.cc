// From a definition's text to its steps.
#include "engine/services/sagemaker/pipelines/definition.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/pipelines/lint.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::string_view kTypes[] = {"Processing",    "Training", "Condition",
                                       "RegisterModel", "Model",    "Fail"};
constexpr std::size_t kLongestStepName = 64;
constexpr int kDeepestBranch = 20;

AwsError invalid(const std::string& sentence) {
  return validation("Unable to parse pipeline definition. " + sentence);
}

/// A member that must be there and of the right kind; `where` names its owner in the sentence.
const json::value& member(const json::object& object, const char* name, const std::string& where) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) throw invalid(fmt::format("{} has no \"{}\".", where, name));
  return *value;
}
std::string text(const json::object& object, const char* name, const std::string& where) {
  const auto& value = member(object, name, where);
  if (!value.is_string()) throw invalid(fmt::format("\"{}\" of {} must be a string.", name, where));
  return std::string(value.as_string());
}
const json::array& list(const json::object& object, const char* name, const std::string& where) {
  static const json::array kNone;
  const auto* value = object.if_contains(name);
  if (value == nullptr) return kNone;
  if (!value->is_array()) throw invalid(fmt::format("\"{}\" of {} must be a list.", name, where));
  return value->as_array();
}
const json::object& object_of(const json::value& value, const std::string& what) {
  if (!value.is_object()) throw invalid(fmt::format("{} must be an object.", what));
  return value.as_object();
}

bool fits(const std::string& type, const json::value& value) {
  if (type == "String") return value.is_string();
  if (type == "Boolean") return value.is_bool();
  if (type == "Integer") return value.is_int64();
  return value.is_number();
}

Parameter parse_parameter(const json::value& value) {
  const auto& object = object_of(value, "A parameter");
  Parameter parameter{.name = text(object, "Name", "A parameter")};
  const std::string where = fmt::format("Parameter \"{}\"", parameter.name);
  parameter.type = text(object, "Type", where);
  constexpr std::string_view kParameterTypes[] = {"String", "Integer", "Float", "Boolean"};
  if (std::find(std::begin(kParameterTypes), std::end(kParameterTypes), parameter.type) ==
      std::end(kParameterTypes)) {
    throw invalid(fmt::format("{} has the unknown type \"{}\".", where, parameter.type));
  }
  for (const auto& allowed : list(object, "EnumValues", where))
    parameter.allowed.push_back(allowed);
  if (const auto* given = object.if_contains("DefaultValue");
      given != nullptr && !given->is_null()) {
    if (!fits(parameter.type, *given)) {
      throw invalid(
          fmt::format("The default value of {} is not of type {}.", where, parameter.type));
    }
    parameter.default_value = *given;
  }
  return parameter;
}

/// Reads the steps, branches behind the condition they belong to.
class StepReader {
 public:
  explicit StepReader(Definition& definition) : definition_(definition) {}

  void read(const json::array& steps, const std::string& condition, bool if_branch, int depth = 0) {
    if (depth > kDeepestBranch) throw invalid("Conditions are nested too deeply.");
    for (const json::value& value : steps) {
      Step step = parse(object_of(value, "A step"));
      step.condition = condition;
      step.if_branch = if_branch;
      if (!condition.empty()) step.needs.insert(condition);
      if (definition_.find_step(step.name) != nullptr) {
        throw invalid(fmt::format("Step names must be unique; \"{}\" is used twice.", step.name));
      }
      definition_.steps.push_back(std::move(step));
      if (definition_.steps.back().type == "Condition") read_branches(depth);
    }
  }

 private:
  void read_branches(int depth) {
    // Copies: reading a branch moves the steps.
    const std::string name = definition_.steps.back().name;
    const json::object arguments = definition_.steps.back().arguments;
    read(list(arguments, "IfSteps", name), name, true, depth + 1);
    read(list(arguments, "ElseSteps", name), name, false, depth + 1);
  }

  static Step parse(const json::object& object) {
    Step step{.name = text(object, "Name", "A step")};
    const std::string where = fmt::format("Step \"{}\"", step.name);
    check_name(step.name);
    step.type = text(object, "Type", where);
    if (std::find(std::begin(kTypes), std::end(kTypes), step.type) == std::end(kTypes)) {
      // Deviation: AWS has further types (Transform, Tuning, Lambda, Callback, QualityCheck, EMR,
      // …).
      throw invalid(
          fmt::format("{} has the type \"{}\", which is not supported here; there are {}.", where,
                      step.type, fmt::join(kTypes, ", ")));
    }
    step.arguments = object_of(member(object, "Arguments", where), "\"Arguments\" of " + where);
    if (object.contains("DisplayName")) step.display_name = text(object, "DisplayName", where);
    if (object.contains("Description")) step.description = text(object, "Description", where);
    read_needs(object, step, where);
    read_property_files(object, step, where);
    check_arguments(step, where);
    return step;
  }

  static void check_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= kLongestStepName &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) {
                        return std::isalnum(c) || c == '-' || c == '_';
                      });
    if (!good) {
      throw invalid(
          fmt::format("The step name \"{}\" is not valid: 1 to {} letters, digits, '-', '_'.", name,
                      kLongestStepName));
    }
  }

  static void read_needs(const json::object& object, Step& step, const std::string& where) {
    for (const auto& name : list(object, "DependsOn", where)) {
      if (!name.is_string()) throw invalid(fmt::format("DependsOn of {} must hold names.", where));
      step.needs.insert(std::string(name.as_string()));
    }
  }

  static void read_property_files(const json::object& object, Step& step,
                                  const std::string& where) {
    for (const auto& value : list(object, "PropertyFiles", where)) {
      const auto& file = object_of(value, "A property file of " + where);
      step.property_files[text(file, "PropertyFileName", where)] = {text(file, "OutputName", where),
                                                                    text(file, "FilePath", where)};
    }
  }

  static void check_arguments(const Step& step, const std::string& where) {
    if (step.type == "Fail") {
      member(step.arguments, "ErrorMessage", where);
    } else if (step.type == "Condition" && list(step.arguments, "Conditions", where).empty()) {
      throw invalid(fmt::format("{} has no \"Conditions\".", where));
    }
  }

  Definition& definition_;
};

}  // namespace

const Step* Definition::find_step(std::string_view name) const {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == name; });
  return found == steps.end() ? nullptr : &*found;
}

const Parameter* Definition::find_parameter(std::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [&](const Parameter& parameter) { return parameter.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

Definition parse_definition(std::string_view definition_text) {
  boost::system::error_code error;
  const json::value document = json::parse(definition_text, error);
  if (error) throw invalid(fmt::format("It is not JSON: {}.", error.message()));
  const auto& root = object_of(document, "The definition");
  if (const std::string version = text(root, "Version", "The definition");
      version != "2020-12-01") {
    throw invalid(fmt::format("The version \"{}\" is not known; use \"2020-12-01\".", version));
  }
  Definition definition;
  for (const auto& value : list(root, "Parameters", "the definition")) {
    Parameter parameter = parse_parameter(value);
    if (definition.find_parameter(parameter.name) != nullptr) {
      throw invalid(fmt::format("The parameter \"{}\" is declared twice.", parameter.name));
    }
    definition.parameters.push_back(std::move(parameter));
  }
  if (const auto* experiment = root.if_contains("PipelineExperimentConfig");
      experiment != nullptr && !experiment->is_null()) {
    definition.experiment = object_of(*experiment, "PipelineExperimentConfig");
  }
  StepReader(definition).read(list(root, "Steps", "the definition"), "", true);
  if (definition.steps.empty()) throw invalid("It has no steps.");
  check_references(definition);
  return definition;
}

json::value parameter_value(const Parameter& parameter, const std::string& given) {
  const auto value = [&]() -> std::optional<json::value> {
    const char* first = given.data();
    const char* last = first + given.size();
    if (parameter.type == "String") return json::value(given);
    if (parameter.type == "Boolean") {
      if (base::iequals(given, "true")) return json::value(true);
      if (base::iequals(given, "false")) return json::value(false);
      return std::nullopt;
    }
    if (parameter.type == "Integer") {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(first, last, number);
      if (error == std::errc{} && end == last) return json::value(number);
      return std::nullopt;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(first, last, number);
    if (error == std::errc{} && end == last) return json::value(number);
    return std::nullopt;
  }();
  if (!value) {
    throw validation(fmt::format("The value \"{}\" of the parameter \"{}\" is not of type {}.",
                                 given, parameter.name, parameter.type));
  }
  if (!parameter.allowed.empty() && std::find(parameter.allowed.begin(), parameter.allowed.end(),
                                              *value) == parameter.allowed.end()) {
    throw validation(
        fmt::format("The value \"{}\" of the parameter \"{}\" is not one of its EnumValues.", given,
                    parameter.name));
  }
  return *value;
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (!value.is_double()) return json::serialize(value);
  const double number = value.as_double();
  std::string digits = fmt::format("{}", number);
  if (digits.find_first_not_of("-0123456789") == digits.npos) digits += ".0";
  return digits;
}

}  // namespace engine::sagemaker::pipelines
