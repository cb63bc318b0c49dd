// SageMaker in the role of a job or a model.
#include "engine/services/sagemaker/jobs/acting.h"

#include "engine/protocol/error.h"

namespace engine::sagemaker {
namespace {

void require(const Context& context, const std::string& role, std::string_view action, const std::string& resource,
             const ActFacts& facts = {}) {
  try {
    context.require(acting_as(role), action, resource, facts);
  } catch (const AwsError& error) {
    throw ClientError(error.what());
  }
}

bool may(const Context& context, const std::string& role, std::string_view action, const std::string& resource,
         const ActFacts& facts = {}) {
  try {
    context.require(acting_as(role), action, resource, facts);
    return true;
  } catch (const AwsError&) {
    return false;  // the engine's log has it
  }
}

std::string object_arn(std::string_view bucket, std::string_view key) {
  return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

/// "1.dkr.ecr.us-east-1.amazonaws.com/team/beer:2" → the repository's ARN; "" of any other registry.
std::string repository_arn(std::string_view image) {
  const auto slash = image.find('/');
  const auto registry = image.substr(0, std::min(slash, image.size()));
  constexpr std::string_view kMark = ".dkr.ecr.";
  const auto mark = registry.find(kMark);
  if (slash == std::string_view::npos || mark == std::string_view::npos) return {};
  const auto rest = registry.substr(mark + kMark.size());
  std::string_view name = image.substr(slash + 1);
  name = name.substr(0, name.find_first_of(":@"));
  return fmt::format("arn:aws:ecr:{}:{}:repository/{}", rest.substr(0, rest.find('.')), registry.substr(0, mark), name);
}

}  // namespace

Actor acting_as(std::string role) { return {std::move(role), "sagemaker.amazonaws.com", "SageMaker"}; }

void require_listing(const Context& context, const std::string& role, std::string_view uri) {
  if (context.authority == nullptr) return;
  const auto place = s3::parse_s3_uri(uri);
  if (!place) return;  // who reads it says so
  require(context, role, "s3:ListBucket", "arn:aws:s3:::" + place->bucket, {{"s3:prefix", place->key}});
}

void require_objects(const Context& context, const std::string& role, const std::vector<InputObject>& objects) {
  if (context.authority == nullptr) return;
  for (const InputObject& input : objects) {
    if (!input.text) require(context, role, "s3:GetObject", object_arn(input.bucket, input.object.key));
  }
}

std::vector<s3::NewObject> allowed_outputs(const Context& context, const std::string& role,
                                           std::vector<s3::NewObject> outputs) {
  if (context.authority == nullptr) return outputs;
  for (const s3::NewObject& output : outputs) require(context, role, "s3:PutObject", object_arn(output.bucket, output.key));
  return outputs;
}

void require_image(const Context& context, const std::string& role, std::string_view image) {
  const std::string repository = repository_arn(image);
  if (context.authority == nullptr || repository.empty()) return;
  require(context, role, "ecr:GetAuthorizationToken", "*");
  require(context, role, "ecr:BatchGetImage", repository);
}

void download_as(const Context& context, const std::string& role, const s3::S3& s3, std::string_view uri,
                 const std::string& folder) {
  require_listing(context, role, uri);
  const auto objects = input_objects(s3, uri, "S3Prefix");
  require_objects(context, role, objects);
  lay_out_objects(s3, objects, folder);
}

bool may_log(const Context& context, const std::string& role, std::string_view group, std::string_view stream) {
  if (context.authority == nullptr) return true;
  const std::string arn = context.arn("logs", fmt::format("log-group:{}:log-stream:{}", group, stream));
  return may(context, role, "logs:CreateLogStream", arn) && may(context, role, "logs:PutLogEvents", arn);
}

bool may_measure(const Context& context, const std::string& role, std::string_view metrics_namespace) {
  return context.authority == nullptr ||
         may(context, role, "cloudwatch:PutMetricData", "*", {{"cloudwatch:namespace", std::string(metrics_namespace)}});
}

}  // namespace engine::sagemaker
