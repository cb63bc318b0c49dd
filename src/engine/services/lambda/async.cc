// Asynchronous invocations: a durable queue, three attempts, then a destination is told how it went.
#include "engine/protocol/json.h"
#include "engine/services/lambda/destinations.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/state.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

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

api::FunctionEventInvokeConfig settings_of(const Lambda::Impl& lambda, const std::string& function) {
  const auto reference = parse_reference(function);
  const auto row = lambda.context.catalog.get(kInvokeConfigs, key_of(reference.name, reference.qualifier));
  return row ? from_json<api::FunctionEventInvokeConfig>(*row) : api::FunctionEventInvokeConfig{};
}

/// The oldest an invocation may become. Without a setting, one that never was attempted still is, however
/// long the engine was down.
bool is_too_old(const api::FunctionEventInvokeConfig& settings, const Pending& pending, std::int64_t when) {
  const base::Milliseconds longest = settings.MaximumEventAgeInSeconds
                                         ? std::chrono::seconds(*settings.MaximumEventAgeInSeconds)
                                         : kLongestAge;
  return base::Milliseconds(when - pending.made) > longest;
}

/// How an attempt came out: well, with an error of the function's, or it could not be run; or the function
/// has been deleted.
struct Attempt {
  enum class End { kDone, kFailed, kNotRun, kGone } end = End::kNotRun;
  InvokeResult result;
  std::string reason;
};

Attempt attempt(Lambda::Impl& lambda, const Pending& pending) {
  try {
    InvokeResult result = lambda.invoke(parse_reference(pending.function), pending.payload, pending.request_id);
    const auto end = result.function_error.empty() ? Attempt::End::kDone : Attempt::End::kFailed;
    std::string reason = end == Attempt::End::kFailed ? result.payload : "";
    return {end, std::move(result), std::move(reason)};
  } catch (const AwsError& error) {
    const bool gone = error.code == "ResourceNotFoundException";
    return {gone ? Attempt::End::kGone : Attempt::End::kNotRun, {}, error.what()};
  } catch (const std::exception& error) {
    return {Attempt::End::kNotRun, {}, error.what()};
  }
}

/// Dates the next attempt; gives why there is none, as a record of it says, or "".
std::string_view try_again(const api::FunctionEventInvokeConfig& settings, std::int64_t now, Pending& pending,
                           const Attempt& last) {
  if (last.end == Attempt::End::kNotRun) {
    // Verified: throttles and errors of the service don't count; AWS tries for six hours, with waits
    // that grow from a second to five minutes.
    const base::Milliseconds age(now - pending.made);
    pending.due = now + std::clamp<base::Milliseconds>(age, 1s, kLongestWait).count();
    return is_too_old(settings, pending, now) ? "EventAgeExceeded" : "";
  }
  // Verified: AWS waits one minute before the second attempt and two before the third.
  pending.due = now + base::Milliseconds(1min * pending.attempts).count();
  if (pending.attempts > settings.MaximumRetryAttempts.value_or(kRetries)) return "RetriesExhausted";
  return is_too_old(settings, pending, pending.due) ? "EventAgeExceeded" : "";
}

/// JSON text as it is; anything else as a JSON string.
std::string as_json(const std::string& text) {
  boost::json::error_code error;
  boost::json::parse(text, error);
  if (!error) return text;
  std::string quoted;
  write_json_string(text, quoted);
  return quoted;
}

/// What a destination is told.
std::string record_of(const Lambda::Impl& lambda, const Pending& pending, std::string_view condition,
                      const Attempt& last) {
  const Reference reference = parse_reference(pending.function);
  std::string record = fmt::format(
      R"({{"version":"1.0","timestamp":"{}","requestContext":{{"requestId":"{}","functionArn":"{}:{}",)"
      R"("condition":"{}","approximateInvokeCount":{}}},"requestPayload":{})",
      base::to_iso8601_millis(lambda.context.clock.now()), pending.request_id, lambda.arn(reference.name),
      reference.qualifier, condition, pending.attempts, as_json(pending.payload));
  if (last.end == Attempt::End::kDone || last.end == Attempt::End::kFailed) {
    record += fmt::format(R"(,"responseContext":{{"statusCode":200,"executedVersion":"{}")", last.result.executed_version);
    if (!last.result.function_error.empty()) {
      record += fmt::format(R"(,"functionError":"{}")", last.result.function_error);
    }
    record += "},\"responsePayload\":" + as_json(last.result.payload);
  }
  return record += '}';
}

