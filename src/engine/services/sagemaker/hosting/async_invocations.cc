// InvokeEndpointAsync's queue.
//
// Rows of sagemaker/async_invocations: "<ms since 1970, 13 digits>-<inference id>" → the item as
// JSON. A row goes in the transaction that writes the answer, or what went wrong.
#include "engine/services/sagemaker/hosting/async_invocations.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/hosting/invocation.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "lib/base/log.h"

#include <boost/json.hpp>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* kTable = "sagemaker/async_invocations";
constexpr std::int64_t kDefaultTtl = 21'600, kDefaultTimeout = 900;  // Verified: the API model
constexpr std::int64_t kDefaultAtOnce = 4;  // Deviation: AWS "chooses an optimal value"
constexpr std::size_t kMostThreads = 8;
constexpr std::uint64_t kMostInput = 1 << 30;  // Verified: AWS's guide: payloads up to 1 GB

const api::AsyncInferenceConfig& async_config(
    const std::optional<api::DescribeEndpointConfigOutput>& config, const std::string& endpoint) {
  if (!config || !config->AsyncInferenceConfig) {
    throw AwsError("ValidationError",
                   fmt::format("Endpoint {} is not asynchronous: its configuration has no "
                               "AsyncInferenceConfig.",
                               endpoint));
  }
  return *config->AsyncInferenceConfig;
}

std::string below(std::string prefix, const std::string& name) {
  return prefix + (prefix.ends_with('/') ? "" : "/") + name;
}

/// The place of an answer: the configured path, what the request adds to it, and a name.
std::string place(const std::string& path, const AsyncInvocations::Input& input,
                  const std::string& name) {
  const std::string extended =
      input.S3OutputPathExtension ? below(path, *input.S3OutputPathExtension) : path;
  return below(extended, input.Filename.value_or(name));
}

}  // namespace

std::string AsyncInvocations::text_of(const Item& item) {
  return json::serialize(json::object{{"endpoint", item.endpoint},
                                      {"inference_id", item.inference_id},
                                      {"content_type", item.content_type},
                                      {"accept", item.accept},
                                      {"custom_attributes", item.custom_attributes},
                                      {"input", item.input},
                                      {"output", item.output},
                                      {"failure", item.failure},
                                      {"ttl_seconds", item.ttl_seconds},
                                      {"timeout_seconds", item.timeout_seconds},
                                      {"at_once", item.at_once},
                                      {"accepted", item.accepted.time_since_epoch().count()}});
}

AsyncInvocations::Item AsyncInvocations::item_of(const std::string& key, const std::string& text) {
  const auto row = json::parse(text).as_object();
  const auto text_at = [&](const char* name) { return std::string(row.at(name).as_string()); };
  const auto number_at = [&](const char* name) { return row.at(name).as_int64(); };
  return {.key = key,
          .endpoint = text_at("endpoint"),
          .inference_id = text_at("inference_id"),
          .content_type = text_at("content_type"),
          .accept = text_at("accept"),
          .custom_attributes = text_at("custom_attributes"),
          .input = text_at("input"),
          .output = text_at("output"),
          .failure = text_at("failure"),
          .ttl_seconds = number_at("ttl_seconds"),
          .timeout_seconds = number_at("timeout_seconds"),
          .at_once = number_at("at_once"),
          .accepted = Timestamp(base::Milliseconds(number_at("accepted")))};
}

AsyncInvocations::Output AsyncInvocations::accept(const Input& input) {
  const std::string key = key_of(input.EndpointName, "endpoint");
  const auto endpoint = state_.endpoints.find(key);
  if (!endpoint || endpoint->EndpointStatus == "Deleting") {
    throw no_such_endpoint(input.EndpointName, state_.context.account);
  }
  const auto config = state_.endpoint_configs.find(
      key_of(endpoint->EndpointConfigName.value_or(""), "endpoint-config"));
  const auto& about = async_config(config, input.EndpointName);
  if (!s3::parse_s3_uri(input.InputLocation)) {
    throw AwsError("ValidationError",
                   fmt::format("\"{}\" is not a valid S3 URI.", input.InputLocation));
  }
  const std::string file = state_.context.ids.uuid();
  Item item{.endpoint = key,
            .inference_id = input.InferenceId.value_or(state_.context.ids.uuid()),
            .content_type = input.ContentType.value_or(""),
            .accept = input.Accept.value_or(""),
            .custom_attributes = input.CustomAttributes.value_or(""),
            .input = input.InputLocation,
            .output = place(about.OutputConfig.S3OutputPath.value_or(""), input, file + ".out"),
            .ttl_seconds = input.RequestTTLSeconds.value_or(kDefaultTtl),
            .timeout_seconds = input.InvocationTimeoutSeconds.value_or(kDefaultTimeout),
            .at_once = kDefaultAtOnce,
            .accepted = state_.now()};
  if (about.OutputConfig.S3FailurePath) {
    item.failure = place(*about.OutputConfig.S3FailurePath, input, file + "-error.out");
  }
  if (about.ClientConfig) {
    item.at_once = about.ClientConfig->MaxConcurrentInvocationsPerInstance.value_or(kDefaultAtOnce);
  }
  item.key = fmt::format("{:013}-{}", item.accepted.time_since_epoch().count(), file);
  Output output{.InferenceId = item.inference_id, .OutputLocation = item.output};
  if (!item.failure.empty()) output.FailureLocation = item.failure;
  storage::Batch batch;
  batch.put(kTable, item.key, text_of(item));
  state_.context.catalog.commit(std::move(batch));
  enqueue(std::move(item));
  return output;
}

