// Do the references inside a value lead somewhere, and what kind of value will it be?
#include "engine/services/sagemaker/pipelines/value_checker.h"

#include "engine/models/sagemaker.h"
#include "engine/services/sagemaker/pipelines/quality_check.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::string_view kExecutionNames[] = {
    "PipelineName",  "PipelineArn",     "PipelineExecutionId", "PipelineExecutionArn",
    "StartDateTime", "CurrentDateTime", "TrainingJobName",     "ProcessingJobName"};

/// What Steps.<name> stands for: what the Describe of the thing the step makes answers. A tuning
/// step has the list of its training jobs as well.
std::vector<const Shape*> described_shapes(std::string_view type) {
  if (type == "Processing") return {&shape_of<api::DescribeProcessingJobResponse>()};
  if (type == "Training") return {&shape_of<api::DescribeTrainingJobResponse>()};
  if (type == "Transform") return {&shape_of<api::DescribeTransformJobResponse>()};
  if (type == "Model") return {&shape_of<api::DescribeModelOutput>()};
  if (type == "RegisterModel") return {&shape_of<api::DescribeModelPackageOutput>()};
  if (type == "Tuning") {
    return {&shape_of<api::DescribeHyperParameterTuningJobResponse>(),
            &shape_of<api::ListTrainingJobsForHyperParameterTuningJobResponse>()};
  }
  return {};
}

ValueType type_of(const Shape& shape) {
  switch (shape.kind) {
    case Kind::kString:
      return ValueType::kString;
    case Kind::kBoolean:
      return ValueType::kBoolean;
    case Kind::kInteger:
    case Kind::kLong:
    case Kind::kFloat:
    case Kind::kDouble:
      return ValueType::kNumber;
    case Kind::kTimestamp:
      return ValueType::kUnknown;
    default:
      return ValueType::kOther;
  }
}

ValueType type_of(std::string_view declared) {
  if (declared == "Integer" || declared == "Float") return ValueType::kNumber;
  return declared == "Boolean" ? ValueType::kBoolean : ValueType::kString;
}

/// Follows the path through the types; nullptr when a name isn't a member.
const Shape* shape_at(const Shape* shape, const Path& path) {
  for (const PathPart& part : path) {
    if (shape->kind == Kind::kStructure) {
      const auto* name = std::get_if<std::string>(&part);
      const Member* member = name != nullptr ? shape->find_member(*name) : nullptr;
      if (member == nullptr) return nullptr;
      shape = member->shape;
    } else if (shape->kind == Kind::kList || shape->kind == Kind::kMap) {
      shape = shape->element;
    } else {
      return nullptr;
    }
  }
  return shape;
}

const json::value* sole(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object != nullptr && object->size() == 1 ? object->if_contains(name) : nullptr;
}

bool starts_with(const Path& path, std::string_view name) {
  const auto* first = path.empty() ? nullptr : std::get_if<std::string>(&path.front());
  return first != nullptr && *first == name;
}

}  // namespace

ValueType ValueChecker::check(const json::value& value, const std::string& where,
                              std::set<std::string>& needs) {
  where_ = where;
  needs_ = &needs;
  return check_below(value);
}

ValueType ValueChecker::check_below(const json::value& value) {
  if (const auto* get = sole(value, "Get")) return check_get(*get);
  if (const auto* join = sole(value, "Std:Join")) return check_join(*join);
  if (const auto* json_get = sole(value, "Std:JsonGet")) return check_json_get(*json_get);
  if (const auto* list = value.if_array()) {
    for (const json::value& item : *list) check_below(item);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) check_below(member.value());
  }
  if (value.is_string()) return ValueType::kString;
  if (value.is_number()) return ValueType::kNumber;
  return value.is_bool() ? ValueType::kBoolean : ValueType::kOther;
}

ValueType ValueChecker::check_get(const json::value& text) {
  try {
    if (text.is_string()) return check_reference(parse_reference(text.as_string()));
    wrong("Get must hold a string.");
  } catch (const ReferenceError& error) {
    wrong(std::string(error.what()) + ".");
  }
  return ValueType::kUnknown;
}

ValueType ValueChecker::check_reference(const Reference& reference) {
  if (reference.of == Reference::Of::kParameter) {
    const Parameter* parameter = definition_.find_parameter(reference.name);
    if (parameter != nullptr) return type_of(parameter->type);
    wrong(fmt::format("there is no parameter \"{}\".", reference.name));
    return ValueType::kUnknown;
  }
  if (reference.of == Reference::Of::kExecution) {
    if (std::find(std::begin(kExecutionNames), std::end(kExecutionNames), reference.name) ==
        std::end(kExecutionNames)) {
      wrong(fmt::format("there is no \"{}\".", reference.text));
    }
    return ValueType::kString;
  }
  const Step* step = definition_.find_step(reference.name);
  if (step != nullptr) {
    needs_->insert(reference.name);
    return check_property(reference, *step);
  }
  wrong(fmt::format("there is no step \"{}\".", reference.name));
  return ValueType::kUnknown;
}

