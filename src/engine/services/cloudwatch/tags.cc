// Tags of alarms.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/state.h"

namespace engine::cloudwatch {
namespace {

constexpr std::size_t kMostTags = 50;

/// The alarm whose tags are meant.
std::string tagged_alarm(const CloudWatch::Impl& impl, const std::string& arn) {
  const auto name = alarm_of_arn(arn);
  if (!name) throw invalid_value(fmt::format("The ARN {} is not that of an alarm.", arn));
  if (!impl.find_alarm(*name)) throw no_such_resource(arn);
  return *name;
}

Tags tags_of(const CloudWatch::Impl& impl, const std::string& alarm) {
  Tags tags;
  for (const auto& row : impl.context.catalog.scan(kTags, tag_key(alarm, ""))) {
    tags[row.key.substr(alarm.size() + 1)] = row.value;
  }
  return tags;
}

}  // namespace

std::string tag_key(std::string_view alarm, std::string_view key) {
  std::string whole(alarm);
  whole += '\0';
  return whole.append(key);
}

std::optional<std::string> alarm_of_arn(std::string_view arn) {
  constexpr std::string_view kMark = ":alarm:";
  const auto at = arn.find(kMark);
  if (!arn.starts_with("arn:aws:cloudwatch:") || at == std::string_view::npos) return std::nullopt;
  return std::string(arn.substr(at + kMark.size()));
}

api::ListTagsForResourceOutput list_tags_for_resource(CloudWatch& cloudwatch, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  auto& impl = cloudwatch.impl();
  std::vector<api::Tag> tags;
  for (auto& [key, value] : tags_of(impl, tagged_alarm(impl, input.ResourceARN))) tags.push_back({key, value});
  return {.Tags = std::move(tags)};
}

api::TagResourceOutput tag_resource(CloudWatch& cloudwatch, Call&, const api::TagResourceInput& input) {
  auto& impl = cloudwatch.impl();
  std::lock_guard lock(impl.mutex);
  const std::string alarm = tagged_alarm(impl, input.ResourceARN);
  Tags tags = tags_of(impl, alarm);
  Changes changes;
  for (const api::Tag& tag : input.Tags) {
    tags[tag.Key] = tag.Value;
    changes.batch.put(kTags, tag_key(alarm, tag.Key), tag.Value);
  }
  if (tags.size() > kMostTags) throw invalid_value("An alarm can have 50 tags at most.");
  impl.commit(std::move(changes));
  return {};
}

api::UntagResourceOutput untag_resource(CloudWatch& cloudwatch, Call&, const api::UntagResourceInput& input) {
  auto& impl = cloudwatch.impl();
  std::lock_guard lock(impl.mutex);
  const std::string alarm = tagged_alarm(impl, input.ResourceARN);
  Changes changes;
  for (const std::string& key : input.TagKeys) changes.batch.remove(kTags, tag_key(alarm, key));
  impl.commit(std::move(changes));
  return {};
}

}  // namespace engine::cloudwatch