void AsyncInvocations::enqueue(Item item) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  queue_.push_back(std::move(item));
  if (idle_ == 0 && threads_.size() < kMostThreads) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  changed_.notify_one();
}

/// The first of which the endpoint is up and has a place free. Called with the lock held.
std::optional<AsyncInvocations::Item> AsyncInvocations::next() {
  for (auto at = queue_.begin(); at != queue_.end(); ++at) {
    const bool gone = !state_.endpoints.has(at->endpoint);
    if (!gone && (running_[at->endpoint] >= at->at_once || !state_.hosting->serves(at->endpoint))) {
      continue;
    }
    Item item = std::move(*at);
    queue_.erase(at);
    return item;
  }
  return std::nullopt;
}

void AsyncInvocations::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto item = next();
    if (!item) {
      ++idle_;
      // An endpoint that comes into service tells nobody: it is looked for while something waits.
      if (queue_.empty()) {
        changed_.wait(lock, stop, [&] { return !queue_.empty(); });
      } else {
        changed_.wait_for(lock, stop, 100ms, [] { return false; });
      }
      --idle_;
      continue;
    }
    ++running_[item->endpoint];
    lock.unlock();
    try {
      run(*item);
    } catch (const std::exception& error) {
      base::log_error("sagemaker", "asynchronous invocation {}: {}", item->inference_id,
                      error.what());
    }
    lock.lock();
    --running_[item->endpoint];
    changed_.notify_all();
  }
}

/// One request from its input to its answer, or to the file that says why there is none.
void AsyncInvocations::run(const Item& item) {
  storage::Batch done;
  done.remove(kTable, item.key);
  std::vector<s3::NewObject> objects;
  const auto add = [&](const std::string& uri, std::string body, std::string type) {
    const auto at = s3::parse_s3_uri(uri);
    if (at)
      objects.push_back({at->bucket, at->key, http::Body(std::move(body)), {std::move(type)}});
  };
  std::string refusal;
  try {
    if (state_.now() > item.accepted + std::chrono::seconds(item.ttl_seconds)) {
      throw ClientError(
          fmt::format("The request has expired: it waited for more than {} s.", item.ttl_seconds));
    }
    http::Response response = answer(item);
    std::string body = response.body.string();
    if (response.status >= 300) throw refused_by_model(response, body, "");
    add(item.output, std::move(body),
        std::string(response.headers.get("Content-Type", "binary/octet-stream")));
  } catch (const http::TimeoutError&) {
    refusal = timed_out("").what();
  } catch (const std::exception& error) {
    refusal = error.what();
  }
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;  // the next engine does it again
  }
  if (!refusal.empty()) {
    base::log_info("sagemaker", "asynchronous invocation {} failed: {}", item.inference_id,
                   refusal);
    add(item.failure, refusal, "text/plain");
  }
  try {
    state_.s3.put_objects(std::move(objects), done);
  } catch (const AwsError& error) {
    base::log_warning("sagemaker", "the answer to asynchronous invocation {} can't be written: {}",
                      item.inference_id, error.what());
    state_.context.catalog.commit(std::move(done));
  }
}

http::Response AsyncInvocations::answer(const Item& item) {
  const auto place = s3::parse_s3_uri(item.input);
  const auto object = state_.s3.object(place->bucket, place->key);
  if (object.size > kMostInput) throw ClientError("The input is larger than 1 GB.");
  const ServedVariant variant = state_.hosting->choose(item.endpoint, {});
  if (!variant.server) throw ClientError("The endpoint is not in service.");
  http::Request request;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) request.headers.add(name, value);
  };
  add("Content-Type", item.content_type);
  add("Accept", item.accept);
  add(kCustomAttributes, item.custom_attributes);
  add("X-Amzn-SageMaker-Inference-Id", item.inference_id);
  request.body = state_.s3.body(object);
  return variant.server->invoke(std::move(request), std::chrono::seconds(item.timeout_seconds));
}

void AsyncInvocations::resume() {
  for (const auto& row : state_.context.catalog.scan(kTable)) {
    enqueue(item_of(row.key, row.value));
  }
}

void AsyncInvocations::stop() {
  std::vector<std::jthread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  for (auto& thread : threads) thread.request_stop();
  changed_.notify_all();
  threads.clear();  // joins
}

}  // namespace engine::sagemaker
