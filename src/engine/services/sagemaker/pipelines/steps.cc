// What each type of step does.
#include "engine/services/sagemaker/pipelines/steps.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/models.h"
#include "engine/services/sagemaker/pipelines/acting.h"
#include "engine/services/sagemaker/pipelines/quality_check.h"
#include "engine/services/sagemaker/registry/packages.h"
#include "engine/services/sagemaker/tuning/tuner.h"

#include <boost/json.hpp>

#include <algorithm>
#include <limits>

namespace engine::sagemaker::pipelines {
namespace {

const char* called_operation(const std::string& type) {
  if (type == "Processing" || type == "QualityCheck") return "sagemaker:CreateProcessingJob";
  if (type == "Training") return "sagemaker:CreateTrainingJob";
  if (type == "Transform") return "sagemaker:CreateTransformJob";
  if (type == "Tuning") return "sagemaker:CreateHyperParameterTuningJob";
  if (type == "Lambda") return "lambda:InvokeFunction";
  return type == "Model" ? "sagemaker:CreateModel" : "sagemaker:CreateModelPackage";
}

std::string exception_of(const AwsError& error) {
  if (error.code.starts_with("ResourceLimitExceeded")) return "SageMaker.RESOURCE_LIMIT";
  if (error.code.find("Throttl") != std::string::npos ||
      error.code.starts_with("TooManyRequests")) {
    return "Step.THROTTLING";
  }
  return error.status >= 500 ? "Step.SERVICE_FAULT" : "";
}

StepResult run_model(const StepRun& run, json::object arguments) {
  arguments["ModelName"] = run.job_name;
  require_call(run, "sagemaker:CreateModel", run.state.arn("model", run.job_name), arguments);
  StepResult result{.status = "Succeeded", .metadata = StepMetadata()};
  result.metadata->Model = api::ModelStepMetadata{
      .Arn = make_model(run.state, request_of<api::CreateModelInput>(arguments))};
  return result;
}

/// The package an interrupted run of the step may have registered already.
std::optional<std::string> registered_before(const StepRun& run,
                                             const api::CreateModelPackageInput& request) {
  if (!run.interrupted || !request.ModelPackageGroupName) return std::nullopt;
  const auto same = [](const auto& a, const auto& b) {
    return a.has_value() == b.has_value() && (!a || to_json(*a) == to_json(*b));
  };
  const std::string group = key_of(*request.ModelPackageGroupName, "model-package-group");
  for (const auto& package : run.state.packages.all(group + "/")) {
    if (package.CreationTime >= run.interrupted->StartTime &&
        same(package.InferenceSpecification, request.InferenceSpecification) &&
        same(package.MetadataProperties, request.MetadataProperties)) {
      return package.ModelPackageArn;
    }
  }
  return std::nullopt;
}

StepResult run_register(const StepRun& run, const json::object& arguments) {
  const auto request = request_of<api::CreateModelPackageInput>(arguments);
  auto arn = registered_before(run, request);
  if (!arn) {
    run.made({});  // so that the next engine knows there may be a package
    const std::string group = request.ModelPackageGroupName.value_or("");
    require_call(run, "sagemaker:CreateModelPackage", run.state.arn("model-package", group + "/*"));
    if (request.ModelPackageGroupName) {
      make_group_if_missing(run.state, *request.ModelPackageGroupName);
    }
    arn = make_package(run.state, request);
  }
  StepResult result{.status = "Succeeded", .metadata = StepMetadata()};
  result.metadata->RegisterModel = api::RegisterModelStepMetadata{.Arn = arn};
  return result;
}

StepResult run_condition(const StepRun& run) {
  const bool outcome = holds(run.step.arguments.at("Conditions").as_array(), run.scope);
  StepResult result{.status = "Succeeded", .metadata = StepMetadata()};
  result.metadata->Condition = api::ConditionStepMetadata{.Outcome = outcome ? "True" : "False"};
  return result;
}

StepResult run_fail(const json::object& arguments) {
  StepResult result{.status = "Failed", .reason = text_of(arguments.at("ErrorMessage"))};
  result.metadata.emplace().Fail = api::FailStepMetadata{.ErrorMessage = result.reason};
  return result;
}

/// The values of the outputs a function's answer has to have. Throws ReferenceError.
std::vector<api::OutputParameter> outputs_in(const Step& step, const std::string& payload) {
  std::vector<api::OutputParameter> outputs;
  if (step.outputs.empty()) return outputs;
  boost::system::error_code error;
  const json::value answer = json::parse(payload, error);
  if (error || !answer.is_object()) {
    throw ReferenceError(
        "The function's answer is not a JSON object, but the step declares "
        "output parameters");
  }
  for (const OutputParameter& output : step.outputs) {
    const auto* value = answer.as_object().if_contains(output.name);
    if (value == nullptr || value->is_structured() || value->is_null()) {
      throw ReferenceError(fmt::format(
          "The function's answer has no value for the output parameter \"{}\"", output.name));
    }
    outputs.push_back({output.name, text_of(*value)});
  }
  return outputs;
}

StepResult run_lambda(const StepRun& run, const json::object& arguments) {
  if (!run.state.functions) throw validation("There are no functions to call here.");
  StepMetadata metadata;
  metadata.Lambda = api::LambdaStepMetadata{.Arn = run.step.function_arn};
  require_call(run, "lambda:InvokeFunction", run.step.function_arn);
  run.made(metadata);
  const FunctionAnswer answer =
      run.state.functions(run.step.function_arn, json::serialize(arguments));
  StepResult result{.status = "Succeeded", .metadata = metadata};
  if (!answer.error.empty()) {
    result.status = "Failed";
    result.reason = fmt::format("ClientError: The function {} failed ({}): {}",
                                run.step.function_arn, answer.error, answer.payload);
    return result;
  }
  result.metadata->Lambda->OutputParameters = outputs_in(run.step, answer.payload);
  return result;
}

StepResult run_callback(const StepRun& run) {
  StepMetadata metadata;
  if (run.interrupted && run.interrupted->Metadata && run.interrupted->Metadata->Callback) {
    metadata.Callback = run.interrupted->Metadata->Callback;  // who has the token still answers it
  } else {
    std::vector<std::string> outputs;
    for (const OutputParameter& output : run.step.outputs) outputs.push_back(output.name);
    metadata.Callback = api::CallbackStepMetadata{
        .CallbackToken = run.callbacks.open(run.execution_arn, run.step.name, outputs)};
    run.made(metadata);
  }
  const std::string token = metadata.Callback->CallbackToken.value_or("");
  const auto answer = run.callbacks.wait(token, run.stop);
  StepResult result{.status = "Stopped", .metadata = metadata};
  if (answer) {
    result.status = answer->succeeded ? "Succeeded" : "Failed";
    result.reason = answer->succeeded ? "" : answer->reason;
    result.metadata->Callback->OutputParameters = answer->outputs;
  }
  return result;
}

StepResult run_by_type(const StepRun& run) {
  if (run.step.type == "Condition") return run_condition(run);
  const json::object arguments = resolve(run.step.arguments, run.scope).as_object();
  if (run.step.type == "Model") return run_model(run, arguments);
  if (run.step.type == "RegisterModel") return run_register(run, arguments);
  if (run.step.type == "Fail") return run_fail(arguments);
  if (run.step.type == "Lambda") return run_lambda(run, arguments);
  if (run.step.type == "Callback") return run_callback(run);
  if (run.step.type == "QualityCheck") return run_quality_check(run, arguments);
  return run_job_step(run, arguments);
}

/// Declared outputs as references see them, of the declared types.
json::value typed_outputs(const Step& step,
                          const std::optional<std::vector<api::OutputParameter>>& given) {
  json::object outputs;
  for (const auto& [name, value] : given.value_or(std::vector<api::OutputParameter>{})) {
    Parameter parameter{.name = name, .type = "String"};
    for (const OutputParameter& output : step.outputs) {
      if (output.name == name) parameter.type = output.type;
    }
    try {
      outputs[name] = parameter_value(parameter, value);
    } catch (const AwsError& error) {
      throw ReferenceError(error.what());
    }
  }
  return json::object{{"OutputParameters", std::move(outputs)}};
}

template <class Row>
json::value row_as_json(const Table<Row>& table, const std::optional<std::string>& arn,
                        std::string_view kind) {
  const auto row = table.find(key_of(arn.value_or(""), kind));
  if (!row) throw ReferenceError(fmt::format("{} \"{}\" is gone", kind, arn.value_or("")));
  return json::parse(to_json(*row));
}

/// The tuning job, and its training jobs, the best first: SDKs refer to the n-th best so.
json::value described_tuning(const SageMaker::Impl& state, const std::optional<std::string>& arn) {
  constexpr std::string_view kKind = "hyper-parameter-tuning-job";
  json::value job = row_as_json(state.tuning_jobs, arn, kKind);
  const std::string key = key_of(arn.value_or(""), kKind);
  std::vector<api::HyperParameterTrainingJobSummary> jobs;
  for (auto& row : state.tuned_jobs.all(key + "/")) {
    jobs.push_back(tuned_summary(state, *state.tuning_jobs.find(key), std::move(row)));
  }
  const auto* best = job.as_object().if_contains("BestTrainingJob");
  const bool maximize =
      best != nullptr &&
      job.at("HyperParameterTuningJobConfig").at("HyperParameterTuningJobObjective").at("Type") ==
          "Maximize";
  const auto value_of = [&](const api::HyperParameterTrainingJobSummary& summary) {
    const auto& metric = summary.FinalHyperParameterTuningJobObjectiveMetric;
    if (!metric) return std::numeric_limits<double>::infinity();
    return maximize ? -metric->Value : metric->Value;
  };
  std::stable_sort(jobs.begin(), jobs.end(),
                   [&](const auto& a, const auto& b) { return value_of(a) < value_of(b); });
  json::array list;
  for (const auto& summary : jobs) list.push_back(json::parse(to_json(summary)));
  job.as_object()["TrainingJobSummaries"] = std::move(list);
  return job;
}

}  // namespace

StepResult run_step(const StepRun& run) {
  try {
    return run_by_type(run);
  } catch (const AwsError& error) {
    return {"Failed",
            fmt::format("ClientError: Failed to invoke {}. Error Details: {}: {}",
                        called_operation(run.step.type), error.code, error.what()),
            exception_of(error)};
  } catch (const JsonError& error) {
    return {"Failed", fmt::format("ClientError: The arguments don't make a {} request: {}",
                                  called_operation(run.step.type), error.what())};
  } catch (const ReferenceError& error) {
    return {"Failed", fmt::format("ClientError: {}.", error.what())};
  } catch (const std::exception& error) {
    return {"Failed", fmt::format("InternalServerError: {}", error.what()), "Step.SERVICE_FAULT"};
  }
}

json::value described(const SageMaker::Impl& state, const Step& step,
                      const api::PipelineExecutionStep& row) {
  const StepMetadata made = row.Metadata.value_or(StepMetadata{});
  if (made.ProcessingJob) {
    return row_as_json(state.processing_jobs, made.ProcessingJob->Arn, "processing-job");
  }
  if (made.TrainingJob) {
    return row_as_json(state.training_jobs, made.TrainingJob->Arn, "training-job");
  }
  if (made.TransformJob) {
    return row_as_json(state.transform_jobs, made.TransformJob->Arn, "transform-job");
  }
  if (made.TuningJob) return described_tuning(state, made.TuningJob->Arn);
  if (made.QualityCheck) return described_check(*made.QualityCheck);
  if (made.Model) return row_as_json(state.models, made.Model->Arn, "model");
  if (made.Condition) return json::object{{"Outcome", made.Condition->Outcome.value_or("")}};
  if (made.Lambda) return typed_outputs(step, made.Lambda->OutputParameters);
  if (made.Callback) return typed_outputs(step, made.Callback->OutputParameters);
  if (made.RegisterModel) {
    const auto package = find_package(state, made.RegisterModel->Arn.value_or(""));
    if (package) return json::parse(to_json(*package));
  }
  throw ReferenceError(fmt::format("The step \"{}\" has made nothing to refer to", step.name));
}

json::value read_json_object(const SageMaker::Impl& state, const std::string& uri) {
  const auto place = s3::parse_s3_uri(uri);
  if (!place) throw ReferenceError(fmt::format("\"{}\" is not an S3 URI", uri));
  try {
    return json::parse(state.s3.body(state.s3.object(place->bucket, place->key)).string());
  } catch (const AwsError& error) {
    throw ReferenceError(
        fmt::format("The file {} can't be read: {}: {}", uri, error.code, error.what()));
  } catch (const boost::system::system_error& error) {
    throw ReferenceError(fmt::format("The file {} is not JSON: {}", uri, error.code().message()));
  }
}

}  // namespace engine::sagemaker::pipelines
