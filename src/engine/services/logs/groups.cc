// Log groups: create, describe, retention, tags.
#include "engine/protocol/json.h"
#include "engine/services/logs/errors.h"
#include "engine/services/logs/operations.h"
#include "engine/services/logs/state.h"
#include "engine/services/paging.h"

#include <algorithm>

namespace engine::logs {
namespace {

using Tags = std::map<std::string, std::string>;

/// The group whose tags are meant.
std::string tagged_group(std::string_view arn) {
  if (arn.find(":log-group:") == std::string_view::npos) {
    throw invalid("The resource ARN is not that of a log group");
  }
  return group_of_arn(arn);
}

Tags tags_of(Logs::Impl& logs, const std::string& group) {
  logs.group(group);
  Tags tags;
  for (const auto& row : logs.context.catalog.scan(kTags, stream_key(group, ""))) {
    tags[row.key.substr(group.size() + 1)] = row.value;
  }
  return tags;
}

void set_retention(Logs::Impl& logs, const std::string& name, std::optional<std::int64_t> days) {
  std::lock_guard lock(logs.mutex);
  auto group = logs.group(name);
  group.retentionInDays = days;
  storage::Batch batch;
  batch.put(kGroups, name, to_json(group));
  logs.context.catalog.commit(std::move(batch));
}

/// The periods AWS accepts.
constexpr std::int64_t kRetentionDays[] = {1,   3,   5,   7,   14,  30,   60,   90,   120,  150,  180, 365,
                                           400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace

api::CreateLogGroupOutput create_log_group(Logs& logs, Call&, const api::CreateLogGroupInput& input) {
  auto& impl = logs.impl();
  std::lock_guard lock(impl.mutex);
  if (impl.find_group(input.logGroupName)) throw group_exists();
  impl.make_group(input.logGroupName, input);
  return {};
}

api::DeleteLogGroupOutput delete_log_group(Logs& logs, Call&, const api::DeleteLogGroupInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  std::lock_guard lock(impl.mutex);
  impl.group(input.logGroupName);
  impl.delete_group(input.logGroupName);
  return {};
}

api::DescribeLogGroupsOutput describe_log_groups(Logs& logs, Call&, const api::DescribeLogGroupsInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  if (input.logGroupNamePrefix && input.logGroupNamePattern) {
    throw invalid("Only one of logGroupNamePrefix and logGroupNamePattern may be given.");
  }
  const std::string pattern = input.logGroupNamePattern.value_or("");
  std::vector<std::string> wanted;
  for (const auto& identifier : input.logGroupIdentifiers.value_or(wanted)) wanted.push_back(group_of_arn(identifier));
  std::vector<api::LogGroup> groups;
  for (const auto& row : impl.context.catalog.scan(kGroups, input.logGroupNamePrefix.value_or(""))) {
    if (row.key.find(pattern) == std::string::npos) continue;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), row.key) == wanted.end()) continue;
    groups.push_back(from_json<api::LogGroup>(row.value));
  }
  auto page = page_by_name(std::move(groups), input.nextToken, input.limit, 50, invalid_token(),
                           [](const api::LogGroup& group) { return *group.logGroupName; });
  return {.logGroups = std::move(page.items), .nextToken = std::move(page.next)};
}

api::PutRetentionPolicyOutput put_retention_policy(Logs& logs, Call&, const api::PutRetentionPolicyInput& input) {
  if (std::find(std::begin(kRetentionDays), std::end(kRetentionDays), input.retentionInDays) ==
      std::end(kRetentionDays)) {
    throw invalid("1 validation error detected: Value '" + std::to_string(input.retentionInDays) +
                  "' at 'retentionInDays' failed to satisfy constraint: Member must be one of the allowed periods");
  }
  set_retention(logs.impl(), input.logGroupName, input.retentionInDays);
  return {};
}

api::DeleteRetentionPolicyOutput delete_retention_policy(Logs& logs, Call&,
                                                         const api::DeleteRetentionPolicyInput& input) {
  set_retention(logs.impl(), input.logGroupName, std::nullopt);
  return {};
}

api::ListTagsForResourceOutput list_tags_for_resource(Logs& logs, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  return {.tags = tags_of(logs.impl(), tagged_group(input.resourceArn))};
}

api::ListTagsLogGroupOutput list_tags_log_group(Logs& logs, Call&, const api::ListTagsLogGroupInput& input) {
  return {.tags = tags_of(logs.impl(), input.logGroupName)};
}

api::TagResourceOutput tag_resource(Logs& logs, Call&, const api::TagResourceInput& input) {
  const std::string group = tagged_group(input.resourceArn);
  logs.impl().group(group);
  storage::Batch batch;
  for (const auto& [key, value] : input.tags) batch.put(kTags, stream_key(group, key), value);
  logs.impl().context.catalog.commit(std::move(batch));
  return {};
}

api::UntagResourceOutput untag_resource(Logs& logs, Call&, const api::UntagResourceInput& input) {
  const std::string group = tagged_group(input.resourceArn);
  logs.impl().group(group);
  storage::Batch batch;
  for (const auto& key : input.tagKeys) batch.remove(kTags, stream_key(group, key));
  logs.impl().context.catalog.commit(std::move(batch));
  return {};
}

}  // namespace engine::logs
