// Warm instances: taken, started, given back, dropped when they have been idle.
#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/event_sources.h"
#include "engine/services/lambda/state.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMostInstances = 64;  ///< processes at once, of all functions
constexpr int kMostTries = 3;                ///< processes that are offered an event and end without taking it
constexpr auto kIdleTime = 10min;            ///< of real time, then a warm instance goes

/// What an instance was started for: another version, or a change of code or settings, needs another.
std::string instance_key(const api::FunctionConfiguration& configuration) {
  return fmt::format("{}:{}:{}", *configuration.FunctionName, configuration.Version.value_or("$LATEST"),
                     configuration.RevisionId.value_or(""));
}

constexpr std::chrono::hours kKeysLast{12};  ///< of a function's session, as on AWS
constexpr auto kKeysMargin = 5min;           ///< an instance ends so long before its keys and an invocation do

AwsError stopping_error() { return {"ServiceException", "The engine is stopping.", 500}; }

}  // namespace

std::unique_ptr<Instance> Lambda::Impl::acquire(const api::FunctionConfiguration& configuration, const std::string& key,
                                                std::optional<std::int64_t> reserved) {
  const std::string name = *configuration.FunctionName;
  std::list<Warm> gone;  // ended outside the lock
  {
    std::unique_lock lock(pool_mutex);
    const auto check_reserved = [&] {
      if (reserved && busy[name] >= *reserved) throw throttled();
    };
    check_reserved();
    const auto available = [&] { return stopping || instances < kMostInstances || !idle.empty(); };
    if (!freed.wait_for(lock, 30s, available)) throw throttled();
    if (stopping) throw stopping_error();
    check_reserved();
    ++busy[name];
    if (auto instance = find_warm(key, gone)) return instance;
    if (instances >= kMostInstances) {
      gone.splice(gone.end(), idle, idle.begin());
      --instances;
    }
    ++instances;
  }
  gone.clear();
  try {
    auto instance = start(configuration);
    std::lock_guard lock(pool_mutex);
    if (stopping) throw stopping_error();
    working.insert(instance.get());
    return instance;
  } catch (...) {
    std::lock_guard lock(pool_mutex);
    --instances;
    --busy[name];
    throw;
  }
}

/// A warm instance of that key, under the pool's lock. Those that died while they were idle go to `dead`.
std::unique_ptr<Instance> Lambda::Impl::find_warm(const std::string& key, std::list<Warm>& dead) {
  for (auto warm = idle.begin(); warm != idle.end();) {
    const auto next = std::next(warm);
    if (!warm->instance->usable()) {
      dead.splice(dead.end(), idle, warm);
      --instances;
    } else if (warm->key == key) {
      auto instance = std::move(warm->instance);
      idle.erase(warm);
      working.insert(instance.get());
      return instance;
    }
    warm = next;
  }
  return nullptr;
}

void Lambda::Impl::release(const std::string& name, const std::string& key, std::unique_ptr<Instance> instance) {
  const bool keep = instance->usable();
  {
    std::lock_guard lock(pool_mutex);
    working.erase(instance.get());
  }
  if (!keep) instance.reset();
  std::lock_guard lock(pool_mutex);
  --busy[name];
  if (keep && !stopping) {
    idle.push_back({key, std::move(instance), std::chrono::steady_clock::now()});
  } else {
    --instances;
  }
  freed.notify_one();
}

