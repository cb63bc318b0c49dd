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
