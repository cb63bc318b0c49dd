// `beer verify VERSION`: trains a registered model again, and compares the bytes.
#include "cli/calls/json.h"
#include "cli/calls/lineage.h"
#include "cli/calls/registry.h"
#include "cli/commands/commands.h"
#include "cli/deploy/steps.h"
#include "cli/errors.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/ids.h"

#include <fmt/format.h>

namespace cli {
namespace {

json::value call(Session& session, const char* operation, const json::object& input) {
  return session.aws().json("sagemaker", fmt::format("SageMaker.{}", operation), input);
}

/// The training job's name stands in the place of its model: …/<job>/output/model.tar.gz.
std::string training_job_of(const std::string& url) {
  const auto end = url.rfind("/output/");
  const auto begin = end == url.npos ? end : url.rfind('/', end - 1);
  if (begin == url.npos) {
    throw std::runtime_error(
        fmt::format("{} isn't where a training job leaves its model, so nothing can be trained "
                    "again",
                    url));
  }
  return url.substr(begin + 1, end - begin - 1);
}

/// What a Describe says of a job, as the request that makes another one like it.
json::object request_from(const json::value& job, const std::string& name) {
  json::object request{{"TrainingJobName", name}};
  for (const char* member :
       {"HyperParameters", "AlgorithmSpecification", "RoleArn", "InputDataConfig",
        "OutputDataConfig", "ResourceConfig", "StoppingCondition", "VpcConfig", "Environment",
        "EnableNetworkIsolation", "EnableManagedSpotTraining",
        "EnableInterContainerTrafficEncryption"}) {
    if (const json::value* given = find(job, member)) request[member] = *given;
  }
  return request;
}

/// Every data set, and whether it is still what the model was trained on.
bool data_is_unchanged(Session& session, const std::string& url) {
  bool unchanged = true;
  for (const DataSet& data : data_of_model(session, url)) {
    if (data.digest.empty()) continue;
    const bool same = digest_now(session, data.uri) == data.digest;
    fmt::print("data      {}  {}\n", data.digest,
               same ? data.uri : data.uri + "  has changed since");
    unchanged = unchanged && same;
  }
  return unchanged;
}

std::string model_digest(Session& session, const std::string& url) {
  const Place place = place_of(url);
  base::Digest digest(base::Digest::Kind::kSha256);
  session.s3().get_object(place.bucket, place.key).body.for_each_piece([&](std::string_view piece) {
    digest.update(piece);
  });
  return base::to_hex(digest.finish());
}

/// Waits for the job's end; where its model is.
std::string model_of(Session& session, const std::string& name) {
  json::value job;
  wait_until("training job " + name, [&] {
    job = call(session, "DescribeTrainingJob", {{"TrainingJobName", name}});
    const std::string status = text(job, "TrainingJobStatus");
    return status != "InProgress" && status != "Stopping";
  });
  if (text(job, "TrainingJobStatus") != "Completed") {
    throw std::runtime_error(fmt::format("the training job {} is {}: {}", name,
                                         text(job, "TrainingJobStatus"),
                                         text(job, "FailureReason")));
  }
  return text(job, "ModelArtifacts.S3ModelArtifacts");
}

}  // namespace

int verify(const VersionOptions& options) {
  Session session(options.common);
  const ModelPackage package =
      describe_package(session, choose_package(session, options.version, "").arn);
  const std::string job_name = training_job_of(package.model_url);
  const json::value job = call(session, "DescribeTrainingJob", {{"TrainingJobName", job_name}});
  const bool unchanged = data_is_unchanged(session, package.model_url);
  const std::string name = fmt::format("verify-v{}-{}", package.version, base::Ids().alnum(10));
  call(session, "CreateTrainingJob", request_from(job, name));
  const std::string again = model_digest(session, model_of(session, name));
  const std::string registered = model_digest(session, package.model_url);
  fmt::print("registered {}  {}\nagain      {}  {}\n", registered, job_name, again, name);
  if (registered == again) {
    fmt::print("version {} is reproducible: trained again, it is the same, byte for byte\n",
               package.version);
    return kOk;
  }
  fmt::print("version {} is not what its training job makes now{}\n", package.version,
             unchanged ? "" : ": its data has changed");
  return kFailed;
}

}  // namespace cli
