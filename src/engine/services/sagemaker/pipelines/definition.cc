// From a definition's text to its steps.
#include "engine/services/sagemaker/pipelines/definition.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/pipelines/lint.h"
#include "engine/services/sagemaker/pipelines/members.h"
#include "engine/services/sagemaker/pipelines/step_reader.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::size_t kDeepestDocument = 256;  // branches of branches lie deep

bool fits(const std::string& type, const json::value& value) {
  if (type == "String") return value.is_string();
  if (type == "Boolean") return value.is_bool();
  if (type == "Integer") return value.is_int64();
  return value.is_number();
}

/// Nothing when it can't be told which parameter is meant.
std::optional<Parameter> parse_parameter(const json::value& value, Problems& problems) {
  if (!value.is_object()) {
    problems.add("", "A parameter must be an object.");
    return std::nullopt;
  }
  Parameter parameter{.name = Members(value.as_object(), "A parameter", problems).text("Name")};
  const Members members(value.as_object(), fmt::format("Parameter \"{}\"", parameter.name),
                        problems);
  parameter.type = members.text("Type");
  constexpr std::string_view kParameterTypes[] = {"String", "Integer", "Float", "Boolean"};
  if (std::find(std::begin(kParameterTypes), std::end(kParameterTypes), parameter.type) ==
      std::end(kParameterTypes)) {
    members.wrong(fmt::format("there is no type \"{}\".", parameter.type));
    return parameter;
  }
  for (const json::value& allowed : members.list("EnumValues")) {
    if (!fits(parameter.type, allowed)) {
      members.wrong(fmt::format("{} of its EnumValues is not of type {}.", json::serialize(allowed),
                                parameter.type));
    }
    parameter.allowed.push_back(allowed);
  }
  if (const auto* given = members.find("DefaultValue")) {
    parameter.default_value = *given;
    if (!fits(parameter.type, *given)) {
      members.wrong(fmt::format("its default value is not of type {}.", parameter.type));
    } else if (!parameter.allowed.empty() &&
               std::find(parameter.allowed.begin(), parameter.allowed.end(), *given) ==
                   parameter.allowed.end()) {
      members.wrong("its default value is not one of its EnumValues.");
    }
  }
  return parameter;
}

void read_document(const json::object& root, Definition& definition, Problems& problems) {
  const Members members(root, "", problems);
  const auto version =
      members.find("Version") != nullptr ? members.optional_text("Version") : std::nullopt;
  if (version != "2020-12-01") {
    problems.add(
        "", version ? fmt::format("The version \"{}\" is not known; use \"2020-12-01\".", *version)
                    : "The definition has no \"Version\"; use \"2020-12-01\".");
  }
  for (const json::value& value : members.list("Parameters")) {
    auto parameter = parse_parameter(value, problems);
    if (!parameter) continue;
    if (definition.find_parameter(parameter->name) != nullptr) {
      problems.add("", fmt::format("The parameter \"{}\" is declared twice.", parameter->name));
    } else {
      definition.parameters.push_back(std::move(*parameter));
    }
  }
  if (const auto* experiment = members.object("PipelineExperimentConfig")) {
    definition.experiment = *experiment;
  }
  if (members.list("Steps").empty()) problems.add("", "It has no steps.");
  read_steps(members.list("Steps"), definition, problems);
}

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

Definition parse_definition(std::string_view text, Problems& problems) {
  Definition definition;
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kDeepestDocument;
  const json::value document = json::parse(text, error, {}, options);
  if (error) {
    problems.add("", fmt::format("It is not JSON: {}.", error.message()));
  } else if (!document.is_object()) {
    problems.add("", "The definition must be an object.");
  } else {
    read_document(document.as_object(), definition, problems);
    check_references(definition, problems);
  }
  return definition;
}

Definition parse_definition(std::string_view text) {
  Problems problems;
  Definition definition = parse_definition(text, problems);
  if (!problems.errors().empty()) throw problems.refusal();
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
