// PutEvents, and trying a pattern.
#include "engine/patterns/pattern.h"
#include "engine/services/events/errors.h"
#include "engine/services/events/operations.h"
#include "engine/services/events/state.h"

#include <boost/json.hpp>

namespace engine::events {
namespace {

constexpr std::size_t kLargestRequest = 256 << 10;
constexpr std::size_t kTimeSize = 14;  ///< what AWS counts for an entry's time

std::size_t size_of(const api::PutEventsRequestEntry& entry) {
  std::size_t size = entry.Time ? kTimeSize : 0;
  for (const auto* text : {&entry.Source, &entry.DetailType, &entry.Detail})
    size += text->value_or("").size();
  for (const std::string& resource : entry.Resources.value_or(std::vector<std::string>()))
    size += resource.size();
  return size;
}

api::PutEventsResultEntry failed(std::string code, std::string message) {
  return {.ErrorCode = std::move(code), .ErrorMessage = std::move(message)};
}

/// The rules of one entry; nothing when it is good.
std::optional<api::PutEventsResultEntry> refusal(const Events::Impl& impl,
                                                 const api::PutEventsRequestEntry& entry) {
  const std::pair<const char*, const std::optional<std::string>*> required[] = {
      {"Source", &entry.Source}, {"DetailType", &entry.DetailType}, {"Detail", &entry.Detail}};
  for (const auto& [name, value] : required) {
    if (!value->value_or("").empty()) continue;
    return failed(
        "InvalidArgument",
        fmt::format("Parameter {0} is not valid. Reason: {0} is a required argument.", name));
  }
  if (entry.Source->starts_with("aws."))
    return failed("NotAuthorizedForSource", "Not authorized for the source.");
  boost::json::error_code error;
  const auto detail = boost::json::parse(*entry.Detail, error);
  if (error || !detail.is_object()) return failed("MalformedDetail", "Detail is malformed.");
  try {
    impl.check_bus(entry.EventBusName);
  } catch (const AwsError& missing) {
    return failed(missing.code, missing.what());
  }
  return std::nullopt;
}

}  // namespace

api::PutEventsOutput put_events(Events& events, Call&, const api::PutEventsInput& input) {
  auto& impl = events.impl();
  std::size_t size = 0;
  for (const auto& entry : input.Entries) size += size_of(entry);
  if (size > kLargestRequest)
    throw invalid("Total size of the entries in the request is over the limit.");

  api::PutEventsOutput output{.FailedEntryCount = 0,
                              .Entries = std::vector<api::PutEventsResultEntry>()};
  storage::Batch batch;
  for (const auto& entry : input.Entries) {
    if (auto refused = refusal(impl, entry)) {
      ++*output.FailedEntryCount;
      output.Entries->push_back(std::move(*refused));
      continue;
    }
    const Event event{.id = impl.context.ids.uuid(),
                      .detail_type = *entry.DetailType,
                      .source = *entry.Source,
                      .time = entry.Time.value_or(impl.context.clock.now()),
                      .resources = entry.Resources.value_or(std::vector<std::string>()),
                      .detail = *entry.Detail};
    impl.publish(event, batch);
    output.Entries->push_back({.EventId = event.id});
  }
  impl.commit(std::move(batch));
  return output;
}

api::TestEventPatternOutput test_event_pattern(Events&, Call&,
                                               const api::TestEventPatternInput& input) {
  const patterns::Pattern pattern(input.EventPattern);
  boost::json::error_code error;
  const auto event = boost::json::parse(input.Event, error);
  if (error || !event.is_object()) throw invalid("Parameter Event is not valid.");
  for (const char* name :
       {"id", "account", "source", "time", "region", "resources", "detail-type"}) {
    if (event.get_object().contains(name)) continue;
    throw invalid(
        fmt::format("Parameter Event is not valid. Reason: {} is a required argument.", name));
  }
  return {.Result = pattern.matches(event)};
}

}  // namespace engine::events
