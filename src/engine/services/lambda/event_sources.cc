// Event source mappings at work: lanes are started, brought together and ended.
#include "engine/services/lambda/event_sources.h"

#include "engine/protocol/json.h"
#include "lib/base/log.h"

#include <algorithm>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;
using kinesis::Offset;

constexpr Offset kNoLimit = std::numeric_limits<Offset>::max();

bool is_to_run(std::string_view state) {
  return state == "Creating" || state == "Enabling" || state == "Updating" || state == "Enabled";
}

Offset starting_offset(const Lambda::Impl& lambda, const api::EventSourceMappingConfiguration& mapping,
                       const kinesis::ShardInfo& shard) {
  if (mapping.StartingPosition == "LATEST") return shard.end;
  if (mapping.StartingPosition == "TRIM_HORIZON") return shard.begin;
  return lambda.kinesis.at_time(*mapping.EventSourceArn, shard.id, *mapping.StartingPositionTimestamp);
}

void put_checkpoints(const std::string& uuid, const std::string& shard, const Checkpoint& at, storage::Batch& batch) {
  for (int lane = 0; lane < at.factor; ++lane) batch.put(kCheckpoints, checkpoint_key(uuid, shard, lane), at.text());
}

}  // namespace

SourceSettings settings_of(const api::EventSourceMappingConfiguration& mapping) {
  SourceSettings settings;
  settings.uuid = *mapping.UUID;
  settings.stream_arn = *mapping.EventSourceArn;
  settings.function_arn = *mapping.FunctionArn;
  settings.batch_size = static_cast<std::size_t>(*mapping.BatchSize);
  settings.window = std::chrono::seconds(*mapping.MaximumBatchingWindowInSeconds);
  settings.factor = static_cast<int>(*mapping.ParallelizationFactor);
  settings.retries = *mapping.MaximumRetryAttempts;
  if (*mapping.MaximumRecordAgeInSeconds >= 0) settings.max_age = std::chrono::seconds(*mapping.MaximumRecordAgeInSeconds);
  settings.bisect = mapping.BisectBatchOnFunctionError.value_or(false);
  settings.report_failures = mapping.FunctionResponseTypes && !mapping.FunctionResponseTypes->empty();
  if (mapping.DestinationConfig && mapping.DestinationConfig->OnFailure) {
    constexpr std::string_view kBucketArn = "arn:aws:s3:::";
    const std::string arn = mapping.DestinationConfig->OnFailure->Destination.value_or("");
    if (arn.starts_with(kBucketArn)) settings.bucket = arn.substr(kBucketArn.size());
  }
  if (mapping.FilterCriteria && mapping.FilterCriteria->Filters) {
    for (const api::Filter& filter : *mapping.FilterCriteria->Filters) {
      if (filter.Pattern) settings.filters.emplace_back(*filter.Pattern);
    }
  }
  return settings;
}

void put_starting_positions(const Lambda::Impl& lambda, const api::EventSourceMappingConfiguration& mapping,
                            storage::Batch& batch) {
  for (const kinesis::ShardInfo& shard : lambda.kinesis.shards(*mapping.EventSourceArn)) {
    put_checkpoints(*mapping.UUID, shard.id,
                    {starting_offset(lambda, mapping, shard), static_cast<int>(*mapping.ParallelizationFactor),
                     shard.stream_id},
                    batch);
  }
}

EventSources::EventSources(Lambda::Impl& lambda)
    : lambda_(lambda),
      subscription_(lambda.kinesis.on_put([this] {
        lanes_.read([](const auto& lanes) {
          for (StreamLane* lane : lanes) lane->wake();
        });
      })),
      loop_("lambda sources", base::system_clock(), [this](const std::stop_token&) { return round(); }) {}

std::string EventSources::last_result(const std::string& uuid) const {
  const auto status = statuses_.read([&](const auto& all) {
    const auto at = all.find(uuid);
    return at == all.end() ? nullptr : at->second;
  });
  if (!status) return "No records processed";
  return status->result.read([](const std::string& result) { return result; });
}