ValueType ValueChecker::check_property(const Reference& reference, const Step& step) {
  if (starts_with(reference.path, "PropertyFiles")) {
    wrong(fmt::format("\"{}\": a property file can be looked into by Std:JsonGet only.",
                      reference.text));
    return ValueType::kUnknown;
  }
  if (step.type == "Condition" && reference.path == Path{std::string("Outcome")}) {
    return ValueType::kString;
  }
  if (step.type == "Lambda" || step.type == "Callback") {
    return check_output_parameter(reference, step);
  }
  if (step.type == "QualityCheck") {
    const auto* name =
        reference.path.size() == 1 ? std::get_if<std::string>(&reference.path[0]) : nullptr;
    if (name == nullptr || !is_property_of_check(*name)) {
      wrong(fmt::format("\"{}\": a QualityCheck step has no such property.", reference.text));
    }
    return ValueType::kString;
  }
  const Shape* found = nullptr;
  for (const Shape* shape : described_shapes(step.type)) {
    if (found == nullptr) found = shape_at(shape, reference.path);
  }
  if (found == nullptr) {
    wrong(fmt::format("\"{}\": a {} step has no such property.", reference.text, step.type));
    return ValueType::kUnknown;
  }
  check_items(reference, step);
  return type_of(*found);
}

ValueType ValueChecker::check_output_parameter(const Reference& reference, const Step& step) {
  const auto* name =
      reference.path.size() == 2 ? std::get_if<std::string>(&reference.path[1]) : nullptr;
  if (starts_with(reference.path, "OutputParameters") && name != nullptr) {
    for (const OutputParameter& output : step.outputs) {
      if (output.name == *name) return type_of(output.type);
    }
    wrong(fmt::format("\"{}\": the step declares no output parameter \"{}\".", reference.text,
                      *name));
  } else {
    wrong(fmt::format("\"{}\": a {} step has OutputParameters['name'] only.", reference.text,
                      step.type));
  }
  return ValueType::kUnknown;
}

/// Describe gives the lists of the step's arguments back as they were sent, so which items they
/// have is known already.
void ValueChecker::check_items(const Reference& reference, const Step& step) {
  const json::value arguments(step.arguments);
  const json::value* at = &arguments;
  for (const PathPart& part : reference.path) {
    if (at->is_array()) {
      at = &follow(*at, {part}, reference.text);
    } else {
      const auto* object = at->if_object();
      const auto* name = std::get_if<std::string>(&part);
      at = object != nullptr && name != nullptr ? object->if_contains(*name) : nullptr;
      if (at == nullptr) return;
    }
  }
}

ValueType ValueChecker::check_join(const json::value& value) {
  const auto* join = value.if_object();
  const auto* values = join != nullptr ? join->if_contains("Values") : nullptr;
  if (values == nullptr || !values->is_array()) {
    wrong("Std:Join needs a list of \"Values\".");
    return ValueType::kString;
  }
  if (const auto* on = join->if_contains("On"); on != nullptr && !on->is_string()) {
    wrong("\"On\" of Std:Join must be a string.");
  }
  for (const json::value& part : values->as_array()) {
    if (check_below(part) == ValueType::kOther) {
      wrong("Std:Join joins strings, numbers and booleans only.");
    }
  }
  return ValueType::kString;
}

ValueType ValueChecker::check_json_get(const json::value& value) {
  const auto* get = value.if_object();
  const auto* path = get != nullptr ? get->if_contains("Path") : nullptr;
  if (path == nullptr || !path->is_string()) {
    wrong("\"Path\" of Std:JsonGet must be a literal string.");
  } else {
    try {
      parse_path(path->as_string());
    } catch (const ReferenceError& error) {
      wrong(std::string(error.what()) + ".");
    }
  }
  const auto* uri = get != nullptr ? get->if_contains("S3Uri") : nullptr;
  const auto* file = get != nullptr ? get->if_contains("PropertyFile") : nullptr;
  if (uri != nullptr) {
    const ValueType type = check_below(*uri);
    if (type != ValueType::kString && type != ValueType::kUnknown) {
      wrong("\"S3Uri\" of Std:JsonGet must be a string.");
    }
  } else if (file != nullptr) {
    check_property_file(*file);
  } else {
    wrong("Std:JsonGet needs a \"PropertyFile\" or an \"S3Uri\".");
  }
  return ValueType::kUnknown;
}

void ValueChecker::check_property_file(const json::value& value) {
  const auto* text = sole(value, "Get");
  if (text == nullptr || !text->is_string()) {
    return wrong("\"PropertyFile\" of Std:JsonGet must be a Get.");
  }
  try {
    const Reference reference = parse_reference(text->as_string());
    const auto* name =
        reference.path.size() == 2 ? std::get_if<std::string>(&reference.path[1]) : nullptr;
    if (reference.of != Reference::Of::kStep || name == nullptr ||
        !starts_with(reference.path, "PropertyFiles")) {
      return wrong(fmt::format("\"{}\" is not a property file: Steps.<step>.PropertyFiles.<name>.",
                               reference.text));
    }
    const Step* step = definition_.find_step(reference.name);
    if (step == nullptr) return wrong(fmt::format("there is no step \"{}\".", reference.name));
    needs_->insert(reference.name);
    if (!step->property_files.contains(*name)) {
      wrong(fmt::format("\"{}\": the step declares no such property file.", reference.text));
    }
  } catch (const ReferenceError& error) {
    wrong(std::string(error.what()) + ".");
  }
}

}  // namespace engine::sagemaker::pipelines
