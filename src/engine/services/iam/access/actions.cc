// What a call asks for, in the words of policies.
#include "engine/services/iam/access/actions.h"

#include "lib/base/encoding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

namespace engine::iam {
namespace {

/// An input's members that are texts.
class Input {
 public:
  Input(const OperationModel& model, const void* input) : shape_(*model.input), input_(input) {}

  std::optional<std::string> text(std::string_view name) const {
    for (const Member& member : shape_.members) {
      if (!base::iequals(member.name, name) || member.shape->kind != Kind::kString) continue;
      const void* const value = member.get(input_);
      if (value == nullptr) return std::nullopt;
      return *static_cast<const std::string*>(value);
    }
    return std::nullopt;
  }

  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const Member& member : shape_.members) {
      const Shape& list = *member.shape;
      if (!base::iequals(member.name, name) || list.kind != Kind::kList || list.element->kind != Kind::kString) continue;
      const void* const value = member.get(input_);
      for (std::size_t i = 0; value != nullptr && i < list.access.list_size(value); ++i) {
        found.push_back(*static_cast<const std::string*>(list.access.list_at(value, i)));
      }
    }
    return found;
  }

 private:
  const Shape& shape_;
  const void* input_;
};

/// "stream/{}" with a member's value in it. A value that is an ARN stands for itself.
struct Rule {
  std::string_view member;
  std::string_view resource;
};

// Of several members the first that is there tells the resource.
constexpr Rule kKinesis[] = {{"ConsumerARN", ""}, {"StreamARN", ""}, {"ResourceARN", ""}, {"StreamName", "stream/{}"},
                             {"ShardIterator", ""}, {"NextToken", ""}};
constexpr Rule kFirehose[] = {{"DeliveryStreamName", "deliverystream/{}"}};
constexpr Rule kLambda[] = {{"FunctionName", "function:{}"}, {"UUID", "event-source-mapping:{}"}, {"Resource", ""},
                            {"LayerName", "layer:{}"}};
constexpr Rule kLogs[] = {{"logGroupIdentifier", ""}, {"logGroupName", "log-group:{}:*"}, {"resourceArn", ""}};
constexpr Rule kEvents[] = {{"Rule", "rule/{}"}, {"ResourceARN", ""}, {"Name", "rule/{}"}};
constexpr Rule kAthena[] = {{"WorkGroup", "workgroup/{}"}, {"WorkGroupName", "workgroup/{}"}, {"QueryExecutionId", ""},
                            {"NamedQueryId", ""}, {"ResourceARN", ""}};
constexpr Rule kEcr[] = {{"repositoryName", "repository/{}"}, {"resourceArn", ""}};
constexpr Rule kMonitoring[] = {{"AlarmName", "alarm:{}"}, {"ResourceARN", ""}};
constexpr Rule kStates[] = {
    {"PipelineExecutionArn", ""},
    {"ResourceArn", ""},
    {"SourceArn", ""},
    {"PipelineName", "pipeline/{}"},
    {"ModelPackageName", "model-package/{}"},
    {"ModelPackageArn", ""},
    {"ModelPackageGroupName", "model-package-group/{}"},
    {"EndpointName", "endpoint/{}"},
    {"EndpointConfigName", "endpoint-config/{}"},
    {"ModelName", "model/{}"},
    {"ProcessingJobName", "processing-job/{}"},
    {"TrainingJobName", "training-job/{}"},
    {"TransformJobName", "transform-job/{}"},
    {"HyperParameterTuningJobName", "hyper-parameter-tuning-job/{}"},
    {"ModelCardName", "model-card/{}"},
    {"NotebookInstanceName", "notebook-instance/{}"},
    {"NotebookInstanceLifecycleConfigName", "notebook-instance-lifecycle-config/{}"},
    {"ArtifactArn", ""},
    {"ActionName", "action/{}"},
    {"ContextName", "context/{}"},
};

struct Family {
  std::string_view service;  // in signatures
  std::string_view prefix;   // of its actions
  std::span<const Rule> rules;
};
const std::array kFamilies = {
    Family{"kinesis", "kinesis", kKinesis},   Family{"firehose", "firehose", kFirehose},
    Family{"lambda", "lambda", kLambda},      Family{"logs", "logs", kLogs},
    Family{"events", "events", kEvents},      Family{"athena", "athena", kAthena},
    Family{"ecr", "ecr", kEcr},               Family{"monitoring", "cloudwatch", kMonitoring},
    Family{"sagemaker", "sagemaker", kStates},
};

std::string arn(const Place& place, std::string_view service, std::string_view resource) {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, place.region, place.account, resource);
}

std::string resource_of(const Rule& rule, const std::string& value, std::string_view prefix, const Place& place,
                        const Lookup& lookup) {
  // The qualifier of a function, "name:3", belongs to the ARN as it stands.
  if (value.starts_with("arn:")) return value;
  if (rule.resource.empty()) {
    const std::string known = lookup(rule.member, value);
    return known.empty() ? "*" : known;
  }
  std::string resource(rule.resource);
  resource.replace(resource.find("{}"), 2, value);
  return arn(place, prefix, resource);
}

