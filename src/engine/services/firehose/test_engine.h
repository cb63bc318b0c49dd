// What the tests of this folder stand on: a Firehose over real storage, a function of the test's
// own and a clock it moves. Nothing is delivered but by deliver().
#pragma once

#include "engine/models/kinesis.h"
#include "engine/services/firehose/errors.h"
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"
#include "engine/services/kinesis/operations.h"
#include "lib/base/encoding.h"
#include "lib/io/faults.h"
#include "lib/io/temporary_folder.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace engine::firehose {

namespace json = boost::json;

class FirehoseTest : public ::testing::Test {
 protected:
  FirehoseTest() {
    start();
    s3->create_bucket("lake");
    kinesis::api::CreateStreamInput input;
    input.StreamName = "beers";
    input.ShardCount = 2;
    kinesis::create_stream(*kinesis, call, input);
  }

  /// Opens everything over the same folder, as after a crash: what was in memory is gone.
  void start(bool background = false) {
    firehose.reset();
    logs.reset();
    s3.reset();
    kinesis.reset();
    store.reset();
    catalog.reset();
    catalog = std::make_unique<storage::Catalog>(folder.path());
    context = std::make_unique<Context>(
        Context{.catalog = *catalog, .clock = clock, .ids = ids, .data = folder.path()});
    store = std::make_unique<storage::ObjectStore>(*catalog, folder.path() + "/buckets",
                                                   folder.path() + "/scratch", disk);
    s3 = std::make_unique<s3::S3>(*context, *store);
    kinesis = std::make_unique<kinesis::Kinesis>(*context);
    logs_context = std::make_unique<Context>(
        Context{.catalog = *catalog, .clock = idle, .ids = ids, .data = folder.path()});
    logs = std::make_unique<logs::Logs>(*logs_context);
    firehose = std::make_unique<Firehose>(
        *context, *kinesis, *s3, *logs,
        [this](std::string_view function, std::string_view payload) {
          return invoke(function, payload);
        },
        [this](std::string_view database,
               std::string_view table) -> std::optional<std::vector<sql::Column>> {
          const auto found = tables.find(std::string(database) + "." + std::string(table));
          if (found == tables.end()) return std::nullopt;
          return found->second;
        },
        FirehoseOptions{.background = background});
  }

  /// A delivery from the Kinesis stream "beers" to "lake", after 60 s or 1 MiB.
  static api::CreateDeliveryStreamInput from_kinesis(const std::string& name) {
    api::CreateDeliveryStreamInput input;
    input.DeliveryStreamName = name;
    input.DeliveryStreamType = "KinesisStreamAsSource";
    input.KinesisStreamSourceConfiguration = api::KinesisStreamSourceConfiguration{
        "arn:aws:kinesis:us-east-1:123456789012:stream/beers", kRole};
    auto& s3 = input.ExtendedS3DestinationConfiguration.emplace();
    s3.RoleARN = kRole;
    s3.BucketARN = "arn:aws:s3:::lake";
    s3.Prefix = "good/";
    s3.ErrorOutputPrefix = "bad/!{firehose:error-output-type}/";
    s3.BufferingHints = api::BufferingHints{1, 60};
    return input;
  }
  static api::CreateDeliveryStreamInput direct_put(const std::string& name) {
    api::CreateDeliveryStreamInput input = from_kinesis(name);
    input.DeliveryStreamType = "DirectPut";
    input.KinesisStreamSourceConfiguration.reset();
    return input;
  }
  /// With the function `invoke` in between, asked at once.
  static api::CreateDeliveryStreamInput with_function(api::CreateDeliveryStreamInput input) {
    api::Processor processor;
    processor.Type = "Lambda";
    processor.Parameters = {{"LambdaArn", kFunction}, {"BufferIntervalInSeconds", "0"}};
    auto& processing = input.ExtendedS3DestinationConfiguration->ProcessingConfiguration.emplace();
    processing.Enabled = true;
    processing.Processors = {processor};
    return input;
  }
  void create(const api::CreateDeliveryStreamInput& input) {
    create_delivery_stream(*firehose, call, input);
  }

