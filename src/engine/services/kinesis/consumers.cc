// Registered consumers: records of who would read with a share of their own.
#include "engine/protocol/json.h"
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/paging.h"
#include "engine/services/kinesis/position.h"
#include "engine/services/kinesis/state.h"
#include "engine/services/kinesis/tags.h"

namespace engine::kinesis {
namespace {

std::string row_key(const Stream& stream, std::string_view consumer) {
  return stream.name() + '\0' + std::string(consumer);
}

/// By ARN ("<stream ARN>/consumer/<name>:<created>"), or by stream ARN and name.
api::ConsumerDescription find_consumer(const Kinesis::Impl& kinesis, const std::string& arn,
                                       std::string stream_arn = {}, std::string name = {}) {
  constexpr std::string_view kConsumer = "/consumer/";
  if (const std::size_t at = arn.find(kConsumer); at != std::string::npos) {
    stream_arn = arn.substr(0, at);
    name = arn.substr(at + kConsumer.size(), arn.rfind(':') - at - kConsumer.size());
  }
  if (stream_arn.empty() || name.empty()) {
    throw invalid_argument("Specify either ConsumerARN or both StreamARN and ConsumerName.");
  }
  const StreamPtr stream = kinesis.stream(stream_arn);
  const auto row = kinesis.context.catalog.get(kConsumerTable, row_key(*stream, name));
  if (!row) throw no_such_consumer(name);
  auto found = from_json<api::ConsumerDescription>(*row);
  if (!arn.empty() && found.ConsumerARN != arn) throw no_such_consumer(arn);
  return found;
}

template <class Input>
api::ConsumerDescription consumer(const Kinesis::Impl& kinesis, const Input& input) {
  return find_consumer(kinesis, input.ConsumerARN.value_or(""), input.StreamARN.value_or(""),
                       input.ConsumerName.value_or(""));
}

template <class Consumer>
Consumer brief(const api::ConsumerDescription& consumer) {
  return {consumer.ConsumerName, consumer.ConsumerARN, consumer.ConsumerStatus,
          consumer.ConsumerCreationTimestamp};
}

}  // namespace

// Deviation: a consumer is ACTIVE at once, although the answer still calls it CREATING.
api::RegisterStreamConsumerOutput register_consumer(Kinesis& kinesis, Call&,
                                                    const api::RegisterStreamConsumerInput& input) {
  constexpr std::uint64_t kConsumerLimit = 20;
  Kinesis::Impl& impl = kinesis.impl();
  const std::lock_guard lock(impl.changing);
  const StreamPtr stream = impl.stream(input.StreamARN);
  const std::string key = row_key(*stream, input.ConsumerName);
  if (impl.context.catalog.get(kConsumerTable, key)) {
    throw consumer_exists(input.ConsumerName, stream->name(), impl.context.account);
  }
  if (impl.context.catalog.count(kConsumerTable, row_key(*stream, "")) >= kConsumerLimit) {
    throw limit_exceeded(
        fmt::format("A stream can have at most {} registered consumers.", kConsumerLimit));
  }
  const Timestamp now = impl.context.clock.now();
  api::ConsumerDescription consumer;
  consumer.ConsumerName = input.ConsumerName;
  consumer.ConsumerARN =
      fmt::format("{}/consumer/{}:{}", stream->about.StreamARN, input.ConsumerName,
                  std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  consumer.ConsumerStatus = "ACTIVE";
  consumer.ConsumerCreationTimestamp = now;
  consumer.StreamARN = stream->about.StreamARN;

  storage::Batch batch;
  batch.put(kConsumerTable, key, to_json(consumer));
  if (input.Tags) put_tags(impl, consumer.ConsumerARN, *input.Tags, batch);
  impl.context.catalog.commit(std::move(batch));
  auto answer = brief<api::Consumer>(consumer);
  answer.ConsumerStatus = "CREATING";
  return {std::move(answer)};
}

api::DescribeStreamConsumerOutput describe_consumer(Kinesis& kinesis, Call&,
                                                    const api::DescribeStreamConsumerInput& input) {
  return {consumer(kinesis.impl(), input)};
}

api::ListStreamConsumersOutput list_consumers(Kinesis& kinesis, Call&,
                                              const api::ListStreamConsumersInput& input) {
  constexpr std::int64_t kDefaultLimit = 100;
  const Kinesis::Impl& impl = kinesis.impl();
  const StreamPtr stream = impl.stream(input.StreamARN);
  std::string after;
  if (input.NextToken) {
    const auto fields = impl.seal.open("ListStreamConsumers", *input.NextToken);
    if (!fields || fields->size() != 1) throw invalid_argument("NextToken is invalid.");
    after = row_key(*stream, fields->front());
  }
  api::ListStreamConsumersOutput output;
  auto& consumers = output.Consumers.emplace();
  for (const auto& row : impl.context.catalog.scan(kConsumerTable, row_key(*stream, ""), after)) {
    consumers.push_back(brief<api::Consumer>(from_json<api::ConsumerDescription>(row.value)));
  }
  if (cut_page(consumers, input.MaxResults.value_or(kDefaultLimit))) {
    output.NextToken = impl.seal.seal("ListStreamConsumers", {consumers.back().ConsumerName});
  }
  return output;
}

api::DeregisterStreamConsumerOutput deregister_consumer(
    Kinesis& kinesis, Call&, const api::DeregisterStreamConsumerInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::lock_guard lock(impl.changing);
  const api::ConsumerDescription found = consumer(impl, input);
  storage::Batch batch;
  batch.remove(kConsumerTable, row_key(*impl.stream(found.StreamARN), found.ConsumerName));
  for (const auto& row : impl.context.catalog.scan(kTagTable, found.ConsumerARN + '\0')) {
    batch.remove(kTagTable, row.key);
  }
  impl.context.catalog.commit(std::move(batch));
  impl.fan_out.end(found.ConsumerARN, no_such_consumer(found.ConsumerARN));
  return {};
}

api::SubscribeToShardOutput subscribe_to_shard(Kinesis& kinesis, Call& call,
                                               const api::SubscribeToShardInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::string stream_arn = find_consumer(impl, input.ConsumerARN).StreamARN;
  const StreamPtr stream = impl.stream(stream_arn);
  const Shard& shard = impl.shard(*stream, input.ShardId);
  api::GetShardIteratorInput start;
  start.ShardIteratorType = input.StartingPosition.Type;
  start.StartingSequenceNumber = input.StartingPosition.SequenceNumber;
  start.Timestamp = input.StartingPosition.Timestamp;
  call.events = impl.fan_out.subscribe(
      {input.ConsumerARN, stream->name(), stream->about.StreamId.value_or(""), shard.id(),
       first_offset(impl, *stream, shard, start)},
      call.protocol);
  return {};
}

}  // namespace engine::kinesis