std::unique_ptr<Instance> Lambda::Impl::start(const api::FunctionConfiguration& c) const {
  const Actor actor = actor_of(c);
  if (!context.may_assume(actor.role, actor.service)) throw role_cannot_be_assumed();
  const Callback home = callback();
  const std::string id = context.ids.hex(32);
  InstanceSpec spec;
  spec.function_arn = *c.FunctionArn;
  spec.version = c.Version.value_or("$LATEST");
  spec.code = code_directory(*c.FunctionName, c.CodeSha256.value_or(""));
  spec.scratch = fmt::format("{}/scratch/lambda-{}", context.data, id);
  spec.runner = runner;
  spec.memory_mb = static_cast<int>(c.MemorySize.value_or(128));
  spec.timeout = std::chrono::seconds(c.Timeout.value_or(3));
  spec.log_group = c.LoggingConfig && c.LoggingConfig->LogGroup ? *c.LoggingConfig->LogGroup
                                                                : "/aws/lambda/" + *c.FunctionName;
  spec.log_stream = fmt::format("{}/[{}]{}", base::format_utc(context.clock.now(), "%Y/%m/%d"), spec.version, id);
  spec.environment = {{"AWS_ENDPOINT_URL", home.endpoint_url},
                      {"AWS_ACCESS_KEY_ID", home.access_key_id},
                      {"AWS_SECRET_ACCESS_KEY", home.secret_access_key},
                      {"AWS_REGION", context.region},
                      {"AWS_DEFAULT_REGION", context.region},
                      {"AWS_EXECUTION_ENV", "AWS_Lambda_" + c.Runtime.value_or("provided.al2023")},
                      {"AWS_LAMBDA_FUNCTION_NAME", *c.FunctionName},
                      {"AWS_LAMBDA_FUNCTION_VERSION", spec.version},
                      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(spec.memory_mb)},
                      {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
                      {"AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group},
                      {"AWS_LAMBDA_LOG_STREAM_NAME", spec.log_stream},
                      {"LAMBDA_TASK_ROOT", spec.code},
                      {"_HANDLER", c.Handler.value_or("")},
                      {"TZ", ":UTC"}};
  if (const auto keys = context.authority ? context.authority->keys(actor, kKeysLast) : std::nullopt) {
    spec.environment["AWS_ACCESS_KEY_ID"] = keys->access_key_id;
    spec.environment["AWS_SECRET_ACCESS_KEY"] = keys->secret_access_key;
    spec.environment["AWS_SESSION_TOKEN"] = keys->session_token;
    spec.good_until = keys->expires - spec.timeout - kKeysMargin;
  }
  try {
    const std::string stream = fmt::format("log-group:{}:log-stream:{}", spec.log_group, spec.log_stream);
    for (const char* action : {"logs:CreateLogStream", "logs:PutLogEvents"}) {
      context.require(actor, action, context.arn("logs", stream));
    }
  } catch (const AwsError&) {
    spec.log_group.clear();  // it runs all the same, as on AWS
  }
  if (c.Environment && c.Environment->Variables) {
    for (const auto& [name, value] : *c.Environment->Variables) spec.environment[name] = value;
  }
  return std::make_unique<Instance>(std::move(spec), logs, context.clock);
}

InvokeResult Lambda::Impl::invoke(const Reference& reference, std::string_view payload,
                                  const std::string& request_id) {
  const auto measure = [&](std::string_view metric, double value, std::string_view unit) {
    context.meter({"AWS/Lambda", metric, "FunctionName", reference.name, value, unit});
  };
  const auto began = std::chrono::steady_clock::now();
  try {
    InvokeResult result = run(reference, payload, request_id);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    measure("Invocations", 1, "Count");
    measure("Errors", result.function_error.empty() ? 0 : 1, "Count");
    measure("Throttles", 0, "Count");
    measure("Duration", took.count(), "Milliseconds");
    return result;
  } catch (const AwsError& error) {
    if (error.status == 429) measure("Throttles", 1, "Count");
    throw;
  }
}

InvokeResult Lambda::Impl::run(const Reference& reference, std::string_view payload,
                               const std::string& request_id) {
  const auto configuration = configuration_to_run(reference);
  const auto latest = function(reference);
  std::optional<std::int64_t> reserved;
  if (latest.Concurrency) reserved = latest.Concurrency->ReservedConcurrentExecutions;
  const std::string key = instance_key(configuration);

  Outcome outcome;
  int tries = 0;
  do {
    // A warm process may end by itself in the moment it is handed an event: then another gets it.
    auto instance = acquire(configuration, key, reserved);
    try {
      outcome = instance->invoke(request_id, payload.empty() ? "{}" : payload);
    } catch (...) {
      release(reference.name, key, std::move(instance));
      throw;
    }
    release(reference.name, key, std::move(instance));
  } while (!outcome.taken && ++tries < kMostTries);
  return {std::move(outcome.payload), std::move(outcome.function_error), std::move(outcome.log_tail),
          configuration.Version.value_or("$LATEST")};
}

void Lambda::Impl::retire(const std::string& name) {
  std::list<Warm> gone;
  std::lock_guard lock(pool_mutex);
  for (auto warm = idle.begin(); warm != idle.end();) {
    const auto next = std::next(warm);
    if (warm->key.starts_with(name + ":")) {
      gone.splice(gone.end(), idle, warm);
      --instances;
    }
    warm = next;
  }
}

base::Milliseconds Lambda::Impl::drop_idle() {
  std::list<Warm> gone;
  {
    std::lock_guard lock(pool_mutex);
    while (!idle.empty() && std::chrono::steady_clock::now() - idle.front().used > kIdleTime) {
      gone.splice(gone.end(), idle, idle.begin());
      --instances;
    }
  }
  return 30s;
}

bool Lambda::Impl::is_stopping() {
  std::lock_guard lock(pool_mutex);
  return stopping;
}

void Lambda::Impl::stop() {
  std::list<Warm> gone;
  sources->request_stop();
  {
    std::lock_guard lock(pool_mutex);
    stopping = true;
    gone.swap(idle);
    freed.notify_all();
    for (auto& loop : loops) loop->request_stop();
    for (Instance* instance : working) instance->kill();
  }
  for (auto& loop : loops) loop->stop();
  sources->stop();
}

}  // namespace engine::lambda
