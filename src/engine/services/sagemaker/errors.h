// SageMaker's errors, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string_view>

namespace engine::sagemaker {

/// Refuses an input that only the service can judge.
inline AwsError validation(const std::string& sentence) {
  return {"ValidationException", sentence};
}

/// Endpoints, their configurations, models and model packages that aren't there. Waiters depend on
/// the code.
inline AwsError could_not_find(std::string_view kind, std::string_view arn) {
  return validation(fmt::format("Could not find {} \"{}\".", kind, arn));
}
/// Clients take "does not exist" for the end of a deleted group.
inline AwsError no_such_group(std::string_view arn) {
  return validation(fmt::format("ModelPackageGroup {} does not exist.", arn));
}
inline AwsError cannot_create_existing(std::string_view kind, std::string_view arn) {
  return validation(fmt::format("Cannot create already existing {} \"{}\".", kind, arn));
}
/// Jobs that aren't there.
inline AwsError no_such_job() { return validation("Requested resource not found."); }
/// Jobs that are under way can't be deleted.
inline AwsError job_in_use(std::string_view arn, std::string_view status) {
  return {"ResourceInUse",
          fmt::format("The job {} can't be deleted while its status is {}.", arn, status)};
}
inline AwsError job_not_found(std::string_view arn) {
  return {"ResourceNotFound", fmt::format("Could not find the job \"{}\".", arn)};
}
inline AwsError no_such_tuning_job() {
  return {"ResourceNotFound",
          "Amazon SageMaker can't find a tuning job with this name. Please ensure that the tuning "
          "job name is correct."};
}
inline AwsError job_name_in_use(std::string_view arn) {
  return {
      "ResourceInUse",
      fmt::format("Job name must be unique within an AWS account and region, and a job with this "
                  "name already exists ({})",
                  arn)};
}
inline AwsError too_many_jobs(std::size_t limit) {
  return {"ResourceLimitExceeded",
          fmt::format("{} jobs are waiting already; try again when some have ended.", limit)};
}
inline AwsError too_many_hosts(std::int64_t asked, std::int64_t limit) {
  return {"ResourceLimitExceeded",
          fmt::format("The job asks for {} instances; one job can have at most {} here.", asked,
                      limit)};
}
inline AwsError no_such_pipeline(std::string_view arn) {
  return {"ResourceNotFound", fmt::format("Pipeline '{}' does not exist.", arn)};
}
/// The SDK's upsert looks for "already exists" in this sentence.
inline AwsError pipeline_exists(std::string_view name) {
  return validation(
      fmt::format("Pipeline names must be unique within an AWS account and region. "
                  "Pipeline with name ({}) already exists.",
                  name));
}
inline AwsError no_such_execution(std::string_view arn) {
  return {"ResourceNotFound", fmt::format("Pipeline execution '{}' does not exist.", arn)};
}
inline AwsError conflict(const std::string& sentence) { return {"ConflictException", sentence}; }
inline AwsError bad_token() { return validation("The NextToken is not valid."); }

// The runtime's.
inline AwsError throttled(std::string_view endpoint, std::int64_t limit) {
  return {"ThrottlingException",
          fmt::format("The serverless endpoint {} has {} invocations under way, its MaxConcurrency.",
                      endpoint, limit)};
}
/// Verified: the API model: 429, while a serverless variant's resources are still being provisioned.
inline AwsError model_not_ready(std::string_view endpoint) {
  return {"ModelNotReadyException",
          fmt::format("The serverless endpoint {} is still being provisioned; try again.", endpoint),
          429};
}
inline AwsError no_such_endpoint(std::string_view name, std::string_view account) {
  return {"ValidationError", fmt::format("Endpoint {} of account {} not found.", name, account)};
}
inline AwsError service_unavailable(const std::string& sentence) {
  return {"ServiceUnavailable", sentence, 503};
}
inline AwsError model_error(const std::string& sentence, int status, const std::string& body,
                            const std::string& log_stream_arn) {
  return {"ModelError",
          sentence,
          424,
          {{"OriginalStatusCode", std::to_string(status)},
           {"OriginalMessage", body},
           {"LogStreamArn", log_stream_arn}}};
}

}  // namespace engine::sagemaker
