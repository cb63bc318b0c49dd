// The steps of a definition's document.
#include "engine/services/sagemaker/pipelines/step_reader.h"

#include "engine/services/sagemaker/pipelines/duration.h"
#include "engine/services/sagemaker/pipelines/members.h"
#include "engine/services/sagemaker/pipelines/quality_check.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::string_view kTypes[] = {"Processing", "Training",      "Transform",   "Tuning",
                                       "Model",      "RegisterModel", "Condition",   "Fail",
                                       "Lambda",     "Callback",      "QualityCheck"};
constexpr std::size_t kLongestStepName = 64;
constexpr int kDeepestBranch = 20;

/// Deviation: these types of AWS's aren't run here; the sentence says what to do instead.
const std::map<std::string_view, std::string_view>& elsewhere() {
  static const std::map<std::string_view, std::string_view> kElsewhere{
      {"ClarifyCheck", "use a Processing step that writes a property file, and a Condition on it"},
      {"EMR", "there is no EMR; use a Processing step"},
      {"EMRServerless", "there is no EMR; use a Processing step"},
      {"AutoML", "there is no Autopilot; use a Tuning step"},
      {"EndpointConfig", "use a Lambda step or `beer promote`"},
      {"Endpoint", "use a Lambda step or `beer promote`"},
      {"InferenceComponent", "use a Lambda step or `beer promote`"},
      {"Lineage", "lineage is kept without a step"}};
  return kElsewhere;
}