void EventSources::request_stop() {
  loop_.request_stop();
  lanes_.read([](const auto& lanes) {
    for (StreamLane* lane : lanes) lane->request_stop();
  });
}

void EventSources::stop() {
  loop_.stop();
  subscription_.reset();
  request_stop();
  lanes_.with([](auto& lanes) { lanes.clear(); });
  mappings_.clear();
}

base::Milliseconds EventSources::round() {
  const auto rows = lambda_.context.catalog.scan(kMappings);
  for (const auto& row : rows) {
    try {
      tend(row);
    } catch (const std::exception& error) {
      base::log_warning("lambda", "event source mapping {}: {}", row.key, error.what());
      const auto at = mappings_.find(row.key);
      if (at == mappings_.end()) continue;
      at->second.status->result.with([&](std::string& result) { result = fmt::format("PROBLEM: {}", error.what()); });
    }
  }
  // New shards, and streams that come and go, are nothing that anybody tells us of.
  return rows.empty() ? base::Milliseconds(1h) : 1s;
}

void EventSources::tend(const storage::Catalog::Row& row) {
  const auto config = from_json<api::EventSourceMappingConfiguration>(row.value);
  const std::string& state = *config.State;
  Mapping& mapping = mappings_[row.key];
  if (mapping.row != row.value) {
    auto settings = std::make_shared<const SourceSettings>(settings_of(config));
    mapping.status->settings.with([&](auto& present) { present = std::move(settings); });
    mapping.row = row.value;
    statuses_.with([&](auto& all) { all[row.key] = mapping.status; });
  }
  if (is_to_run(state)) {
    run(row.key, mapping);
    if (state != "Enabled") set_state(row.key, state, "Enabled");
  } else if (end_lanes(mapping)) {
    if (state == "Disabling") set_state(row.key, state, "Disabled");
    if (state == "Deleting") remove(row.key);
  }
}

void EventSources::run(const std::string& uuid, Mapping& mapping) {
  const auto settings = mapping.status->settings.read([](const auto& s) { return s; });
  if (!lambda_.kinesis.has_stream(settings->stream_arn)) {
    end_lanes(mapping);
    mapping.status->result.with([](std::string& result) { result = "PROBLEM: The stream was not found"; });
    return;
  }
  const auto shards = lambda_.kinesis.shards(settings->stream_arn);
  for (auto at = mapping.shards.begin(); at != mapping.shards.end();) {
    const auto next = std::next(at);
    const bool gone = std::none_of(shards.begin(), shards.end(), [&](const auto& info) { return info.id == at->first; });
    if (gone && end_lanes(at->second)) {  // past the stream's retention
      storage::Batch batch;
      lambda_.remove_all(kCheckpoints, checkpoint_prefix(uuid, at->first), batch);
      lambda_.context.catalog.commit(std::move(batch));
      mapping.shards.erase(at);
    }
    at = next;
  }
  for (const kinesis::ShardInfo& info : shards) tend_shard(*settings, mapping, info);
}

void EventSources::tend_shard(const SourceSettings& settings, Mapping& mapping, const kinesis::ShardInfo& info) {
  Shard& shard = mapping.shards[info.id];
  if (!shard.stream_id.empty() && shard.stream_id != info.stream_id) {
    if (!end_lanes(shard)) return;
    shard = {};  // its stream was made anew
  }
  if (shard.drained) return;
  const auto all_at = [&](Offset offset) {
    return std::all_of(shard.lanes.begin(), shard.lanes.end(),
                       [&](const auto& lane) { return lane->position() >= offset; });
  };
  if (!shard.lanes.empty()) {
    const bool other_factor = shard.factor != settings.factor && shard.limit == kNoLimit;
    if (shard.ending || other_factor || all_at(shard.limit) || (info.closed && all_at(info.end))) end_lanes(shard);
    if (!shard.lanes.empty()) return;
  }
  const bool waits = std::any_of(info.parents.begin(), info.parents.end(), [&](const std::string& parent) {
    const auto at = mapping.shards.find(parent);  // none: long gone
    return at != mapping.shards.end() && !at->second.drained;
  });
  if (!waits) start(settings, mapping, info, shard);
}

