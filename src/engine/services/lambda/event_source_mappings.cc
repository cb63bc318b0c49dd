// Event source mappings as the caller sees them: created, told of, changed, deleted.
#include "engine/protocol/json.h"
#include "engine/services/lambda/destinations.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/event_sources.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/paging.h"

namespace engine::lambda {
namespace {

using MappingConfiguration = api::EventSourceMappingConfiguration;

constexpr std::size_t kMostFilters = 5, kPageSize = 100;
constexpr std::int64_t kDefaultBatch = 100, kShortestAge = 60;

/// Settings that creation and update share; what isn't given stays.
template <class Input>
void apply(const Lambda::Impl& lambda, const Input& input, MappingConfiguration& mapping) {
  const auto set = [](auto& member, const auto& given) {
    if (given) member = given;
  };
  set(mapping.BatchSize, input.BatchSize);
  set(mapping.MaximumBatchingWindowInSeconds, input.MaximumBatchingWindowInSeconds);
  set(mapping.ParallelizationFactor, input.ParallelizationFactor);
  set(mapping.MaximumRecordAgeInSeconds, input.MaximumRecordAgeInSeconds);
  set(mapping.BisectBatchOnFunctionError, input.BisectBatchOnFunctionError);
  set(mapping.MaximumRetryAttempts, input.MaximumRetryAttempts);
  set(mapping.TumblingWindowInSeconds, input.TumblingWindowInSeconds);
  set(mapping.FunctionResponseTypes, input.FunctionResponseTypes);
  set(mapping.DestinationConfig, input.DestinationConfig);
  set(mapping.KMSKeyArn, input.KMSKeyArn);
  set(mapping.MetricsConfig, input.MetricsConfig);
  if (input.FilterCriteria) {
    mapping.FilterCriteria = input.FilterCriteria;
    if (!input.FilterCriteria->Filters || input.FilterCriteria->Filters->empty()) mapping.FilterCriteria.reset();
  }
  const Reference function = parse_reference(input.FunctionName.empty() ? *mapping.FunctionArn : input.FunctionName);
  lambda.configuration(function);
  mapping.FunctionArn = lambda.arn(function.name);
  if (function.qualifier != "$LATEST") *mapping.FunctionArn += ":" + function.qualifier;
}

/// An update's input with the name as creation has it.
struct Update : api::UpdateEventSourceMappingRequest {
  explicit Update(const api::UpdateEventSourceMappingRequest& input)
      : api::UpdateEventSourceMappingRequest(input), FunctionName(input.FunctionName.value_or("")) {}
  std::string FunctionName;
};

/// What other sources than Kinesis have.
template <class Input>
void check_foreign(const Input& input) {
  // Deviation: AWS has queues, tables' streams, Kafka and more as sources.
  const auto refuse = [](bool given, std::string_view name) {
    if (given) throw invalid(fmt::format("{} is not a setting of a Kinesis event source.", name));
  };
  refuse(input.SourceAccessConfigurations && !input.SourceAccessConfigurations->empty(), "SourceAccessConfigurations");
  refuse(input.ScalingConfig && input.ScalingConfig->MaximumConcurrency, "ScalingConfig");
  refuse(input.AmazonManagedKafkaEventSourceConfig.has_value(), "AmazonManagedKafkaEventSourceConfig");
  refuse(input.SelfManagedKafkaEventSourceConfig.has_value(), "SelfManagedKafkaEventSourceConfig");
  refuse(input.DocumentDBEventSourceConfig.has_value(), "DocumentDBEventSourceConfig");
  refuse(input.ProvisionedPollerConfig.has_value(), "ProvisionedPollerConfig");
}

void check(const Lambda::Impl& lambda, const MappingConfiguration& mapping) {
  if (mapping.TumblingWindowInSeconds.value_or(0) != 0) {
    // Deviation: AWS can carry a function's state from batch to batch of a window.
    throw invalid("TumblingWindowInSeconds: this engine has no tumbling windows, only 0 is allowed.");
  }
  const std::int64_t age = *mapping.MaximumRecordAgeInSeconds;
  if (age != -1 && age < kShortestAge) {
    throw invalid("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.");
  }
  if (mapping.DestinationConfig) check_stream_destination(lambda, *mapping.DestinationConfig);
  if (mapping.FilterCriteria && mapping.FilterCriteria->Filters->size() > kMostFilters) {
    throw invalid("A filter criteria has at most 5 filters.");
  }
  settings_of(mapping);  // compiles the filters
}

/// The stream's own ARN: a consumer's ARN stands for its stream.
std::string stream_arn(const Lambda::Impl& lambda, const api::CreateEventSourceMappingRequest& input) {
  if (!input.EventSourceArn || input.SelfManagedEventSource || input.Topics || input.Queues) {
    throw invalid("This engine has Kinesis streams as event sources: EventSourceArn is the ARN of one.");
  }
  const std::string& arn = *input.EventSourceArn;
  if (!arn.starts_with("arn:aws:kinesis:") || arn.find(":stream/") == std::string::npos) {
    throw invalid("Unrecognized event source, must be kinesis: " + arn);
  }
  // Deviation: a consumer with enhanced fan-out reads no faster here, so that its ARN is refused.
  if (arn.find("/consumer/") != std::string::npos) {
    throw invalid("This engine has streams as event sources, not their consumers: " + arn.substr(0, arn.find("/consumer/")));
  }
  if (!lambda.kinesis.has_stream(arn)) throw invalid("Stream not found: " + arn);
  return arn;
}

void check_start(const Lambda::Impl& lambda, const api::CreateEventSourceMappingRequest& input) {
  if (!input.StartingPosition) throw invalid("StartingPosition is required for a Kinesis event source.");
  const bool at_time = *input.StartingPosition == "AT_TIMESTAMP";
  if (at_time != input.StartingPositionTimestamp.has_value()) {
    throw invalid("StartingPositionTimestamp belongs to the StartingPosition AT_TIMESTAMP, and to no other.");
  }
  if (at_time && *input.StartingPositionTimestamp > lambda.context.clock.now()) {
    throw invalid("StartingPositionTimestamp cannot be in the future.");
  }
}

MappingConfiguration find(const Lambda::Impl& lambda, const std::string& uuid) {
  const auto row = lambda.context.catalog.get(kMappings, uuid);
  if (!row) throw no_such_resource("The resource you requested does not exist.");
  return from_json<MappingConfiguration>(*row);
}

MappingConfiguration shown(const Lambda::Impl& lambda, MappingConfiguration mapping) {
  mapping.LastProcessingResult = lambda.sources->last_result(*mapping.UUID);
  return mapping;
}

MappingConfiguration fresh(const Lambda::Impl& lambda, const api::CreateEventSourceMappingRequest& input) {
  MappingConfiguration made;
  made.UUID = lambda.context.ids.uuid();
  made.EventSourceMappingArn = lambda.context.arn("lambda", "event-source-mapping:" + *made.UUID);
  made.EventSourceArn = stream_arn(lambda, input);
  made.StartingPosition = input.StartingPosition;
  made.StartingPositionTimestamp = input.StartingPositionTimestamp;
  made.BatchSize = kDefaultBatch;
  made.MaximumBatchingWindowInSeconds = 0;
  made.ParallelizationFactor = 1;
  made.MaximumRecordAgeInSeconds = -1;
  made.MaximumRetryAttempts = -1;
  made.BisectBatchOnFunctionError = false;
  made.TumblingWindowInSeconds = 0;
  made.FunctionResponseTypes.emplace();
  made.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{}};
  made.State = input.Enabled.value_or(true) ? "Creating" : "Disabled";
  made.StateTransitionReason = "User action";
  made.LastModified = lambda.context.clock.now();
  return made;
}

void check_new(const Lambda::Impl& lambda, const MappingConfiguration& made) {
  for (const auto& row : lambda.context.catalog.scan(kMappings)) {
    const auto other = from_json<MappingConfiguration>(row.value);
    if (other.EventSourceArn != made.EventSourceArn || other.FunctionArn != made.FunctionArn) continue;
    throw conflict(fmt::format("The event source arn (\" {} \") and function (\" {} \") provided mapping already exists. "
                               "Please update or delete the existing mapping with UUID {}",
                               *made.EventSourceArn, parse_reference(*made.FunctionArn).name, *other.UUID));
  }
}

}  // namespace