std::string renamed(std::string_view service, std::string_view operation) {
  if (service == "lambda" && operation == "Invoke") return "InvokeFunction";
  return std::string(operation);
}

// S3 -----------------------------------------------------------------------------------------------

struct S3Action {
  std::string_view operation, action;
};
/// Where the action's name isn't the operation's, the rest is as it is called. Source: "Actions, resources, and
/// condition keys for Amazon S3".
constexpr S3Action kS3Actions[] = {
    {"ListBuckets", "ListAllMyBuckets"},
    {"HeadBucket", "ListBucket"},
    {"ListObjects", "ListBucket"},
    {"ListObjectsV2", "ListBucket"},
    {"ListObjectVersions", "ListBucketVersions"},
    {"ListMultipartUploads", "ListBucketMultipartUploads"},
    {"ListParts", "ListMultipartUploadParts"},
    {"HeadObject", "GetObject"},
    {"GetObjectAttributes", "GetObject"},
    {"CopyObject", "PutObject"},
    {"CreateMultipartUpload", "PutObject"},
    {"UploadPart", "PutObject"},
    {"UploadPartCopy", "PutObject"},
    {"CompleteMultipartUpload", "PutObject"},
    {"DeleteObjects", "DeleteObject"},
    {"GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"},
    {"PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"},
    {"DeleteBucketLifecycle", "PutLifecycleConfiguration"},
    {"GetBucketCors", "GetBucketCORS"},
    {"PutBucketCors", "PutBucketCORS"},
    {"DeleteBucketCors", "PutBucketCORS"},
    {"GetBucketEncryption", "GetEncryptionConfiguration"},
    {"PutBucketEncryption", "PutEncryptionConfiguration"},
    {"DeleteBucketEncryption", "PutEncryptionConfiguration"},
    {"GetBucketNotificationConfiguration", "GetBucketNotification"},
    {"PutBucketNotificationConfiguration", "PutBucketNotification"},
    {"GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
    {"PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
    {"DeletePublicAccessBlock", "PutBucketPublicAccessBlock"},
    {"GetBucketReplication", "GetReplicationConfiguration"},
    {"GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"},
    {"DeleteBucketTagging", "PutBucketTagging"},
    {"GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"},
};

std::string s3_action(std::string_view operation) {
  const auto found = std::find_if(std::begin(kS3Actions), std::end(kS3Actions),
                                  [&](const S3Action& one) { return one.operation == operation; });
  return "s3:" + std::string(found == std::end(kS3Actions) ? operation : found->action);
}

std::string s3_arn(std::string_view place) { return "arn:aws:s3:::" + std::string(place); }

/// What x-amz-copy-source names: "/bucket/key?versionId=…", percent-encoded.
std::string copied_arn(std::string_view source) {
  source = source.substr(0, source.find("?versionId="));
  if (source.starts_with('/')) source.remove_prefix(1);
  return s3_arn(base::percent_decode(source));
}

std::vector<Need> s3_needs(const OperationModel& model, const Input& input) {
  const std::string bucket = input.text("Bucket").value_or("");
  const std::string action = s3_action(model.name);
  if (bucket.empty()) return {{action, "*"}};
  const auto key = input.text("Key");
  if (model.name == "DeleteObjects") return {{action, s3_arn(bucket + "/*")}};
  std::vector<Need> needs{{action, s3_arn(key ? bucket + "/" + *key : bucket)}};
  if (action == "s3:ListBucket" || action == "s3:ListBucketVersions") {
    for (const std::string_view member : {"Prefix", "Delimiter"}) {
      if (const auto value = input.text(member)) needs[0].facts["s3:" + base::to_lower(member)] = {*value};
    }
  }
  if (const auto source = input.text("CopySource")) needs.push_back({"s3:GetObject", copied_arn(*source)});
  if (const auto tags = input.text("Tagging"); tags && key && !tags->empty()) {
    needs.push_back({"s3:PutObjectTagging", needs[0].resource});
  }
  return needs;
}

// Glue ---------------------------------------------------------------------------------------------

/// Glue asks for the table, its database, and the catalog.
std::vector<Need> glue_needs(const OperationModel& model, const Input& input, const Place& place) {
  const std::string action = "glue:" + std::string(model.name);
  if (const auto name = input.text("CrawlerName")) return {{action, arn(place, "glue", "crawler/" + *name)}};
  if (model.name.find("Crawler") != std::string_view::npos) {
    const auto name = input.text("Name");
    return {{action, name ? arn(place, "glue", "crawler/" + *name) : "*"}};
  }
  if (const auto resource = input.text("ResourceArn")) return {{action, *resource}};
  std::vector<Need> needs{{action, arn(place, "glue", "catalog")}};
  auto database = input.text("DatabaseName");
  auto table = input.text("TableName");
  const auto name = input.text("Name");
  if (name && database) table = name;
  if (name && !database) database = name;
  if (database) needs.push_back({action, arn(place, "glue", "database/" + *database)});
  if (database && (table || model.name.find("Table") != std::string_view::npos)) {
    needs.push_back({action, arn(place, "glue", "table/" + *database + "/" + table.value_or("*"))});
  }
  return needs;
}

// IAM and STS --------------------------------------------------------------------------------------

std::vector<Need> iam_needs(std::string_view service, const OperationModel& model, const Input& input,
                            const Place& place) {
  const std::string action = std::string(service) + ":" + std::string(model.name);
  const auto named = [&](std::string_view kind, const std::string& name) {
    return fmt::format("arn:aws:iam::{}:{}/{}", place.account, kind, name);
  };
  if (const auto role = input.text("RoleName")) return {{action, named("role", *role)}};
  if (const auto user = input.text("UserName")) return {{action, named("user", *user)}};
  if (const auto policy = input.text("PolicyArn")) return {{action, *policy}};
  if (const auto role = input.text("RoleArn")) return {{action, *role}};
  if (const auto policy = input.text("PolicyName")) return {{action, named("policy", *policy)}};
  return {{action, "*"}};
}

bool names_role(std::string_view member) {
  return member == "Role" || member == "RoleArn" || member == "RoleARN" || member == "ExecutionRoleArn";
}

/// The roles that stand anywhere in a value.
void collect_roles(const Shape& shape, const void* value, std::set<std::string>& roles) {
  if (shape.kind == Kind::kList && shape.element->kind == Kind::kStructure) {
    for (std::size_t i = 0; i < shape.access.list_size(value); ++i) {
      collect_roles(*shape.element, shape.access.list_at(value, i), roles);
    }
  }
  if (shape.kind != Kind::kStructure) return;
  for (const Member& member : shape.members) {
    const void* const held = member.get(value);
    if (held == nullptr) continue;
    if (member.shape->kind == Kind::kString && names_role(member.name)) {
      if (const auto& role = *static_cast<const std::string*>(held); !role.empty()) roles.insert(role);
    } else {
      collect_roles(*member.shape, held, roles);
    }
  }
}

/// Who hands a role to a service must be allowed to.
void add_passed_roles(const HandedRoles& handed, std::vector<Need>& needs) {
  for (const std::string& role : handed.roles) {
    needs.push_back({"iam:PassRole", role, {{"iam:passedtoservice", {handed.service}}}});
  }
}

}  // namespace

HandedRoles handed_roles(std::string_view service, const OperationModel& model, const void* input, const Place& place) {
  HandedRoles handed{.service = fmt::format("{}.amazonaws.com", service)};
  constexpr std::string_view kTaking[] = {"lambda", "firehose", "sagemaker", "glue", "events"};
  if (std::find(std::begin(kTaking), std::end(kTaking), service) == std::end(kTaking)) return handed;
  if (!model.name.starts_with("Create") && !model.name.starts_with("Update") && !model.name.starts_with("Put")) return handed;
  std::set<std::string> found;
  collect_roles(*model.input, input, found);
  for (const std::string& role : found) {
    // Glue takes what follows "role/" as well.
    handed.roles.push_back(role.starts_with("arn:") ? role : fmt::format("arn:aws:iam::{}:role/{}", place.account, role));
  }
  return handed;
}

std::vector<Need> needs_of(std::string_view service, const OperationModel& model, const void* data,
                           const Place& place, const Lookup& lookup) {
  const Input input(model, data);
  if (service == "s3") return s3_needs(model, input);
  if (service == "iam" || service == "sts") return iam_needs(service, model, input, place);
  std::vector<Need> needs;
  std::string prefix(service);
  if (service == "glue") {
    needs = glue_needs(model, input, place);
  } else {
    const auto family = std::find_if(kFamilies.begin(), kFamilies.end(),
                                     [&](const Family& one) { return one.service == service; });
    if (family != kFamilies.end()) {
      prefix = family->prefix;
      for (const Rule& rule : family->rules) {
        const auto value = input.text(rule.member);
        if (!value) continue;
        needs.push_back({.resource = resource_of(rule, *value, prefix, place, lookup)});
        break;
      }
    }
    if (service == "athena" && needs.empty() && model.name == "StartQueryExecution") {
      needs.push_back({.resource = arn(place, "athena", "workgroup/primary")});
    }
    if (service == "events" && model.name == "PutEvents") {
      needs = {{.resource = arn(place, "events", "event-bus/default")}};
    }
    if (needs.empty()) needs.push_back({.resource = "*"});
    needs[0].action = prefix + ":" + renamed(service, model.name);
    if (const auto where = service == "monitoring" ? input.text("Namespace") : std::nullopt) {
      needs[0].facts["cloudwatch:namespace"] = {*where};
    }
    // "…:function:f:3", when that version is asked for.
    const auto qualifier = model.name == "Invoke" ? input.text("Qualifier") : std::nullopt;
    if (qualifier && std::count(needs[0].resource.begin(), needs[0].resource.end(), ':') == 6) {
      needs[0].resource += ":" + *qualifier;
    }
  }
  add_passed_roles(handed_roles(service, model, data, place), needs);
  return needs;
}

}  // namespace engine::iam