/// From the checkpoints: with the lanes they were made by, up to where the furthest has got, when the
/// mapping wants another number of them.
void EventSources::start(const SourceSettings& settings, Mapping& mapping, const kinesis::ShardInfo& info,
                         Shard& shard) {
  shard = {.stream_id = info.stream_id, .factor = settings.factor, .limit = kNoLimit};
  const std::string prefix = checkpoint_prefix(settings.uuid, info.id);
  std::vector<Checkpoint> places;
  for (const auto& row : lambda_.context.catalog.scan(kCheckpoints, prefix)) {
    places.push_back(Checkpoint::parse(row.value));
    if (places.back().stream_id != info.stream_id) places.pop_back();
  }
  Offset first = info.begin, last = info.begin;
  if (!places.empty()) {
    const auto [low, high] = std::minmax_element(places.begin(), places.end(),
                                                 [](const auto& a, const auto& b) { return a.next < b.next; });
    first = low->next;
    last = high->next;
  }
  if (info.closed && first >= info.end) {
    shard.drained = true;
    return;
  }
  if (places.empty() || (first == last && places.front().factor != settings.factor)) {
    storage::Batch batch;
    lambda_.remove_all(kCheckpoints, prefix, batch);
    const Checkpoint at{first, settings.factor, info.stream_id};
    put_checkpoints(settings.uuid, info.id, at, batch);
    lambda_.context.catalog.commit(std::move(batch));
    places.assign(static_cast<std::size_t>(settings.factor), at);
  }
  if (places.front().factor != settings.factor) shard.limit = last;
  shard.factor = places.front().factor;
  for (std::size_t lane = 0; lane < places.size(); ++lane) {
    shard.lanes.push_back(std::make_unique<StreamLane>(
        lambda_, mapping.status, StreamLane::Place{info.id, static_cast<int>(lane), places[lane], shard.limit},
        [this] { loop_.wake(); }));
    lanes_.with([&](auto& lanes) { lanes.insert(shard.lanes.back().get()); });
    shard.lanes.back()->wake();  // it may have looked before a put that did not find it yet
  }
}

bool EventSources::end_lanes(Shard& shard) {
  shard.ending = true;
  for (const auto& lane : shard.lanes) lane->request_stop();
  std::erase_if(shard.lanes, [&](const auto& lane) {
    if (lane->busy()) return false;  // tells us when it is not
    lanes_.with([&](auto& lanes) { lanes.erase(lane.get()); });
    return true;
  });
  return shard.lanes.empty();
}

bool EventSources::end_lanes(Mapping& mapping) {
  bool all = true;
  for (auto& [id, shard] : mapping.shards) all = end_lanes(shard) && all;
  return all;
}

void EventSources::set_state(const std::string& uuid, std::string_view from, std::string_view to) {
  std::lock_guard lock(lambda_.mutex);
  const auto row = lambda_.context.catalog.get(kMappings, uuid);
  if (!row) return;
  auto mapping = from_json<api::EventSourceMappingConfiguration>(*row);
  if (mapping.State != from) return;  // changed meanwhile: the next round sees to it
  mapping.State = to;
  lambda_.put(kMappings, uuid, to_json(mapping));
}

void EventSources::remove(const std::string& uuid) {
  std::lock_guard lock(lambda_.mutex);
  storage::Batch batch;
  batch.remove(kMappings, uuid);
  batch.remove(kMappingTags, uuid);
  lambda_.remove_all(kCheckpoints, key_of(uuid, ""), batch);
  lambda_.context.catalog.commit(std::move(batch));
  statuses_.with([&](auto& all) { all.erase(uuid); });
  mappings_.erase(uuid);
}

}  // namespace engine::lambda
