// What Lambda keeps: functions, versions, aliases and permissions in the catalog, warm instances in memory.
#pragma once

#include "engine/models/lambda.h"
#include "engine/services/lambda/instance.h"
#include "engine/services/lambda/lambda.h"
#include "lib/base/loop.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <set>

namespace engine::lambda {

/// Catalog tables. Functions are keyed by name; what belongs to one by "name\0what".
inline constexpr std::string_view kFunctions = "lambda/functions";      ///< GetFunctionResponse
inline constexpr std::string_view kVersions = "lambda/versions";        ///< FunctionConfiguration
inline constexpr std::string_view kLastVersions = "lambda/last-versions";  ///< name → the last number given
inline constexpr std::string_view kAliases = "lambda/aliases";          ///< AliasConfiguration
inline constexpr std::string_view kPermissions = "lambda/permissions";  ///< a policy statement, JSON
inline constexpr std::string_view kInvokeConfigs = "lambda/invoke-configs";
inline constexpr std::string_view kQueue = "lambda/queue";              ///< asynchronous invocations
inline constexpr std::string_view kMappings = "lambda/event-sources";   ///< UUID → EventSourceMappingConfiguration
inline constexpr std::string_view kMappingTags = "lambda/event-source-tags";      ///< UUID → ListTagsResponse
inline constexpr std::string_view kCheckpoints = "lambda/event-source-positions";  ///< "UUID\0shard\0lane" → Checkpoint

inline std::string key_of(std::string_view function, std::string_view what) {
  std::string key(function);
  key += '\0';
  return key.append(what);
}

/// A function as a caller names it: "f", "f:3", "123456789012:function:f" or an ARN.
struct Reference {
  std::string name;
  std::string qualifier;  ///< "$LATEST" when none was given
};
Reference parse_reference(std::string_view text, const std::optional<std::string>& qualifier = {});

class EventSources;

struct Lambda::Impl {
  Impl(Context& context, s3::S3& s3, logs::Logs& logs, kinesis::Kinesis& kinesis, CallbackSource callback,
       EventSink put_event, std::string runner);
  ~Impl();

  std::optional<api::GetFunctionResponse> find_function(std::string_view name) const;
  api::GetFunctionResponse function(const Reference& reference) const;  ///< or ResourceNotFoundException
  /// The configuration that a qualifier stands for: $LATEST, a version, or an alias's version.
  api::FunctionConfiguration configuration(const Reference& reference) const;
  /// The same for an invocation: an alias with weights stands for one version or the other.
  api::FunctionConfiguration configuration_to_run(const Reference& reference) const;
  std::string arn(std::string_view name) const { return context.arn("lambda", "function:" + std::string(name)); }
  void put(std::string_view table, std::string_view key, std::string_view value);
  void remove_all(std::string_view table, std::string_view prefix, storage::Batch& batch);

  /// Lambda in the role of that function.
  Actor actor_of(const api::FunctionConfiguration& configuration) const {
    return {configuration.Role.value_or(""), "lambda.amazonaws.com", configuration.FunctionName.value_or("")};
  }
  /// Throws InvalidParameterValueException unless the function's role may read the stream.
  void require_stream(std::string_view function_arn, std::string_view stream_arn) const;

  /// Where the unpacked package of that CodeSha256 stands.
  std::string code_directory(std::string_view name, std::string_view sha256_base64) const;
  /// Unpacks the package and writes its facts into the configuration.
  void install(const std::string& zip, api::FunctionConfiguration& configuration) const;
  std::string fetch_package(const std::optional<Blob>& zip, const std::optional<std::string>& bucket,
                            const std::optional<std::string>& key) const;

  /// Runs an invocation and measures it.
  InvokeResult invoke(const Reference& reference, std::string_view payload, const std::string& request_id);
  InvokeResult run(const Reference& reference, std::string_view payload, const std::string& request_id);
  /// Ends the idle instances of a function; busy ones end after their invocation.
  void retire(const std::string& name);
  void stop();

  bool is_stopping();

  base::Milliseconds run_queue(std::stop_token stop);
  std::optional<storage::Catalog::Row> take_due(base::Milliseconds& wait);
  std::string next_queue_key();
  void serve(const storage::Catalog::Row& row, const std::stop_token& stop);

  /// Stores the record of a failure in the transaction of `with`. Without the bucket the record is told of
  /// in the log and in DestinationDeliveryFailures, and `with` is committed alone, as AWS goes on.
  void deliver_to_bucket(const std::string& bucket, const std::string& key, std::string record,
                         const std::string& function, storage::Batch with);
  void failed_to_deliver(const std::string& function, std::string_view destination, std::string_view reason);

  struct Warm {
    std::string key;  ///< function, version and revision: another revision is another program
    std::unique_ptr<Instance> instance;
    std::chrono::steady_clock::time_point used;
  };

  /// Takes a warm instance or starts one, within the limits on instances.
  std::unique_ptr<Instance> acquire(const api::FunctionConfiguration& configuration, const std::string& key,
                                    std::optional<std::int64_t> reserved);
  std::unique_ptr<Instance> find_warm(const std::string& key, std::list<Warm>& dead);
  void release(const std::string& name, const std::string& key, std::unique_ptr<Instance> instance);
  std::unique_ptr<Instance> start(const api::FunctionConfiguration& configuration) const;
  base::Milliseconds drop_idle();

  Context& context;
  s3::S3& s3;
  logs::Logs& logs;
  kinesis::Kinesis& kinesis;
  CallbackSource callback;
  EventSink put_event;
  std::string runner;

  std::mutex mutex;  ///< around read-modify-write of the catalog's rows

  std::mutex pool_mutex;
  std::condition_variable freed;
  std::list<Warm> idle;                      ///< the longest unused first
  std::map<std::string, std::int64_t> busy;  ///< by function name
  std::set<Instance*> working;               ///< those that are neither idle nor being started
  std::int64_t instances = 0;
  bool stopping = false;

  std::mutex queue_mutex;
  std::set<std::string> running;             ///< rows of the queue that a dispatcher has
  std::uint64_t sequence;
  std::vector<std::unique_ptr<base::Loop>> loops;
  std::unique_ptr<EventSources> sources;
};

}  // namespace engine::lambda
