// The roles the parts act in, each allowed what its part does and nothing else.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace cli {
namespace {

constexpr const char* kPolicy = "access";

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

/// SageMaker makes its groups by itself: /aws/sagemaker/ProcessingJobs and the like.
json::object write_sagemaker_logs(const System& system) {
  return allow({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams",
                "logs:PutLogEvents"},
               {json::string(system.arn("logs", "log-group:/aws/sagemaker/*"))});
}

json::object put_metrics() {
  json::object statement = allow({"cloudwatch:PutMetricData"}, {"*"});
  statement["Condition"] = {{"StringLike", {{"cloudwatch:namespace", "/aws/sagemaker/*"}}}};
  return statement;
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

/// Our image, and SageMaker's own XGBoost, which lies in an account of AWS's.
json::array pull_images(const System& system) {
  const std::string own = "repository/" + system.spec.training.repository;
  return {
      allow({"ecr:GetAuthorizationToken"}, {"*"}),
      allow({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"},
            {json::string(system.arn("ecr", own)),
             json::string(
                 fmt::format("arn:aws:ecr:{}:*:repository/sagemaker-xgboost", system.region))})};
}

json::value extraction_policy(const System& system) {
  return document(
      {allow({"kinesis:PutRecord", "kinesis:PutRecords"}, {json::string(system.stream_arn())}),
       write_logs(system, function_log_group(system.spec.functions.extraction.name))});
}

json::value transformation_policy(const System& system) {
  return document(
      {write_logs(system, function_log_group(system.spec.functions.transformation.name))});
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
  const std::string& group = spec.registry.group;
  json::array statements{
      use_bucket(system, spec.buckets.cleaned, false),
      use_bucket(system, spec.buckets.models, true),
      allow({"sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob",
             "sagemaker:StopProcessingJob", "sagemaker:CreateTrainingJob",
             "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob", "sagemaker:AddTags"},
            {json::string(system.arn("sagemaker", "processing-job/pipelines-*")),
             json::string(system.arn("sagemaker", "training-job/pipelines-*"))}),
      allow({"sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage",
             "sagemaker:CreateModelPackageGroup", "sagemaker:DescribeModelPackageGroup",
             "sagemaker:AddTags"},
            {json::string(system.arn("sagemaker", "model-package-group/" + group)),
             json::string(system.arn("sagemaker", "model-package/" + group + "/*"))}),
      allow({"iam:PassRole"}, {json::string(system.role_arn(spec.roles.pipeline))})};
  for (json::value& statement : pull_images(system)) statements.push_back(std::move(statement));
  statements.push_back(put_metrics());
  statements.push_back(write_sagemaker_logs(system));
  return document(std::move(statements));
}

json::value serving_policy(const System& system) {
  json::array statements{use_bucket(system, system.spec.buckets.models, false)};
  for (json::value& statement : pull_images(system)) statements.push_back(std::move(statement));
  statements.push_back(put_metrics());
  statements.push_back(write_sagemaker_logs(system));
  return document(std::move(statements));
}

json::value retraining_policy(const System& system) {
  return document({allow(
      {"sagemaker:StartPipelineExecution"},
      {json::string(system.arn("sagemaker", "pipeline/" + system.spec.training.pipeline)),
       json::string(system.arn("sagemaker", "pipeline/" + system.spec.watching.pipeline))})});
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
      create(name, trusted);
      put_policy(name, policy);
      return deployment_.created("role " + name);
    }
    bool changed = update_tags(deployment_, "iam", name);
    if (*present != trusted) {
      call("UpdateAssumeRolePolicy",
           {{"RoleName", name}, {"PolicyDocument", json::serialize(trusted)}});
      changed = true;
    }
    const auto allowed =
        find("GetRolePolicy", {{"RoleName", name}, {"PolicyName", kPolicy}}, "PolicyDocument");
    if (!allowed || *allowed != policy) {
      put_policy(name, policy);
      changed = true;
    }
    deployment_.done("role " + name, false, changed);
  }

 private:
  std::string call(const char* action, const Parameters& parameters) {
    return deployment_.session.aws().query("iam", action, kIamVersion, parameters);
  }

  std::optional<json::value> find(const char* action, const Parameters& parameters,
                                  const char* element) {
    return describe([&] { return document_in(call(action, parameters), element); });
  }

  void create(const std::string& name, const json::value& trusted) {
    Parameters parameters{{"RoleName", name},
                          {"AssumeRolePolicyDocument", json::serialize(trusted)}};
    add_tags(parameters, deployment_.spec());
    call("CreateRole", parameters);
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
  roles.ensure(names.extraction, trust("lambda.amazonaws.com"), extraction_policy(system));
  roles.ensure(names.transformation, trust("lambda.amazonaws.com"), transformation_policy(system));
  roles.ensure(names.delivery, trust("firehose.amazonaws.com"), delivery_policy(system));
  roles.ensure(names.pipeline, trust("sagemaker.amazonaws.com"), pipeline_policy(system));
  roles.ensure(names.serving, trust("sagemaker.amazonaws.com"), serving_policy(system));
  roles.ensure(names.retraining, trust("events.amazonaws.com"), retraining_policy(system));
}

}  // namespace cli
