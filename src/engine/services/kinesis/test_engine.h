// What the tests of this folder stand on: a Kinesis over a folder of its own and a clock they move.
#pragma once

#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/state.h"
#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::kinesis {

class KinesisTest : public ::testing::Test {
 protected:
  void start(KinesisOptions options = {}) {
    kinesis.reset();
    catalog.reset();
    catalog = std::make_unique<storage::Catalog>(folder.path());
    context = std::make_unique<Context>(
        Context{.catalog = *catalog, .clock = clock, .ids = ids, .data = folder.path()});
    kinesis = std::make_unique<Kinesis>(*context, options);
  }
  KinesisTest() { start(); }

  void make_stream(const std::string& name, std::int64_t shards) {
    api::CreateStreamInput input;
    input.StreamName = name;
    input.ShardCount = shards;
    create_stream(*kinesis, call, input);
  }
  api::PutRecordOutput put(const std::string& stream, const std::string& key,
                           const std::string& data,
                           const std::optional<std::string>& hash = std::nullopt) {
    api::PutRecordInput input;
    input.StreamName = stream;
    input.Data = data;
    input.PartitionKey = key;
    input.ExplicitHashKey = hash;
    return put_record(*kinesis, call, input);
  }
  std::string iterator(const std::string& stream, const std::string& shard, const std::string& type,
                       const std::optional<std::string>& sequence = std::nullopt,
                       std::optional<Timestamp> time = std::nullopt) {
    api::GetShardIteratorInput input;
    input.StreamName = stream;
    input.ShardId = shard;
    input.ShardIteratorType = type;
    input.StartingSequenceNumber = sequence;
    input.Timestamp = time;
    return get_shard_iterator(*kinesis, call, input).ShardIterator.value();
  }
  api::GetRecordsOutput get(const std::string& iterator, std::int64_t limit = 10'000) {
    api::GetRecordsInput input;
    input.ShardIterator = iterator;
    input.Limit = limit;
    return get_records(*kinesis, call, input);
  }
  /// The data of all records of a shard.
  std::vector<std::string> data_of(const std::string& stream, const std::string& shard = kShard) {
    return data(get(iterator(stream, shard, "TRIM_HORIZON")));
  }
  static std::vector<std::string> data(const api::GetRecordsOutput& output) {
    std::vector<std::string> list;
    for (const api::Record& record : output.Records) list.push_back(record.Data);
    return list;
  }
  api::ListShardsOutput shards(const std::string& stream) {
    api::ListShardsInput input;
    input.StreamName = stream;
    return list_shards(*kinesis, call, input);
  }
  template <class F>
  static std::string code_of(F&& run) {
    try {
      run();
    } catch (const AwsError& error) {
      return error.code;
    }
    return "";
  }

  inline static const std::string kShard = "shardId-000000000000";

  io::TemporaryFolder folder;
  base::ManualClock clock;
  base::Ids ids{1};
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<Context> context;
  std::unique_ptr<Kinesis> kinesis;
  http::Request request;
  Call call{request};
};

}  // namespace engine::kinesis
