// Workgroups, engine versions and tags.
#include "engine/protocol/json.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/operations.h"
#include "engine/services/paging.h"

namespace engine::athena {
namespace {

api::EngineVersion engine_version() {
  return {.SelectedEngineVersion = "AUTO", .EffectiveEngineVersion = "Athena engine version 3"};
}

std::string arn_of(const Athena& athena, const std::string& name) {
  return athena.context().arn("athena", "workgroup/" + name);
}

template <class T>
void take(std::optional<T>& target, const std::optional<T>& source) {
  if (source) target = source;
}

void update_results(std::optional<api::ResultConfiguration>& target,
                    const api::ResultConfigurationUpdates& change) {
  if (!target) target.emplace();
  take(target->OutputLocation, change.OutputLocation);
  take(target->EncryptionConfiguration, change.EncryptionConfiguration);
  take(target->ExpectedBucketOwner, change.ExpectedBucketOwner);
  take(target->AclConfiguration, change.AclConfiguration);
  if (change.RemoveOutputLocation.value_or(false)) target->OutputLocation.reset();
  if (change.RemoveEncryptionConfiguration.value_or(false)) target->EncryptionConfiguration.reset();
  if (change.RemoveExpectedBucketOwner.value_or(false)) target->ExpectedBucketOwner.reset();
  if (change.RemoveAclConfiguration.value_or(false)) target->AclConfiguration.reset();
}

void update_configuration(api::WorkGroupConfiguration& target,
                          const api::WorkGroupConfigurationUpdates& change) {
  take(target.EnforceWorkGroupConfiguration, change.EnforceWorkGroupConfiguration);
  take(target.PublishCloudWatchMetricsEnabled, change.PublishCloudWatchMetricsEnabled);
  take(target.BytesScannedCutoffPerQuery, change.BytesScannedCutoffPerQuery);
  if (change.RemoveBytesScannedCutoffPerQuery.value_or(false))
    target.BytesScannedCutoffPerQuery.reset();
  take(target.RequesterPaysEnabled, change.RequesterPaysEnabled);
  take(target.ExecutionRole, change.ExecutionRole);
  take(target.AdditionalConfiguration, change.AdditionalConfiguration);
  take(target.EnableMinimumEncryptionConfiguration, change.EnableMinimumEncryptionConfiguration);
  if (change.ResultConfigurationUpdates)
    update_results(target.ResultConfiguration, *change.ResultConfigurationUpdates);
}

/// Whether queries have been saved or prepared in the workgroup.
bool has_content(const Athena& athena, const std::string& group) {
  const auto& catalog = athena.context().catalog;
  if (catalog.count("athena/prepared", group + '\x1f') > 0) return true;
  for (const auto& row : catalog.scan("athena/named")) {
    if (from_json<api::NamedQuery>(row.value).WorkGroup == group) return true;
  }
  return false;
}

/// Refuses the ARN of a workgroup that isn't there.
void check_resource(const Athena& athena, const std::string& arn) {
  constexpr std::string_view kKind = ":workgroup/";
  if (const std::size_t at = arn.find(kKind); at != std::string::npos) {
    athena.workgroup(std::string_view(arn).substr(at + kKind.size()));
  }
}

}  // namespace

api::CreateWorkGroupOutput create_work_group(Athena& athena, Call& call,
                                             const api::CreateWorkGroupInput& input) {
  if (athena.find_workgroup(input.Name)) throw workgroup_exists();
  api::WorkGroup group{.Name = input.Name, .State = "ENABLED"};
  group.Configuration = input.Configuration.value_or(api::WorkGroupConfiguration{});
  auto& configuration = *group.Configuration;
  if (!configuration.EnforceWorkGroupConfiguration)
    configuration.EnforceWorkGroupConfiguration = true;
  if (!configuration.PublishCloudWatchMetricsEnabled)
    configuration.PublishCloudWatchMetricsEnabled = true;
  if (!configuration.RequesterPaysEnabled) configuration.RequesterPaysEnabled = false;
  configuration.EngineVersion = engine_version();
  group.Description = input.Description.value_or("");
  group.CreationTime = call.now;
  athena.put_workgroup(group);
  std::map<std::string, std::string> tags;
  for (const api::Tag& tag : input.Tags.value_or(std::vector<api::Tag>{})) {
    tags[tag.Key.value_or("")] = tag.Value.value_or("");
  }
  if (!tags.empty()) athena.set_tags(arn_of(athena, input.Name), tags);
  return {};
}

api::GetWorkGroupOutput get_work_group(Athena& athena, Call&, const api::GetWorkGroupInput& input) {
  return {.WorkGroup = athena.workgroup(input.WorkGroup)};
}

api::ListWorkGroupsOutput list_work_groups(Athena& athena, Call&,
                                           const api::ListWorkGroupsInput& input) {
  std::vector<api::WorkGroupSummary> summaries;
  for (const api::WorkGroup& group : athena.workgroups()) {
    summaries.push_back({.Name = group.Name,
                         .State = group.State,
                         .Description = group.Description,
                         .CreationTime = group.CreationTime,
                         .EngineVersion = engine_version()});
  }
  auto page = page_of(std::move(summaries), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.WorkGroups = std::move(page.items), .NextToken = page.next};
}

api::UpdateWorkGroupOutput update_work_group(Athena& athena, Call&,
                                             const api::UpdateWorkGroupInput& input) {
  api::WorkGroup group = athena.workgroup(input.WorkGroup);
  take(group.Description, input.Description);
  take(group.State, input.State);
  if (input.ConfigurationUpdates)
    update_configuration(*group.Configuration, *input.ConfigurationUpdates);
  athena.put_workgroup(group);
  return {};
}

api::DeleteWorkGroupOutput delete_work_group(Athena& athena, Call&,
                                             const api::DeleteWorkGroupInput& input) {
  if (input.WorkGroup == "primary")
    throw invalid_request("The primary workgroup cannot be deleted.");
  athena.workgroup(input.WorkGroup);
  // Deviation: what a workgroup still has stays behind a recursive deletion, found by its id alone.
  if (!input.RecursiveDeleteOption.value_or(false) && has_content(athena, input.WorkGroup)) {
    throw invalid_request(fmt::format("WorkGroup {} is not empty", input.WorkGroup));
  }
  athena.delete_workgroup(input.WorkGroup);
  return {};
}

api::ListEngineVersionsOutput list_engine_versions(Athena&, Call&,
                                                   const api::ListEngineVersionsInput&) {
  return {.EngineVersions = std::vector<api::EngineVersion>{
              engine_version(), {"Athena engine version 3", "Athena engine version 3"}}};
}

api::ListTagsForResourceOutput list_tags_for_resource(Athena& athena, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  check_resource(athena, input.ResourceARN);
  std::vector<api::Tag> tags;
  for (const auto& [key, value] : athena.tags(input.ResourceARN)) tags.push_back({key, value});
  return {.Tags = std::move(tags)};
}

api::TagResourceOutput tag_resource(Athena& athena, Call&, const api::TagResourceInput& input) {
  check_resource(athena, input.ResourceARN);
  auto tags = athena.tags(input.ResourceARN);
  for (const api::Tag& tag : input.Tags) tags[tag.Key.value_or("")] = tag.Value.value_or("");
  athena.set_tags(input.ResourceARN, tags);
  return {};
}

api::UntagResourceOutput untag_resource(Athena& athena, Call&,
                                        const api::UntagResourceInput& input) {
  check_resource(athena, input.ResourceARN);
  auto tags = athena.tags(input.ResourceARN);
  for (const std::string& key : input.TagKeys) tags.erase(key);
  athena.set_tags(input.ResourceARN, tags);
  return {};
}

}  // namespace engine::athena
