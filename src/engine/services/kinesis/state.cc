// Streams in memory and in the catalog: opened at start, replaced as a whole by every change.
#include "engine/services/kinesis/state.h"

#include "engine/protocol/json.h"
#include "engine/services/folder_name.h"
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/limits.h"
#include "lib/base/log.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace engine::kinesis {
namespace {

/// What the journal holds is needed at a start for no longer.
constexpr std::chrono::seconds kCheckpoint{5};

/// The secret that tokens are sealed with, made at the first start.
std::string token_secret(Context& context) {
  if (auto secret = context.catalog.get(kSecretTable, "token")) return *secret;
  std::string secret = context.ids.hex(64);
  storage::Batch batch;
  batch.put(kSecretTable, "token", secret);
  context.catalog.commit(std::move(batch));
  return secret;
}

std::string row_prefix(std::string_view stream) { return std::string(stream).append(1, '\0'); }

/// A put goes to several shards: their logs share one wait for the disk, and a journal.
KinesisOptions with_rounds(KinesisOptions options, const Context& context, std::function<void()> wake) {
  if (options.log.rounds) return options;
  storage::JournalOptions journal{context.data + "/journal", context.data + "/streams"};
  journal.wake = std::move(wake);
  options.log.rounds = storage::shared_rounds(journal);
  return options;
}

Shard read_shard(const api::Shard& row) {
  Shard shard;
  const auto first = parse_sequence_number(row.SequenceNumberRange.StartingSequenceNumber);
  if (!first) throw std::runtime_error("the row of " + row.ShardId + " is damaged");
  shard.number = first->shard_number;
  shard.created = first->shard_created;
  shard.range = {parse_hash_key(row.HashKeyRange.StartingHashKey).value_or(0),
                 parse_hash_key(row.HashKeyRange.EndingHashKey).value_or(0)};
  if (row.ParentShardId) shard.parent = parse_shard_id(*row.ParentShardId);
  if (row.AdjacentParentShardId) shard.adjacent_parent = parse_shard_id(*row.AdjacentParentShardId);
  if (const auto& ending = row.SequenceNumberRange.EndingSequenceNumber) {
    shard.end = parse_sequence_number(*ending).value_or(SequenceNumber{}).offset;
  }
  return shard;
}

}  // namespace

api::Shard Shard::describe() const {
  api::Shard row;
  row.ShardId = id();
  if (parent) row.ParentShardId = shard_id(*parent);
  if (adjacent_parent) row.AdjacentParentShardId = shard_id(*adjacent_parent);
  row.HashKeyRange = {to_decimal(range.first), to_decimal(range.last)};
  row.SequenceNumberRange.StartingSequenceNumber = sequence_number(0);
  // The number that the next record would have had: greater than any that was given.
  if (end) row.SequenceNumberRange.EndingSequenceNumber = sequence_number(*end);
  return row;
}

std::size_t Stream::open_shards() const {
  return static_cast<std::size_t>(
      std::count_if(shards.begin(), shards.end(), [](const Shard& shard) { return !shard.end; }));
}

const Shard& Stream::route(HashKey key) const {
  const auto found = std::find_if(shards.begin(), shards.end(), [&](const Shard& shard) {
    return !shard.end && shard.range.contains(key);
  });
  if (found == shards.end()) throw std::logic_error("the shards leave a gap in the hash keys");
  return *found;
}

const Shard* Stream::find_shard(std::string_view id) const {
  const auto number = parse_shard_id(id);
  if (!number) return nullptr;
  const auto found = std::find_if(shards.begin(), shards.end(),
                                  [&](const Shard& shard) { return shard.number == *number; });
  return found == shards.end() ? nullptr : &*found;
}

std::uint64_t Stream::max_record_bytes() const {
  constexpr std::int64_t kDefaultKiB = 1024;
  return static_cast<std::uint64_t>(about.MaxRecordSizeInKiB.value_or(kDefaultKiB)) << 10;
}

