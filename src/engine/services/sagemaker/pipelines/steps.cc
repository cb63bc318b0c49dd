// What each type of step does.
#include "engine/services/sagemaker/pipelines/steps.h"

#include "engine/protocol/validate.h"
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/models.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/registry/packages.h"

#include <boost/json.hpp>

namespace engine::sagemaker::pipelines {
namespace {

using Metadata = api::PipelineExecutionStepMetadata;

/// The step's arguments as the request they stand for; `name` goes into `name_member`, if there is
/// one.
template <class Request>
Request request_of(const StepRun& run, const char* name_member) {
  json::value arguments = resolve(run.step.arguments, run.scope);
  if (name_member != nullptr) arguments.as_object()[name_member] = run.job_name;
  Request request;
  Violations violations;
  read_json(shape_of<Request>(), json::serialize(arguments), &request, violations);
  validate(shape_of<Request>(), &request, "", violations);
  if (!violations.empty()) throw validation(violations.message());
  return request;
}

StepResult result_of(const std::string& status, const std::optional<std::string>& reason) {
  if (status == "Completed") return {.status = "Succeeded"};
  // A job that ran out of time is Stopped, but nobody stopped the step.
  if (status == "Stopped" && !reason) return {.status = "Stopped"};
  return {.status = "Failed", .reason = reason.value_or("The job failed.")};
}

StepResult run_processing(const StepRun& run) {
  const auto job = start_processing_job(
      run.state, request_of<api::CreateProcessingJobRequest>(run, "ProcessingJobName"));
  run.made({.ProcessingJob = api::ProcessingJobStepMetadata{.Arn = job.arn}});
  run.waits_for(job.control);
  job.control->wait();
  if (job.control->abandoned()) return {};
  const auto row = run.state.processing_jobs.find(key_of(job.arn, "processing-job"));
  return row ? result_of(row->ProcessingJobStatus, row->FailureReason)
             : StepResult{"Failed", "The job is gone."};
}

StepResult run_training(const StepRun& run) {
  const auto job = start_training_job(
      run.state, request_of<api::CreateTrainingJobRequest>(run, "TrainingJobName"));
  run.made({.TrainingJob = api::TrainingJobStepMetadata{.Arn = job.arn}});
  run.waits_for(job.control);
  job.control->wait();
  if (job.control->abandoned()) return {};
  const auto row = run.state.training_jobs.find(key_of(job.arn, "training-job"));
  if (!row) return {"Failed", "The job is gone."};
  auto reason = row->FailureReason;
  if (row->SecondaryStatus == "MaxRuntimeExceeded")
    reason = "The job exceeded MaxRuntimeInSeconds.";
  return result_of(row->TrainingJobStatus, reason);
}

StepResult run_model(const StepRun& run) {
  const std::string arn =
      make_model(run.state, request_of<api::CreateModelInput>(run, "ModelName"));
  run.made({.Model = api::ModelStepMetadata{.Arn = arn}});
  return {.status = "Succeeded"};
}

StepResult run_register(const StepRun& run) {
  const auto request = request_of<api::CreateModelPackageInput>(run, nullptr);
  if (request.ModelPackageGroupName)
    make_group_if_missing(run.state, *request.ModelPackageGroupName);
  const std::string arn = make_package(run.state, request);
  run.made({.RegisterModel = api::RegisterModelStepMetadata{.Arn = arn}});
  return {.status = "Succeeded"};
}

StepResult run_condition(const StepRun& run) {
  const bool outcome = holds(run.step.arguments.at("Conditions").as_array(), run.scope);
  run.made({.Condition = api::ConditionStepMetadata{.Outcome = outcome ? "True" : "False"}});
  return {.status = "Succeeded"};
}

StepResult run_fail(const StepRun& run) {
  const json::value message = resolve(run.step.arguments.at("ErrorMessage"), run.scope);
  const std::string text = text_of(message);
  run.made({.Fail = api::FailStepMetadata{.ErrorMessage = text}});
  return {.status = "Failed", .reason = text};
}

StepResult run_by_type(const StepRun& run) {
  if (run.step.type == "Processing") return run_processing(run);
  if (run.step.type == "Training") return run_training(run);
  if (run.step.type == "Model") return run_model(run);
  if (run.step.type == "RegisterModel") return run_register(run);
  if (run.step.type == "Condition") return run_condition(run);
  return run_fail(run);
}

const char* called_operation(const std::string& type) {
  if (type == "Processing") return "CreateProcessingJob";
  if (type == "Training") return "CreateTrainingJob";
  return type == "Model" ? "CreateModel" : "CreateModelPackage";
}

template <class Row>
json::value row_as_json(const Table<Row>& table, const std::optional<std::string>& arn,
                        std::string_view kind) {
  const auto row = table.find(key_of(arn.value_or(""), kind));
  if (!row) throw ReferenceError(fmt::format("{} \"{}\" is gone", kind, arn.value_or("")));
  return json::parse(to_json(*row));
}

}  // namespace

StepResult run_step(const StepRun& run) {
  try {
    return run_by_type(run);
  } catch (const AwsError& error) {
    return {"Failed",
            fmt::format("ClientError: Failed to invoke sagemaker:{}. Error Details: {}: {}",
                        called_operation(run.step.type), error.code, error.what())};
  } catch (const JsonError& error) {
    return {"Failed", fmt::format("ClientError: The arguments don't make a {} request: {}",
                                  called_operation(run.step.type), error.what())};
  } catch (const ReferenceError& error) {
    return {"Failed", fmt::format("ClientError: {}.", error.what())};
  } catch (const std::exception& error) {
    return {"Failed", fmt::format("InternalServerError: {}", error.what())};
  }
}

json::value described(const SageMaker::Impl& state, const api::PipelineExecutionStep& step) {
  const Metadata made = step.Metadata.value_or(Metadata{});
  if (made.ProcessingJob) {
    return row_as_json(state.processing_jobs, made.ProcessingJob->Arn, "processing-job");
  }
  if (made.TrainingJob)
    return row_as_json(state.training_jobs, made.TrainingJob->Arn, "training-job");
  if (made.Model) return row_as_json(state.models, made.Model->Arn, "model");
  if (made.Condition) return json::object{{"Outcome", made.Condition->Outcome.value_or("")}};
  if (made.RegisterModel) {
    const auto package = find_package(state, made.RegisterModel->Arn.value_or(""));
    if (package) return json::parse(to_json(*package));
  }
  throw ReferenceError(
      fmt::format("The step \"{}\" has made nothing to refer to", step.StepName.value_or("")));
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
