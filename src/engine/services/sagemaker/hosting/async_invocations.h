// InvokeEndpointAsync's queue: requests whose input and answer are objects of S3.
#pragma once

#include "engine/models/sagemaker_runtime.h"
#include "engine/services/sagemaker/state.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace engine::sagemaker {

/// Thread-safe. A request that was accepted is durable: the next engine goes on with it. It may be
/// put to the model twice then, but has one answer.
class AsyncInvocations {
 public:
  using Input = sagemaker_runtime::api::InvokeEndpointAsyncInput;
  using Output = sagemaker_runtime::api::InvokeEndpointAsyncOutput;

  explicit AsyncInvocations(SageMaker::Impl& state) : state_(state) {}
  ~AsyncInvocations() { stop(); }

  /// Queues the request; throws AwsError when the endpoint isn't there or isn't asynchronous.
  Output accept(const Input& input);

  void resume();
  void stop();

 private:
  /// A request with all that is decided when it is accepted.
  struct Item {
    std::string key;  ///< its row's: "<ms>-<inference id>"
    std::string endpoint;
    std::string inference_id, content_type, accept, custom_attributes;
    std::string input, output, failure;  ///< S3 URIs; `failure` may be empty
    std::int64_t ttl_seconds = 0, timeout_seconds = 0, at_once = 0;
    Timestamp accepted;
  };
  static std::string text_of(const Item& item);
  static Item item_of(const std::string& key, const std::string& text);

  void enqueue(Item item);
  void work(const std::stop_token& stop);
  std::optional<Item> next();
  void run(const Item& item);
  http::Response answer(const Item& item);

  SageMaker::Impl& state_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Item> queue_;
  std::map<std::string, std::int64_t> running_;  ///< by endpoint
  std::vector<std::jthread> threads_;
  int idle_ = 0;
  bool stopping_ = false;
};

}  // namespace engine::sagemaker
