// The scheduler: rules that are due, and deliveries that are due.
#include "engine/protocol/error.h"
#include "engine/schedules/schedule.h"
#include "engine/services/events/state.h"
#include "lib/base/log.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::events {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto kLongestWait = base::Milliseconds(1h);
constexpr std::size_t kRows = 256;  ///< deliveries looked at in one go

std::int64_t millis(Timestamp time) { return time.time_since_epoch().count(); }

/// The wait before the next attempt: doubling from a second to five minutes.
base::Milliseconds back_off(std::int64_t attempts) {
  return std::min<base::Milliseconds>(1s * (1 << std::min<std::int64_t>(attempts - 1, 10)), 5min);
}

/// What the target says will be no better later.
bool is_final(const AwsError& error) {
  return error.status < 500 && error.status != 429 &&
         error.code.find("Throttl") == std::string::npos &&
         error.code.find("LimitExceeded") == std::string::npos;
}

void keep_earlier(std::optional<Timestamp>& earliest, std::optional<Timestamp> time) {
  if (time && (!earliest || *time < *earliest)) earliest = time;
}

}  // namespace

std::string Delivery::text() const {
  json::object map;
  for (const auto& [name, value] : parameters) map[name] = value;
  return json::serialize(json::object{{"rule", rule},
                                      {"id", target_id},
                                      {"arn", target_arn},
                                      {"payload", payload},
                                      {"parameters", std::move(map)},
                                      {"made", made},
                                      {"due", due},
                                      {"attempts", attempts},
                                      {"retries", most_retries},
                                      {"longest", longest_ms}});
}

Delivery Delivery::parse(const std::string& text) {
  const json::value row = json::parse(text);
  const auto string = [&](const char* name) { return std::string(row.at(name).as_string()); };
  const auto number = [&](const char* name) { return row.at(name).to_number<std::int64_t>(); };
  Delivery delivery{
      string("rule"), string("id"),  string("arn"),      string("payload"), {},
      number("made"), number("due"), number("attempts"), number("retries"), number("longest")};
  for (const auto& [name, value] : row.at("parameters").as_object()) {
    delivery.parameters[name] = std::string(value.as_string());
  }
  return delivery;
}

base::Milliseconds Events::Impl::round() {
  std::lock_guard lock(round_mutex);
  auto next = fire();
  keep_earlier(next, deliver());
  if (!next) return kLongestWait;
  return std::clamp(*next - context.clock.now(), base::Milliseconds(0), kLongestWait);
}

std::optional<Timestamp> Events::Impl::fire() {
  std::lock_guard lock(mutex);
  const Timestamp now = context.clock.now();
  std::optional<Timestamp> earliest;
  for (const api::Rule& rule : rules()) {
    if (!rule.ScheduleExpression || rule.State == "DISABLED") continue;
    const schedules::Schedule schedule(*rule.ScheduleExpression);
    storage::Batch batch;
    const auto row = context.catalog.get(kFired, *rule.Name);
    Timestamp last = row ? Timestamp(base::Milliseconds(std::stoll(*row))) : now;
    if (!row || last > now) {
      // The clock was set back, as by a restart without the speed it had: it counts from now on.
      last = now;
      batch.put(kFired, *rule.Name, std::to_string(millis(last)));
    }
    if (const auto due = schedule.latest(last, now)) {
      last = *due;
      send(rule, scheduled_event(context, *rule.Arn, last), batch);
      batch.put(kFired, *rule.Name, std::to_string(millis(last)));
    }
    if (!batch.empty()) context.catalog.commit(std::move(batch));
    keep_earlier(earliest, schedule.next(last));
  }
  return earliest;
}

std::optional<Timestamp> Events::Impl::deliver() {
  std::optional<Timestamp> earliest;
  std::string after;
  for (;;) {
    const auto rows = context.catalog.scan(kDeliveries, {}, after, kRows);
    for (const auto& row : rows) {
      Delivery delivery = Delivery::parse(row.value);
      const Timestamp now = context.clock.now();
      const Timestamp due{base::Milliseconds(delivery.due)};
      // Due later than any back-off makes it: the clock was set back.
      if (due > now && due <= now + 5min) {
        keep_earlier(earliest, due);
        continue;
      }
      storage::Batch batch;
      if (attempt(delivery)) {
        batch.remove(kDeliveries, row.key);
      } else {
        batch.put(kDeliveries, row.key, delivery.text());
        keep_earlier(earliest, Timestamp(base::Milliseconds(delivery.due)));
      }
      context.catalog.commit(std::move(batch));
    }
    if (rows.size() < kRows) return earliest;
    after = rows.back().key;
  }
}

/// A function lets the rule in by its own policy; a pipeline is started in the role of the target.
void Events::Impl::require(const Delivery& delivery) const {
  if (context.authority == nullptr) return;
  if (delivery.target_arn.find(":lambda:") != std::string::npos) {
    const auto rule = find_rule(delivery.rule);
    return context.authority->require_of_resource("events.amazonaws.com", rule ? rule->Arn.value_or("") : "",
                                                  "lambda:InvokeFunction", delivery.target_arn);
  }
  for (const api::Target& target : targets_of(delivery.rule)) {
    if (target.Id != delivery.target_id) continue;
    context.require({target.RoleArn.value_or(""), "events.amazonaws.com", "rule"}, "sagemaker:StartPipelineExecution",
                    delivery.target_arn);
  }
}

bool Events::Impl::attempt(Delivery& delivery) {
  std::string reason;
  bool hopeless = false;
  try {
    require(delivery);
    if (delivery.target_arn.find(":lambda:") != std::string::npos) {
      targets.invoke_async(delivery.target_arn, delivery.payload);
    } else {
      targets.start_pipeline(delivery.target_arn, delivery.parameters);
    }
    return true;
  } catch (const AwsError& error) {
    reason = error.code + ": " + error.what();
    hopeless = is_final(error);
  } catch (const std::exception& error) {
    reason = error.what();
  }
  const Timestamp now = context.clock.now();
  const Timestamp due = now + back_off(++delivery.attempts);
  delivery.due = millis(due);
  if (!hopeless && delivery.attempts <= delivery.most_retries &&
      delivery.due - delivery.made <= delivery.longest_ms) {
    return false;
  }
  // Deviation: a dead-letter queue is stored and not served.
  base::log_warning("events", "rule {}: target {} was not told after {} attempts: {}",
                    delivery.rule, delivery.target_arn, delivery.attempts, reason);
  return true;
}

}  // namespace engine::events
