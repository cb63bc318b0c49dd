// Where the functions and the deliveries log.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

namespace cli {
namespace {

std::optional<json::value> find_group(Deployment& deployment, const std::string& name) {
  const json::value answer =
      deployment.call("logs", "Logs_20140328.DescribeLogGroups", {{"logGroupNamePrefix", name}});
  for (const json::value& group : list(answer, "logGroups")) {
    if (text(group, "logGroupName") == name) return group;
  }
  return std::nullopt;
}

void create_group(Deployment& deployment, const std::string& name) {
  json::object input{{"logGroupName", name}};
  add_tag_map(input, deployment.spec(), "tags");
  deployment.call("logs", "Logs_20140328.CreateLogGroup", input);
}

void deploy_log_group(Deployment& deployment, const std::string& name) {
  const int days = deployment.spec().functions.log_retention_days;
  const auto present = find_group(deployment, name);
  if (!present) create_group(deployment, name);
  bool changed = !present || number(*present, "retentionInDays") != days;
  if (changed) {
    deployment.call("logs", "Logs_20140328.PutRetentionPolicy",
                    {{"logGroupName", name}, {"retentionInDays", days}});
  }
  if (present) {
    changed |=
        update_tags(deployment, "logs", deployment.system().arn("logs", "log-group:" + name));
  }
  deployment.done("log group " + name, !present, changed);
}

void deploy_log_stream(Deployment& deployment, const std::string& group) {
  const json::value streams =
      deployment.call("logs", "Logs_20140328.DescribeLogStreams",
                      {{"logGroupName", group}, {"logStreamNamePrefix", kDeliveryLogStream}});
  if (list(streams, "logStreams").empty()) {
    deployment.call("logs", "Logs_20140328.CreateLogStream",
                    {{"logGroupName", group}, {"logStreamName", kDeliveryLogStream}});
  }
}

}  // namespace

void deploy_logs(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  deploy_log_group(deployment, function_log_group(spec.functions.extraction.name));
  deploy_log_group(deployment, function_log_group(spec.functions.transformation.name));
  const std::string group = delivery_log_group(spec);
  deploy_log_group(deployment, group);
  deploy_log_stream(deployment, group);
}

}  // namespace cli