bool Stream::is_on_demand() const {
  return about.StreamModeDetails && about.StreamModeDetails->StreamMode == kOnDemand;
}

Kinesis::Impl::Impl(Context& owner, KinesisOptions chosen)
    : context(owner), options(with_rounds(std::move(chosen), owner, [this] { wake_checkpoint(); })), seal(token_secret(owner)) {
  open_streams();
  remove_orphans();
  retention_.emplace("kinesis retention", context.clock,
                     [this](std::stop_token) { return drop_old(); });
  // By the disk's time, which is the real one.
  checkpoint_.emplace("kinesis checkpoint", base::system_clock(), [this](const std::stop_token&) {
    storage::checkpoint(*options.log.rounds);
    return kCheckpoint;
  });
  verification_.emplace("kinesis verification", context.clock,
                        [this](const std::stop_token& stop) { return verify(stop); });
}

void Kinesis::Impl::open_streams() {
  for (const auto& row : context.catalog.scan(kStreamTable)) {
    auto stream = std::make_shared<Stream>();
    stream->about = from_json<api::StreamDescriptionSummary>(row.value);
    open_shards(*stream);
    streams.with([&](auto& all) { all[row.key] = std::move(stream); });
  }
}

void Kinesis::Impl::open_shards(Stream& stream) const {
  for (const auto& row : context.catalog.scan(kShardTable, row_prefix(stream.name()))) {
    Shard shard = read_shard(from_json<api::Shard>(row.value));
    shard.records =
        std::make_shared<ShardLog>(folder(stream.name()) + "/" + shard.id(), options.log);
    shard.records->closed = shard.end.has_value();
    for (const storage::Damage& damage : shard.records->log.damage()) {
      base::log_error("kinesis", "{}: {} bytes at {} can't be read and are left out", damage.file,
                      damage.bytes, damage.position);
    }
    stream.shards.push_back(std::move(shard));
  }
  // A shard was closed when its children were made.
  for (const Shard& child : stream.shards) {
    for (Shard& shard : stream.shards) {
      if (shard.number == child.parent || shard.number == child.adjacent_parent) {
        shard.closed = child.created;
      }
    }
  }
}

/// A crash between a commit and the folders it made needless leaves them behind.
void Kinesis::Impl::remove_orphans() const {
  const std::filesystem::path root = context.data + "/streams";
  std::error_code ignored;
  std::set<std::string> known;
  for (const StreamPtr& stream : all()) {
    for (const Shard& shard : stream->shards)
      known.insert(folder(stream->name()) + "/" + shard.id());
  }
  for (const auto& stream : std::filesystem::directory_iterator(root, ignored)) {
    for (const auto& shard : std::filesystem::directory_iterator(stream, ignored)) {
      if (!known.contains(shard.path().string())) std::filesystem::remove_all(shard, ignored);
    }
    std::filesystem::remove(stream, ignored);  // only when it is empty
  }
}

StreamPtr Kinesis::Impl::find(std::string_view stream) const {
  constexpr std::string_view kResource = ":stream/";
  const bool is_arn = stream.starts_with("arn:");
  std::string_view name = stream;
  if (is_arn) {
    const std::size_t at = stream.find(kResource);
    name = at == std::string_view::npos ? std::string_view{} : stream.substr(at + kResource.size());
  }
  StreamPtr found = streams.read([&](const auto& all) {
    const auto at = all.find(name);
    return at == all.end() ? nullptr : at->second;
  });
  return found && is_arn && found->about.StreamARN != stream ? nullptr : found;
}

StreamPtr Kinesis::Impl::stream(std::string_view stream) const {
  if (StreamPtr found = find(stream)) return found;
  throw no_such_stream(stream, context.account);
}

const Shard& Kinesis::Impl::shard(const Stream& stream, std::string_view id) const {
  if (const Shard* found = stream.find_shard(id)) return *found;
  throw no_such_shard(id, stream.name(), context.account);
}