void Lambda::Impl::require_stream(std::string_view function_arn, std::string_view stream_arn) const {
  const Actor actor = actor_of(configuration(parse_reference(function_arn)));
  try {
    for (const char* action : {"kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"}) {
      context.require(actor, action, stream_arn);
    }
  } catch (const AwsError&) {
    throw no_access_to_stream(stream_arn);
  }
}

api::CreateEventSourceMappingOutput create_event_source_mapping(Lambda& lambda, Call&,
                                                                const api::CreateEventSourceMappingInput& input) {
  auto& impl = lambda.impl();
  check_foreign(input);
  std::lock_guard lock(impl.mutex);
  auto made = fresh(impl, input);
  check_start(impl, input);
  apply(impl, input, made);
  check(impl, made);
  check_new(impl, made);
  impl.require_stream(*made.FunctionArn, *made.EventSourceArn);
  storage::Batch batch;
  batch.put(kMappings, *made.UUID, to_json(made));
  if (input.Tags) batch.put(kMappingTags, *made.UUID, to_json(api::ListTagsResponse{.Tags = input.Tags}));
  put_starting_positions(impl, made, batch);
  impl.context.catalog.commit(std::move(batch));
  impl.sources->wake();
  return shown(impl, made);
}

api::GetEventSourceMappingOutput get_event_source_mapping(Lambda& lambda, Call&,
                                                          const api::GetEventSourceMappingInput& input) {
  return shown(lambda.impl(), find(lambda.impl(), input.UUID));
}

