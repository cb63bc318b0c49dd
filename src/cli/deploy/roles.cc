// The roles the parts act in, each allowed what its part does and nothing else.
#include "cli/deploy/steps.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace cli {
namespace {

constexpr const char* kVersion = "2010-05-08";
constexpr const char* kPolicy = "access";

using Parameters = std::vector<std::pair<std::string, std::string>>;

json::object allow(json::array actions, json::array resources) {
  return {{"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", std::move(resources)}};
}

json::value document(json::array statements) {
  return json::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

json::value trust(const char* service) {
  return document({json::object{
      {"Effect", "Allow"}, {"Principal", {{"Service", service}}}, {"Action", "sts:AssumeRole"}}});
}

json::object write_logs(const System& system, const std::string& group) {
  return allow({"logs:CreateLogStream", "logs:PutLogEvents"},
               {json::string(system.arn("logs", "log-group:" + group + ":*"))});
}

json::object use_bucket(const System& system, const std::string& name, bool write) {
  json::array actions{"s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject"};
  if (write) {
    for (const char* action :
         {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads"}) {
      actions.push_back(action);
    }
  }
  const std::string arn = system.bucket_arn(name);
  return allow(std::move(actions), {json::string(arn), json::string(arn + "/*")});
}

json::value functions_policy(const System& system) {
  return document(
      {allow({"kinesis:PutRecord", "kinesis:PutRecords"}, {json::string(system.stream_arn())}),
       write_logs(system, function_log_group("*"))});
}

json::value delivery_policy(const System& system) {
  const Spec& spec = system.spec;
  const std::string function = system.function_arn(spec.functions.transformation.name);
  return document(
      {allow({"kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords",
              "kinesis:ListShards"},
             {json::string(system.stream_arn())}),
       use_bucket(system, spec.buckets.raw, true), use_bucket(system, spec.buckets.cleaned, true),
       allow({"lambda:InvokeFunction", "lambda:GetFunctionConfiguration"},
             {json::string(function), json::string(function + ":*")}),
       allow({"glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"},
             {json::string(system.arn("glue", "catalog")),
              json::string(system.arn("glue", "database/" + spec.table.database)),
              json::string(system.arn(
                  "glue", fmt::format("table/{}/{}", spec.table.database, spec.table.name)))}),
       write_logs(system, delivery_log_group(spec))});
}

json::value pipeline_policy(const System& system) {
  const Spec& spec = system.spec;
  return document({use_bucket(system, spec.buckets.cleaned, false),
                   use_bucket(system, spec.buckets.models, true),
                   allow({"sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob",
                          "sagemaker:StopProcessingJob", "sagemaker:CreateTrainingJob",
                          "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob",
                          "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage",
                          "sagemaker:CreateModelPackageGroup",
                          "sagemaker:DescribeModelPackageGroup", "sagemaker:AddTags"},
                         {"*"}),
                   allow({"iam:PassRole"}, {json::string(system.role_arn(spec.roles.pipeline))}),
                   allow({"ecr:GetAuthorizationToken", "ecr:BatchGetImage",
                          "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"},
                         {"*"}),
                   allow({"cloudwatch:PutMetricData", "logs:CreateLogGroup", "logs:CreateLogStream",
                          "logs:DescribeLogStreams", "logs:PutLogEvents"},
                         {"*"})});
}

/// IAM gives documents back percent-encoded.
json::value document_in(const std::string& xml, const char* element) {
  pugi::xml_document parsed;
  parsed.load_buffer(xml.data(), xml.size());
  const auto node = parsed.select_node(fmt::format("//{}", element).c_str()).node();
  boost::system::error_code failed;
  json::value value = json::parse(base::percent_decode(node.child_value()), failed);
  return failed ? json::value() : value;
}

class Roles {
 public:
  explicit Roles(Deployment& deployment) : deployment_(deployment) {}

  void ensure(const std::string& name, const json::value& trusted, const json::value& policy) {
    const auto present = find("GetRole", {{"RoleName", name}}, "AssumeRolePolicyDocument");
    if (!present) {
      call("CreateRole",
           {{"RoleName", name}, {"AssumeRolePolicyDocument", json::serialize(trusted)}});
      put_policy(name, policy);
      deployment_.created("role " + name);
      return;
    }
    bool same = true;
    if (*present != trusted) {
      call("UpdateAssumeRolePolicy",
           {{"RoleName", name}, {"PolicyDocument", json::serialize(trusted)}});
      same = false;
    }
    const auto allowed =
        find("GetRolePolicy", {{"RoleName", name}, {"PolicyName", kPolicy}}, "PolicyDocument");
    if (!allowed || *allowed != policy) {
      put_policy(name, policy);
      same = false;
    }
    same ? deployment_.unchanged() : deployment_.updated("role " + name);
  }

 private:
  std::string call(const char* action, const Parameters& parameters) {
    return deployment_.session.aws().query("iam", action, kVersion, parameters);
  }

  std::optional<json::value> find(const char* action, const Parameters& parameters,
                                  const char* element) {
    return describe([&] { return document_in(call(action, parameters), element); });
  }

  void put_policy(const std::string& role, const json::value& policy) {
    call(
        "PutRolePolicy",
        {{"RoleName", role}, {"PolicyName", kPolicy}, {"PolicyDocument", json::serialize(policy)}});
  }

  Deployment& deployment_;
};

}  // namespace

void deploy_roles(Deployment& deployment) {
  const System& system = deployment.system();
  const Spec::Roles& names = deployment.spec().roles;
  Roles roles(deployment);
  roles.ensure(names.functions, trust("lambda.amazonaws.com"), functions_policy(system));
  roles.ensure(names.delivery, trust("firehose.amazonaws.com"), delivery_policy(system));
  roles.ensure(names.pipeline, trust("sagemaker.amazonaws.com"), pipeline_policy(system));
}

}  // namespace cli