bool is_cacheable(std::string_view type) {
  return type == "Processing" || type == "Training" || type == "Transform" || type == "Tuning" ||
         type == "QualityCheck";
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

class StepReader {
 public:
  StepReader(Definition& definition, Problems& problems)
      : definition_(definition), problems_(problems) {}

  void read(const json::array& steps, const std::string& condition, bool if_branch, int depth) {
    if (depth > kDeepestBranch) return problems_.add("", "Conditions are nested too deeply.");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i].is_object()) {
        problems_.add(condition.empty() ? "" : fmt::format("Step \"{}\"", condition),
                      fmt::format("Item {} of the steps must be an object.", i));
        continue;
      }
      const json::object& object = steps[i].as_object();
      Step step = parse(object, i);
      step.condition = condition;
      step.if_branch = if_branch;
      if (!condition.empty()) step.needs.insert(condition);
      if (definition_.find_step(step.name) != nullptr) {
        problems_.add("",
                      fmt::format("Step names must be unique; \"{}\" is used twice.", step.name));
        continue;
      }
      const bool is_condition = step.type == "Condition";
      const std::string name = step.name;
      definition_.steps.push_back(std::move(step));
      if (is_condition) read_branches(object, name, depth);
    }
  }

 private:
  void read_branches(const json::object& object, const std::string& name, int depth) {
    const auto* arguments = object.if_contains("Arguments");
    if (arguments == nullptr || !arguments->is_object()) return;
    const Members members(arguments->as_object(), fmt::format("Step \"{}\"", name), problems_);
    read(members.list("IfSteps"), name, true, depth + 1);
    read(members.list("ElseSteps"), name, false, depth + 1);
  }

  Step parse(const json::object& object, std::size_t index) {
    Step step;
    if (const auto* name = object.if_contains("Name"); name != nullptr && name->is_string()) {
      step.name = std::string(name->as_string());
    } else {
      problems_.add("", fmt::format("Item {} of the steps has no \"Name\".", index));
      step.name = fmt::format("Steps-{}", definition_.steps.size());
    }
    check_name(step.name);
    const Members members(object, fmt::format("Step \"{}\"", step.name), problems_);
    step.type = members.text("Type");
    if (!step.type.empty()) check_type(step.type, members);
    if (const auto* arguments = members.object("Arguments")) {
      step.arguments = *arguments;
    } else if (members.find("Arguments") == nullptr && step.type != "Lambda" &&
               step.type != "Callback") {
      members.wrong("it has no \"Arguments\".");
    }
    step.display_name = members.optional_text("DisplayName");
    step.description = members.optional_text("Description");
    read_needs(members, step);
    read_property_files(members, step);
    read_cache(members, step);
    read_retries(members, step);
    read_what_is_special(members, step);
    return step;
  }

  void check_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= kLongestStepName &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) {
                        return std::isalnum(c) || c == '-' || c == '_';
                      });
    if (good) return;
    problems_.add(
        "", fmt::format("The step name \"{}\" is not valid: 1 to {} letters, digits, '-', '_'.",
                        name, kLongestStepName));
  }

  static void check_type(const std::string& type, const Members& members) {
    if (std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes)) return;
    const auto known = elsewhere().find(type);
    if (known != elsewhere().end()) {
      members.wrong(fmt::format("the type \"{}\" is AWS's, but is not supported here: {}.", type,
                                known->second));
    } else {
      members.wrong(fmt::format("the type \"{}\" is not supported here; there are {}.", type,
                                fmt::join(kTypes, ", ")));
    }
  }

  static void read_needs(const Members& members, Step& step) {
    for (const json::value& name : members.list("DependsOn")) {
      if (name.is_string()) {
        step.needs.insert(std::string(name.as_string()));
      } else {
        members.wrong("\"DependsOn\" must hold names of steps.");
      }
    }
  }

  void read_property_files(const Members& members, Step& step) {
    for (const json::value& value : members.list("PropertyFiles")) {
      if (!value.is_object()) {
        members.wrong("\"PropertyFiles\" must hold objects.");
        continue;
      }
      const Members file(value.as_object(), members.where() + ", a property file", problems_);
      const std::string name = file.text("PropertyFileName");
      if (step.property_files.contains(name)) {
        members.wrong(fmt::format("the property file \"{}\" is declared twice.", name));
      }
      step.property_files[name] = {file.text("OutputName"), file.text("FilePath")};
    }
  }

  void read_cache(const Members& members, Step& step) {
    const auto* config = members.object("CacheConfig");
    if (config == nullptr) return;
    const Members cache(*config, members.where() + ", CacheConfig", problems_);
    step.cache.enabled = cache.flag("Enabled");
    if (const auto expiry = cache.optional_text("ExpireAfter")) {
      step.cache.expire_after = parse_duration(*expiry);
      if (!step.cache.expire_after) {
        cache.wrong(fmt::format(
            "\"ExpireAfter\" is \"{}\", which is not an ISO 8601 duration such as \"P30D\".",
            *expiry));
      }
    }
    if (step.cache.enabled && !is_cacheable(step.type)) {
      problems_.warn(
          members.where(),
          fmt::format("a {} step is never cached; its CacheConfig has no effect.", step.type));
    }
  }

  void read_retries(const Members& members, Step& step) {
    for (const json::value& value : members.list("RetryPolicies")) {
      if (!value.is_object()) {
        members.wrong("\"RetryPolicies\" must hold objects.");
        continue;
      }
      step.retries.push_back(
          retry(Members(value.as_object(), members.where() + ", a retry policy", problems_)));
    }
  }

  /// Verified: ExceptionType is a list on the wire, though AWS's schema calls it a string.
  static RetryPolicy retry(const Members& members) {
    RetryPolicy policy;
    const auto* types = members.find("ExceptionType");
    const json::array given = types == nullptr    ? json::array{}
                              : types->is_array() ? types->as_array()
                                                  : json::array{*types};
    for (const json::value& type : given) {
      const std::string name(type.is_string() ? std::string_view(type.as_string()) : "");
      if (!is_one_of(name, {"Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR",
                            "SageMaker.CAPACITY_ERROR", "SageMaker.JOB_CAPACITY_ERROR",
                            "SageMaker.RESOURCE_LIMIT", "Emr.RESOURCE_LIMIT"})) {
        members.wrong(fmt::format("there is no exception type {}.", json::serialize(type)));
      }
      policy.exceptions.insert(name == "SageMaker.JOB_CAPACITY_ERROR" ? "SageMaker.CAPACITY_ERROR"
                                                                      : name);
    }
    if (given.empty()) members.wrong("it has no \"ExceptionType\".");
    policy.interval_seconds = members.number("IntervalSeconds").value_or(1);
    policy.backoff_rate = members.number("BackoffRate").value_or(2);
    read_bounds(members, policy);
    return policy;
  }

  static void read_bounds(const Members& members, RetryPolicy& policy) {
    const auto attempts = members.number("MaxAttempts");
    const auto expiry = members.number("ExpireAfterMin");
    const auto within = [](std::optional<double> value, double least, double most) {
      return !value || (*value >= least && *value <= most && *value == std::floor(*value));
    };
    if (!within(attempts, 1, 20)) members.wrong("\"MaxAttempts\" must be a number from 1 to 20.");
    if (!within(expiry, 1, 14'400)) {
      members.wrong("\"ExpireAfterMin\" must be a number from 1 to 14400.");
    }
    if (attempts && expiry) members.wrong("give \"MaxAttempts\" or \"ExpireAfterMin\", not both.");
    if (policy.interval_seconds < 0 || policy.interval_seconds > 86'400) {
      members.wrong("\"IntervalSeconds\" must be a number from 0 to 86400.");
    }
    if (policy.backoff_rate < 0 || policy.backoff_rate > 1000) {
      members.wrong("\"BackoffRate\" must be a number from 0 to 1000.");
    }
    if (attempts) policy.max_attempts = static_cast<std::int64_t>(*attempts);
    if (expiry) policy.expire_after_minutes = static_cast<std::int64_t>(*expiry);
    if (!attempts && !expiry) policy.max_attempts = 5;
  }

  void read_what_is_special(const Members& members, Step& step) {
    if (step.type == "Fail" && !step.arguments.contains("ErrorMessage")) {
      members.wrong("it has no \"ErrorMessage\".");
    }
    if (step.type == "Condition") {
      const Members arguments(step.arguments, members.where(), problems_);
      if (arguments.list("Conditions").empty()) members.wrong("it has no \"Conditions\".");
    }
    if (step.type == "QualityCheck") step.quality_check = read_quality_check(members);
    if (step.type == "Lambda") step.function_arn = members.text("FunctionArn");
    if (step.type == "Callback") refuse_queue(members);
    if (step.type == "Lambda" || step.type == "Callback") read_outputs(members, step);
  }

  /// Deviation: AWS sends the token to a queue of SQS, which isn't there.
  static void refuse_queue(const Members& members) {
    if (members.optional_text("SqsQueueUrl").value_or("").empty()) return;
    members.wrong(
        "there is no SQS to send the token to. Leave \"SqsQueueUrl\" out: the step waits for "
        "SendPipelineExecutionStepSuccess or …Failure with the CallbackToken that "
        "ListPipelineExecutionSteps shows.");
  }

  void read_outputs(const Members& members, Step& step) {
    for (const json::value& value : members.list("OutputParameters")) {
      if (!value.is_object()) {
        members.wrong("\"OutputParameters\" must hold objects.");
        continue;
      }
      const Members output(value.as_object(), members.where() + ", an output parameter", problems_);
      OutputParameter declared{output.text("OutputName"),
                               output.optional_text("OutputType").value_or("String")};
      if (!is_one_of(declared.type, {"String", "Integer", "Float", "Boolean"})) {
        output.wrong(fmt::format("there is no type \"{}\".", declared.type));
      }
      step.outputs.push_back(std::move(declared));
    }
  }

  Definition& definition_;
  Problems& problems_;
};

}  // namespace

void read_steps(const json::array& steps, Definition& definition, Problems& problems) {
  StepReader(definition, problems).read(steps, "", true, 0);
}

}  // namespace engine::sagemaker::pipelines