std::vector<StreamPtr> Kinesis::Impl::all() const {
  return streams.read([](const auto& all) {
    std::vector<StreamPtr> list;
    list.reserve(all.size());
    for (const auto& [name, stream] : all) list.push_back(stream);
    return list;
  });
}

std::string Kinesis::Impl::folder(std::string_view stream) const {
  return context.data + "/streams/" + folder_name(stream);
}

Shard Kinesis::Impl::make_shard(std::string_view stream, std::uint64_t number,
                                HashRange range) const {
  Shard shard;
  shard.number = number;
  shard.created = context.clock.now();
  shard.range = range;
  const std::string path = folder(stream) + "/" + shard.id();
  std::filesystem::remove_all(path);  // of an attempt that was not committed
  shard.records = std::make_shared<ShardLog>(path, options.log);
  return shard;
}

void Kinesis::Impl::put_rows(const Stream& stream, const Shard& shard,
                             storage::Batch& batch) const {
  batch.put(kShardTable, row_prefix(stream.name()) + shard.id(), to_json(shard.describe()));
}

void Kinesis::Impl::create(Stream stream, storage::Batch with) {
  const std::lock_guard lock(changing);
  if (find(stream.name())) throw stream_exists(stream.name(), context.account);
  for (const HashRange& range :
       even_ranges(static_cast<std::size_t>(stream.about.OpenShardCount))) {
    stream.shards.push_back(make_shard(stream.name(), stream.next_shard_number(), range));
    put_rows(stream, stream.shards.back(), with);
  }
  replace(std::move(stream), std::move(with));
}

void Kinesis::Impl::replace(Stream draft, storage::Batch batch) {
  draft.about.OpenShardCount = static_cast<std::int64_t>(draft.open_shards());
  batch.put(kStreamTable, draft.name(), to_json(draft.about));
  context.catalog.commit(std::move(batch));
  auto stream = std::make_shared<const Stream>(std::move(draft));
  streams.with([&](auto& all) { all[stream->name()] = stream; });
  fan_out.wake();  // a shard may have ended
}

void Kinesis::Impl::remove(const Stream& stream) {
  const std::lock_guard lock(changing);
  const StreamPtr present = this->stream(stream.name());
  storage::Batch batch;
  batch.remove(kStreamTable, present->name());
  const std::string rows = row_prefix(present->name());
  for (const std::string_view table : {kShardTable, kConsumerTable}) {
    for (const auto& row : context.catalog.scan(table, rows)) batch.remove(table, row.key);
  }
  for (const auto& row : context.catalog.scan(kTagTable, row_prefix(present->about.StreamARN))) {
    batch.remove(kTagTable, row.key);
  }
  context.catalog.commit(std::move(batch));
  streams.with([&](auto& all) { all.erase(present->name()); });
  fan_out.wake();
  // No append may reach a folder that a stream of the same name could own next.
  for (const Shard& shard : present->shards) {
    const std::unique_lock gate(shard.records->gate);
    shard.records->closed = true;
  }
  std::error_code ignored;  // what stays is removed at the next start
  std::filesystem::remove_all(folder(present->name()), ignored);
}

StreamPtr stream_of(Kinesis& kinesis, const std::optional<std::string>& name,
                    const std::optional<std::string>& arn, const std::optional<std::string>& id) {
  Kinesis::Impl& impl = kinesis.impl();
  if (!name && !arn && !id) {
    throw invalid_argument("Either StreamName or StreamARN must be specified.");
  }
  StreamPtr stream;
  if (name || arn) {
    stream = impl.stream(arn ? *arn : *name);
  } else {
    const std::vector<StreamPtr> all = impl.all();
    const auto found = std::find_if(all.begin(), all.end(), [&](const StreamPtr& candidate) {
      return candidate->about.StreamId == *id;
    });
    if (found == all.end()) throw no_such_stream(*id, impl.context.account);
    stream = *found;
  }
  if (name && stream->name() != *name) {
    throw invalid_argument("StreamName and StreamARN name different streams.");
  }
  return stream;
}

}  // namespace engine::kinesis
