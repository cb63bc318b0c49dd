// The one bus there is, and tags of it and of its rules.
#include "engine/services/events/errors.h"
#include "engine/services/events/operations.h"
#include "engine/services/events/state.h"

namespace engine::events {
namespace {

/// Throws unless the ARN is that of a rule or of the bus; gives it as tags are kept under.
std::string resource(const Events::Impl& impl, const std::string& arn) {
  if (arn == impl.bus_arn()) return arn;
  const std::string rules = impl.context.arn("events", "rule/");
  if (!arn.starts_with(rules))
    throw invalid(fmt::format(
        "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", arn));
  // "rule/NAME" or "rule/default/NAME"
  return *impl.rule(std::string_view(arn).substr(arn.rfind('/') + 1)).Arn;
}

}  // namespace

api::DescribeEventBusOutput describe_event_bus(Events& events, Call&,
                                               const api::DescribeEventBusInput& input) {
  auto& impl = events.impl();
  impl.check_bus(input.Name);
  return {.Name = std::string(kDefaultBus), .Arn = impl.bus_arn()};
}

api::ListEventBusesOutput list_event_buses(Events& events, Call&,
                                           const api::ListEventBusesInput& input) {
  api::ListEventBusesOutput output;
  output.EventBuses.emplace();
  if (kDefaultBus.starts_with(input.NamePrefix.value_or(""))) {
    output.EventBuses->push_back(
        {.Name = std::string(kDefaultBus), .Arn = events.impl().bus_arn()});
  }
  return output;
}

api::TagResourceOutput tag_resource(Events& events, Call&, const api::TagResourceInput& input) {
  auto& impl = events.impl();
  std::lock_guard lock(impl.mutex);
  const std::string arn = resource(impl, input.ResourceARN);
  storage::Batch batch;
  for (const api::Tag& tag : input.Tags) batch.put(kTags, key_of(arn, tag.Key), tag.Value);
  impl.context.catalog.commit(std::move(batch));
  return {};
}

api::UntagResourceOutput untag_resource(Events& events, Call&,
                                        const api::UntagResourceInput& input) {
  auto& impl = events.impl();
  std::lock_guard lock(impl.mutex);
  const std::string arn = resource(impl, input.ResourceARN);
  storage::Batch batch;
  for (const std::string& key : input.TagKeys) batch.remove(kTags, key_of(arn, key));
  impl.context.catalog.commit(std::move(batch));
  return {};
}

api::ListTagsForResourceOutput list_tags_for_resource(Events& events, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  auto& impl = events.impl();
  const std::string prefix = key_of(resource(impl, input.ResourceARN), "");
  api::ListTagsForResourceOutput output;
  output.Tags.emplace();
  for (const auto& row : impl.context.catalog.scan(kTags, prefix)) {
    output.Tags->push_back({.Key = row.key.substr(prefix.size()), .Value = row.value});
  }
  return output;
}

}  // namespace engine::events