/// Tells the destination and commits `done`: in one transaction but for the event bus, which is told first.
void tell(Lambda::Impl& lambda, const std::string& destination, const Pending& pending, std::string_view condition,
          const Attempt& last, storage::Batch done) {
  const Reference reference = parse_reference(pending.function);
  const std::string record = record_of(lambda, pending, condition, last);
  const Timestamp now = lambda.context.clock.now();
  switch (destination_kind(destination)) {
    case DestinationKind::kNone:
      break;
    case DestinationKind::kFunction:
      try {
        lambda.configuration(parse_reference(destination));
        done.put(kQueue, lambda.next_queue_key(),
                 Pending{0, millis(now), millis(now), destination, lambda.context.ids.uuid(), record}.text());
      } catch (const AwsError& error) {
        lambda.failed_to_deliver(reference.name, destination, error.what());
      }
      break;
    case DestinationKind::kEventBus:
      lambda.put_event("lambda",
                       condition == "Success" ? "Lambda Function Invocation Result - Success"
                                              : "Lambda Function Invocation Result - Failure",
                       record, {destination, lambda.arn(reference.name) + ":" + reference.qualifier});
      break;
    case DestinationKind::kBucket: {
      const std::string key = fmt::format("aws/lambda/async/{}/{}-{}", reference.name,
                                          base::format_utc(now, "%Y/%m/%d/%Y-%m-%dT%H.%M.%S"), lambda.context.ids.uuid());
      const std::string bucket = destination.substr(destination.rfind(':') + 1);
      return lambda.deliver_to_bucket(bucket, key, record, reference.name, std::move(done));
    }
  }
  lambda.context.catalog.commit(std::move(done));
}

}  // namespace

std::string Lambda::Impl::next_queue_key() {
  std::lock_guard lock(queue_mutex);
  return fmt::format("{:020}", sequence++);
}

void Lambda::invoke_async(std::string_view function, std::string_view payload, std::string request_id) {
  const Reference reference = parse_reference(function);
  impl_->configuration(reference);  // ResourceNotFoundException at once
  const std::int64_t now = millis(impl_->context.clock.now());
  if (request_id.empty()) request_id = impl_->context.ids.uuid();
  const Pending pending{0, now, now, std::string(function), std::move(request_id), std::string(payload)};
  impl_->put(kQueue, impl_->next_queue_key(), pending.text());
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
    serve(*row, stop);
  }
  return kLongWait;
}

/// One attempt: the row stays, waits for the next one, or goes, and a destination is told.
void Lambda::Impl::serve(const storage::Catalog::Row& row, const std::stop_token& stop) {
  Pending pending = Pending::parse(row.value);
  const auto settings = settings_of(*this, pending.function);
  const std::int64_t begun = millis(context.clock.now());
  Attempt last;
  std::string_view given_up;
  if (settings.MaximumEventAgeInSeconds && is_too_old(settings, pending, begun)) {
    given_up = "EventAgeExceeded";
  } else {
    last = attempt(*this, pending);
    const bool failed = last.end == Attempt::End::kFailed || last.end == Attempt::End::kNotRun;
    // An attempt that our own end cut short is none; the row stays for the next start.
    if (failed && stop.stop_requested()) return;
    if (last.end != Attempt::End::kNotRun) ++pending.attempts;
    if (failed) given_up = try_again(settings, millis(context.clock.now()), pending, last);
    if (failed && given_up.empty()) return put(kQueue, row.key, pending.text());
  }
  storage::Batch done;
  done.remove(kQueue, row.key);
  std::string destination;
  if (const auto& config = settings.DestinationConfig; config && last.end != Attempt::End::kGone) {
    if (given_up.empty() && config->OnSuccess) destination = config->OnSuccess->Destination.value_or("");
    if (!given_up.empty() && config->OnFailure) destination = config->OnFailure->Destination.value_or("");
  }
  if (!given_up.empty()) {
    base::log_warning("lambda", "asynchronous invocation of {} is given up after {} attempts, {}: {}", pending.function,
                      pending.attempts, given_up, last.reason);
  }
  tell(*this, destination, pending, given_up.empty() ? "Success" : given_up, last, std::move(done));
  for (auto& loop : loops) loop->wake();
}

}  // namespace engine::lambda
