// Asynchronous invocations: a durable queue, three attempts, then they are told of in the log and dropped.
#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/state.h"
#include "lib/base/log.h"

#include <charconv>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kRetries = 2;
constexpr auto kLongWait = base::Milliseconds(1h);

/// A row's value: "<attempts so far> <due, epoch ms> <function>\n<payload>".
struct Pending {
  std::int64_t attempts = 0;
  std::int64_t due = 0;
  std::string function, payload;

  std::string text() const { return fmt::format("{} {} {}\n{}", attempts, due, function, payload); }

  static Pending parse(const std::string& text) {
    Pending pending;
    const char* end = text.data() + text.size();
    const char* at = std::from_chars(text.data(), end, pending.attempts).ptr;
    at = std::from_chars(at + 1, end, pending.due).ptr;
    const auto line = text.find('\n');
    const auto start = static_cast<std::size_t>(at - text.data()) + 1;
    pending.function = text.substr(start, line - start);
    pending.payload = text.substr(line + 1);
    return pending;
  }
};

std::int64_t millis(Timestamp time) { return time.time_since_epoch().count(); }

std::int64_t allowed_retries(const Lambda::Impl& lambda, const std::string& function) {
  const auto reference = parse_reference(function);
  const auto row = lambda.context.catalog.get(kInvokeConfigs, key_of(reference.name, reference.qualifier));
  if (!row) return kRetries;
  return from_json<api::FunctionEventInvokeConfig>(*row).MaximumRetryAttempts.value_or(kRetries);
}

/// True when the invocation is done with, well or for good.
bool attempt(Lambda::Impl& lambda, Pending& pending) {
  std::string reason;
  try {
    const InvokeResult result = lambda.invoke(parse_reference(pending.function), pending.payload);
    if (result.function_error.empty()) return true;
    reason = result.payload;
  } catch (const AwsError& error) {
    if (error.code == "ResourceNotFoundException") return true;  // deleted meanwhile
    reason = error.what();
  }
  ++pending.attempts;
  if (pending.attempts <= allowed_retries(lambda, pending.function)) {
    // Verified: AWS waits one minute before the second attempt and two before the third.
    pending.due = millis(lambda.context.clock.now() + 1min * pending.attempts);
    return false;
  }
  // Deviation: a dead-letter queue or an on-failure destination is stored and not yet served.
  base::log_warning("lambda", "asynchronous invocation of {} failed {} times and is dropped: {}", pending.function,
                    pending.attempts, reason);
  return true;
}

}  // namespace

void Lambda::invoke_async(std::string_view function, std::string_view payload) {
  const Reference reference = parse_reference(function);
  impl_->configuration(reference);  // ResourceNotFoundException at once
  const Pending pending{0, millis(impl_->context.clock.now()), std::string(function), std::string(payload)};
  std::string key;
  {
    std::lock_guard lock(impl_->queue_mutex);
    key = fmt::format("{:020}", impl_->sequence++);
  }
  impl_->put(kQueue, key, pending.text());
  for (auto& loop : impl_->loops) loop->wake();
}

/// One dispatcher's round: the first row that is due and nobody has; how long until there is another.
base::Milliseconds Lambda::Impl::run_queue(std::stop_token stop) {
  for (;;) {
    if (stop.stop_requested()) return kLongWait;
    std::optional<storage::Catalog::Row> taken;
    base::Milliseconds wait = kLongWait;
    {
      std::lock_guard lock(queue_mutex);
      const std::int64_t now = millis(context.clock.now());
      for (auto& row : context.catalog.scan(kQueue, {}, {}, 256)) {
        if (running.contains(row.key)) continue;
        const std::int64_t due = Pending::parse(row.value).due;
        if (due <= now) {
          running.insert(row.key);
          taken = std::move(row);
          break;
        }
        wait = std::min(wait, base::Milliseconds(due - now));
      }
    }
    if (!taken) return wait;
    Pending pending = Pending::parse(taken->value);
    storage::Batch batch;
    if (attempt(*this, pending)) {
      batch.remove(kQueue, taken->key);
    } else {
      batch.put(kQueue, taken->key, pending.text());
    }
    context.catalog.commit(std::move(batch));
    std::lock_guard lock(queue_mutex);
    running.erase(taken->key);
  }
}

}  // namespace engine::lambda
