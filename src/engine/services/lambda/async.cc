// Asynchronous invocations: a durable queue, three attempts, then they are told of in the log and dropped.
#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/state.h"
#include "lib/base/log.h"

#include <algorithm>
#include <charconv>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kRetries = 2;
constexpr auto kLongestAge = base::Milliseconds(6h);  ///< in the queue while the function can't be run at all
constexpr auto kLongestWait = 5min;          ///< between two attempts
constexpr auto kLongWait = base::Milliseconds(1h);
constexpr std::size_t kRows = 256;  ///< read from the queue in one go

/// A row's value: "<attempts so far> <due, epoch ms> <made, epoch ms> <function> <request id>\n<payload>".
struct Pending {
  std::int64_t attempts = 0, due = 0, made = 0;
  std::string function, request_id, payload;

  std::string text() const { return fmt::format("{} {} {} {} {}\n{}", attempts, due, made, function, request_id, payload); }

  static Pending parse(const std::string& text) {
    Pending pending;
    const char* end = text.data() + text.size();
    const char* at = std::from_chars(text.data(), end, pending.attempts).ptr;
    at = std::from_chars(at + 1, end, pending.due).ptr;
    at = std::from_chars(at + 1, end, pending.made).ptr;
    const auto line = text.find('\n');
    const auto start = static_cast<std::size_t>(at - text.data()) + 1;
    const auto space = text.find(' ', start);
    pending.function = text.substr(start, space - start);
    pending.request_id = text.substr(space + 1, line - space - 1);
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

/// How an attempt came out: well, with an error of the function's, or it could not be run.
struct Attempt {
  enum class End { kDone, kFailed, kNotRun } end;
  std::string reason;
};

Attempt attempt(Lambda::Impl& lambda, const Pending& pending) {
  try {
    InvokeResult result = lambda.invoke(parse_reference(pending.function), pending.payload, pending.request_id);
    if (result.function_error.empty()) return {Attempt::End::kDone, {}};
    return {Attempt::End::kFailed, std::move(result.payload)};
  } catch (const AwsError& error) {
    if (error.code == "ResourceNotFoundException") return {Attempt::End::kDone, {}};  // deleted meanwhile
    return {Attempt::End::kNotRun, error.what()};
  } catch (const std::exception& error) {
    return {Attempt::End::kNotRun, error.what()};
  }
}

/// Dates the next attempt; false when there is none.
bool try_again(const Lambda::Impl& lambda, Pending& pending, const Attempt& last) {
  const std::int64_t now = millis(lambda.context.clock.now());
  if (last.end == Attempt::End::kNotRun) {
    // Verified: throttles and errors of the service don't count; AWS tries for six hours, with waits
    // that grow from a second to five minutes.
    const base::Milliseconds age(now - pending.made);
    pending.due = now + std::clamp<base::Milliseconds>(age, 1s, kLongestWait).count();
    return age <= kLongestAge;
  }
  ++pending.attempts;
  // Verified: AWS waits one minute before the second attempt and two before the third.
  pending.due = now + base::Milliseconds(1min * pending.attempts).count();
  return pending.attempts <= allowed_retries(lambda, pending.function);
}

}  // namespace

void Lambda::invoke_async(std::string_view function, std::string_view payload, std::string request_id) {
  const Reference reference = parse_reference(function);
  impl_->configuration(reference);  // ResourceNotFoundException at once
  const std::int64_t now = millis(impl_->context.clock.now());
  if (request_id.empty()) request_id = impl_->context.ids.uuid();
  const Pending pending{0, now, now, std::string(function), std::move(request_id), std::string(payload)};
  std::string key;
  {
    std::lock_guard lock(impl_->queue_mutex);
    key = fmt::format("{:020}", impl_->sequence++);
  }
  impl_->put(kQueue, key, pending.text());
  for (auto& loop : impl_->loops) loop->wake();
}

/// The first row that is due and that no dispatcher has; `wait` becomes the time until another is.
std::optional<storage::Catalog::Row> Lambda::Impl::take_due(base::Milliseconds& wait) {
  std::lock_guard lock(queue_mutex);
  const std::int64_t now = millis(context.clock.now());
  std::string after;
  for (;;) {
    auto rows = context.catalog.scan(kQueue, {}, after, kRows);
    for (auto& row : rows) {
      if (running.contains(row.key)) continue;
      const std::int64_t due = Pending::parse(row.value).due;
      // Due later than any wait makes it: the clock was set back, as by a restart without its speed.
      if (due <= now || due > now + base::Milliseconds(kLongestWait).count()) {
        running.insert(row.key);
        return std::move(row);
      }
      wait = std::min(wait, base::Milliseconds(due - now));
    }
    if (rows.size() < kRows) return std::nullopt;
    after = rows.back().key;
  }
}

/// One dispatcher's round: attempts what is due; gives how long there is nothing to do.
base::Milliseconds Lambda::Impl::run_queue(std::stop_token stop) {
  while (!stop.stop_requested()) {
    base::Milliseconds wait = kLongWait;
    const auto row = take_due(wait);
    if (!row) return wait;
    const std::shared_ptr<void> given_back(nullptr, [&](void*) {
      std::lock_guard lock(queue_mutex);
      running.erase(row->key);
    });
    Pending pending = Pending::parse(row->value);
    const Attempt last = attempt(*this, pending);
    // An attempt that our own end cut short is none; the row stays for the next start.
    if (last.end != Attempt::End::kDone && stop.stop_requested()) return kLongWait;
    const bool failed = last.end != Attempt::End::kDone;
    const bool again = failed && try_again(*this, pending, last);
    storage::Batch batch;
    if (again) {
      batch.put(kQueue, row->key, pending.text());
    } else {
      batch.remove(kQueue, row->key);
    }
    context.catalog.commit(std::move(batch));
    // Deviation: a dead-letter queue or an on-failure destination is stored and not yet served.
    if (failed && !again) {
      base::log_warning("lambda", "asynchronous invocation of {} failed {} times and is dropped: {}",
                        pending.function, pending.attempts, last.reason);
    }
  }
  return kLongWait;
}

}  // namespace engine::lambda