  void put(const std::string& data, const std::string& key = "a") {
    const kinesis::NewRecord record{data, key};
    kinesis->put_records("beers", {&record, 1});
  }
  /// Reads, waits out the buffer's minute, and delivers.
  void deliver(const std::string& name) {
    firehose->deliver_now(name);
    clock.advance(std::chrono::seconds(60));
    firehose->deliver_now(name);
  }

  /// One round, during which time goes by.
  void deliver_while_time_passes(const std::string& name) {
    std::atomic<bool> done = false;
    const std::jthread round([&] {
      firehose->deliver_now(name);
      done = true;
    });
    while (!done) {
      clock.advance(std::chrono::milliseconds(100));
      std::this_thread::yield();
    }
  }

  /// Keys and bytes of the objects below a prefix.
  std::map<std::string, std::string> objects(const std::string& prefix = "") {
    std::map<std::string, std::string> found;
    for (const s3::ObjectInfo& object : s3->all_objects("lake", prefix)) {
      found[object.key] = s3->body(object).string();
    }
    return found;
  }
  /// The bytes of the one object below a prefix.
  std::string only_object(const std::string& prefix) {
    const auto found = objects(prefix);
    EXPECT_EQ(found.size(), 1u) << prefix;
    return found.empty() ? "" : found.begin()->second;
  }
  static std::vector<json::object> lines(const std::string& text) {
    std::vector<json::object> list;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      list.push_back(json::parse(text.substr(at, end - at)).as_object());
      at = end + 1;
    }
    return list;
  }
  static std::string raw(const json::object& envelope) {
    return base::from_base64(envelope.at("rawData").as_string()).value();
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

  /// The function: answers what `transform` makes of the event.
  lambda::InvokeResult invoke(std::string_view function, std::string_view payload) {
    asked_at.push_back(clock.now());
    last_function = function;
    last_event = json::parse(payload).as_object();
    if (instead) return instead();
    if (failures_to_come > 0) {
      --failures_to_come;
      return {"{\"errorMessage\":\"no beer\"}", "Unhandled", "", "$LATEST"};
    }
    json::array answers;
    for (const json::value& record : last_event.at("records").as_array()) {
      const json::object& one = record.as_object();
      const std::string data = base::from_base64(one.at("data").as_string()).value();
      for (json::object& answer : transform(std::string(one.at("recordId").as_string()), data)) {
        answers.push_back(std::move(answer));
      }
    }
    return {json::serialize(json::object{{"records", answers}}), "", "", "$LATEST"};
  }
  static json::object answer(const std::string& id, const std::string& result,
                             const std::string& data) {
    return {{"recordId", id}, {"result", result}, {"data", base::to_base64(data)}};
  }

  inline static const std::string kRole = "arn:aws:iam::123456789012:role/firehose";
  inline static const std::string kFunction =
      "arn:aws:lambda:us-east-1:123456789012:function:clean";

  /// What the function answers for a record; upper case by default.
  std::function<std::vector<json::object>(const std::string& id, const std::string& data)>
      transform = [](const std::string& id, const std::string& data) {
        std::string upper = data;
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        return std::vector<json::object>{answer(id, "Ok", upper)};
      };
  std::function<lambda::InvokeResult()> instead;  // the whole answer, where the test gives it
  std::vector<Timestamp> asked_at;  // one for each invocation
  int failures_to_come = 0;
  std::string last_function;
  json::object last_event;
  std::map<std::string, std::vector<sql::Column>> tables;

  io::TemporaryFolder folder;
  io::FailingFileSystem disk;  // of the objects
  base::ManualClock clock;
  base::ManualClock idle;  // of the log service, whose loops the tests have no business with
  base::Ids ids{1};
  http::Request request;
  Call call{request};
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<Context> context, logs_context;
  std::unique_ptr<storage::ObjectStore> store;
  std::unique_ptr<s3::S3> s3;
  std::unique_ptr<kinesis::Kinesis> kinesis;
  std::unique_ptr<logs::Logs> logs;
  std::unique_ptr<Firehose> firehose;
};

}  // namespace engine::firehose
