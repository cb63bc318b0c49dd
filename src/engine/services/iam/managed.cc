// The policies that AWS manages.
#include "engine/services/iam/managed.h"

#include <algorithm>
#include <array>

namespace engine::iam {
namespace {

constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy/";

struct Known {
  std::string_view arn, document;
};
constexpr std::array kKnown = {
    Known{"arn:aws:iam::aws:policy/AdministratorAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/AmazonKinesisFullAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
          R"("Action":["kinesis:Get*","kinesis:List*","kinesis:Describe*"],"Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/AmazonS3FullAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
          R"("Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",)"
          R"("s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/AmazonKinesisFirehoseFullAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["firehose:*"],"Resource":"*"}]})"},
    // Deviation: what of it concerns the services that are here.
    Known{"arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
          R"({"Version":"2012-10-17","Statement":[)"
          R"({"Effect":"Allow","Action":["sagemaker:*","cloudwatch:PutMetricData","cloudwatch:GetMetricData",)"
          R"("cloudwatch:GetMetricStatistics","cloudwatch:ListMetrics","cloudwatch:PutMetricAlarm",)"
          R"("cloudwatch:DescribeAlarms","cloudwatch:DeleteAlarms","ecr:BatchCheckLayerAvailability",)"
          R"("ecr:BatchGetImage","ecr:CreateRepository","ecr:Describe*","ecr:GetAuthorizationToken",)"
          R"("ecr:GetDownloadUrlForLayer","ecr:StartImageScan","glue:CreateJob","glue:GetTable","glue:GetTables",)"
          R"("iam:ListRoles","lambda:ListFunctions","logs:CreateLogGroup","logs:CreateLogStream",)"
          R"("logs:Describe*","logs:GetLogEvents","logs:PutLogEvents"],"Resource":"*"},)"
          R"({"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:AbortMultipartUpload"],)"
          R"("Resource":["arn:aws:s3:::*SageMaker*","arn:aws:s3:::*Sagemaker*","arn:aws:s3:::*sagemaker*",)"
          R"("arn:aws:s3:::*aws-glue*"]},)"
          R"({"Effect":"Allow","Action":["s3:CreateBucket","s3:GetBucketLocation","s3:ListBucket",)"
          R"("s3:ListAllMyBuckets","s3:GetBucketCors","s3:PutBucketCors"],"Resource":"*"},)"
          R"({"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["arn:aws:lambda:*:*:function:*SageMaker*",)"
          R"("arn:aws:lambda:*:*:function:*sagemaker*","arn:aws:lambda:*:*:function:*Sagemaker*",)"
          R"("arn:aws:lambda:*:*:function:*LabelingFunction*"]},)"
          R"({"Effect":"Allow","Action":["iam:PassRole"],"Resource":"arn:aws:iam::*:role/*",)"
          R"("Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}]})"},
    Known{"arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["glue:*","s3:GetBucketLocation",)"
          R"("s3:ListBucket","s3:ListAllMyBuckets","s3:GetBucketAcl","iam:ListRolePolicies","iam:GetRole",)"
          R"("iam:GetRolePolicy","cloudwatch:PutMetricData"],"Resource":["*"]},)"
          R"({"Effect":"Allow","Action":["s3:CreateBucket"],"Resource":["arn:aws:s3:::aws-glue-*"]},)"
          R"({"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],)"
          R"("Resource":["arn:aws:s3:::aws-glue-*/*","arn:aws:s3:::*/*aws-glue-*/*"]},)"
          R"({"Effect":"Allow","Action":["s3:GetObject"],)"
          R"("Resource":["arn:aws:s3:::crawler-public*","arn:aws:s3:::aws-glue-*"]},)"
          R"({"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],)"
          R"("Resource":["arn:aws:logs:*:*:*:/aws-glue/*"]}]})"},
    Known{"arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],"Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",)"
          R"("logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    Known{"arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kinesis:DescribeStream",)"
          R"("kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator",)"
          R"("kinesis:ListShards","kinesis:ListStreams","kinesis:SubscribeToShard",)"
          R"("logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
};

// AWS made the first ones on 6 February 2015; the date of one that nobody looks at is not worth more.
constexpr Timestamp kMade{std::chrono::seconds{1'423'246'800}};

}  // namespace

std::optional<api::Policy> managed_policy(std::string_view arn) {
  if (!arn.starts_with(kPrefix) || arn.size() == kPrefix.size() || arn.ends_with('/')) {
    return std::nullopt;
  }
  const auto path = arn.substr(kPrefix.size() - 1);  // with its first slash
  const auto slash = path.rfind('/');
  api::Policy policy;
  policy.PolicyName = path.substr(slash + 1);
  policy.Path = path.substr(0, slash + 1);
  policy.PolicyId = "ANPA" + std::string(*policy.PolicyName);
  policy.Arn = arn;
  policy.DefaultVersionId = "v1";
  policy.IsAttachable = true;
  policy.CreateDate = kMade;
  policy.UpdateDate = kMade;
  return policy;
}

std::optional<std::string_view> managed_document(std::string_view arn) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& known) { return known.arn == arn; });
  if (found == kKnown.end()) return std::nullopt;
  return found->document;
}

std::vector<std::string_view> known_managed_policies() {
  std::vector<std::string_view> arns;
  for (const auto& known : kKnown) arns.push_back(known.arn);
  return arns;
}

}  // namespace engine::iam
