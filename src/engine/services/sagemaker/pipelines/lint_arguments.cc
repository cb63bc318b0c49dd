// Do a step's arguments make the request the step will send?
#include "engine/services/sagemaker/pipelines/lint_arguments.h"

#include "engine/models/sagemaker.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

struct Request {
  const Shape* shape = nullptr;
  std::string_view named_by_us;  ///< the member a step leaves out
};

Request request_of(std::string_view type) {
  if (type == "Processing" || type == "QualityCheck") {
    return {&shape_of<api::CreateProcessingJobRequest>(), "ProcessingJobName"};
  }
  if (type == "Training") return {&shape_of<api::CreateTrainingJobRequest>(), "TrainingJobName"};
  if (type == "Transform") return {&shape_of<api::CreateTransformJobRequest>(), "TransformJobName"};
  if (type == "Tuning") {
    return {&shape_of<api::CreateHyperParameterTuningJobRequest>(), "HyperParameterTuningJobName"};
  }
  if (type == "Model") return {&shape_of<api::CreateModelInput>(), "ModelName"};
  if (type == "RegisterModel") return {&shape_of<api::CreateModelPackageInput>(), ""};
  return {};
}

bool is_reference(const json::value& value) {
  const auto* object = value.if_object();
  return object != nullptr && object->size() == 1 &&
         (object->contains("Get") || object->contains("Std:Join") ||
          object->contains("Std:JsonGet"));
}

/// "" when the value can be of that kind.
std::string_view wanted_instead(const json::value& value, Kind kind) {
  switch (kind) {
    case Kind::kString:
      return value.is_string() ? "" : "a string";
    case Kind::kBoolean:
      return value.is_bool() ? "" : "true or false";
    case Kind::kInteger:
    case Kind::kLong:
      return value.is_int64() || value.is_uint64() ? "" : "a whole number";
    case Kind::kFloat:
    case Kind::kDouble:
      return value.is_number() ? "" : "a number";
    case Kind::kList:
      return value.is_array() ? "" : "a list";
    case Kind::kMap:
    case Kind::kStructure:
      return value.is_object() ? "" : "an object";
    default:
      return "";
  }
}

class ArgumentChecker {
 public:
  ArgumentChecker(const std::string& where, std::string_view named_by_us, Problems& problems)
      : where_(where), named_by_us_(named_by_us), problems_(problems) {}

  void check(const json::value& value, const Shape& shape, const std::string& path) {
    if (is_reference(value) || value.is_null()) return;
    if (const auto wanted = wanted_instead(value, shape.kind); !wanted.empty()) {
      problems_.warn(where_, fmt::format("Arguments{} must be {}.", path, wanted));
      return;
    }
    if (shape.kind == Kind::kStructure) check_structure(value.as_object(), shape, path);
    if (shape.kind == Kind::kMap) {
      for (const auto& member : value.as_object()) {
        check(member.value(), *shape.element,
              fmt::format("{}.{}", path, std::string_view(member.key())));
      }
    }
    if (shape.kind == Kind::kList) {
      for (std::size_t i = 0; i < value.as_array().size(); ++i) {
        check(value.as_array()[i], *shape.element, fmt::format("{}[{}]", path, i));
      }
    }
  }

 private:
  void check_structure(const json::object& object, const Shape& shape, const std::string& path) {
    for (const Member& member : shape.members) {
      if (const auto* value = object.if_contains(member.wire_name)) {
        check(*value, *member.shape, fmt::format("{}.{}", path, member.wire_name));
      } else if (member.required && (!path.empty() || member.wire_name != named_by_us_)) {
        problems_.warn(where_, fmt::format("Arguments{} has no \"{}\", which is required.", path,
                                           member.wire_name));
      }
    }
    for (const auto& member : object) {
      if (shape.find_member(member.key()) == nullptr) {
        problems_.warn(where_, fmt::format("Arguments{} has \"{}\", which AWS doesn't know.", path,
                                           std::string_view(member.key())));
      }
    }
  }

  const std::string& where_;
  const std::string_view named_by_us_;
  Problems& problems_;
};

}  // namespace

void check_arguments(const Step& step, const std::string& where, Problems& problems) {
  const Request request = request_of(step.type);
  if (request.shape == nullptr) return;
  ArgumentChecker(where, request.named_by_us, problems).check(step.arguments, *request.shape, "");
}

}  // namespace engine::sagemaker::pipelines