api::UpdateEventSourceMappingOutput update_event_source_mapping(Lambda& lambda, Call&,
                                                                const api::UpdateEventSourceMappingInput& input) {
  auto& impl = lambda.impl();
  check_foreign(input);
  std::lock_guard lock(impl.mutex);
  auto mapping = find(impl, input.UUID);
  if (mapping.State == "Deleting") throw in_use("Cannot update the event source mapping because it is in use.");
  apply(impl, Update(input), mapping);
  check(impl, mapping);
  const bool was_on = mapping.State != "Disabled" && mapping.State != "Disabling";
  if (input.Enabled.value_or(was_on)) {
    mapping.State = was_on ? "Updating" : "Enabling";
  } else {
    mapping.State = mapping.State == "Disabled" ? "Disabled" : "Disabling";
  }
  mapping.LastModified = impl.context.clock.now();
  impl.put(kMappings, input.UUID, to_json(mapping));
  impl.sources->wake();
  return shown(impl, mapping);
}

api::DeleteEventSourceMappingOutput delete_event_source_mapping(Lambda& lambda, Call&,
                                                                const api::DeleteEventSourceMappingInput& input) {
  auto& impl = lambda.impl();
  std::lock_guard lock(impl.mutex);
  auto mapping = find(impl, input.UUID);
  if (mapping.State == "Deleting") throw in_use("Cannot delete the event source mapping because it is in use.");
  mapping.State = "Deleting";
  mapping.LastModified = impl.context.clock.now();
  impl.put(kMappings, input.UUID, to_json(mapping));
  impl.sources->wake();
  return shown(impl, mapping);
}

api::ListEventSourceMappingsOutput list_event_source_mappings(Lambda& lambda, Call&,
                                                              const api::ListEventSourceMappingsInput& input) {
  auto& impl = lambda.impl();
  std::string function;
  if (input.FunctionName) {
    const Reference reference = parse_reference(*input.FunctionName);
    function = impl.arn(reference.name);
    if (reference.qualifier != "$LATEST") function += ":" + reference.qualifier;
  }
  std::vector<MappingConfiguration> found;
  for (const auto& row : impl.context.catalog.scan(kMappings)) {
    auto mapping = from_json<MappingConfiguration>(row.value);
    if (input.EventSourceArn && mapping.EventSourceArn != input.EventSourceArn) continue;
    if (!function.empty() && mapping.FunctionArn != function) continue;
    found.push_back(shown(impl, std::move(mapping)));
  }
  auto page = page_by_name(std::move(found), input.Marker, input.MaxItems, kPageSize,
                           invalid("The marker is not valid."), [](const auto& one) { return *one.UUID; });
  return {.NextMarker = std::move(page.next), .EventSourceMappings = std::move(page.items)};
}

}  // namespace engine::lambda
