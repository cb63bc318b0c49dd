// The default bus: its rules in the catalog, and events on their way to targets.
#include "engine/services/events/events.h"

#include "engine/patterns/pattern.h"
#include "engine/protocol/json.h"
#include "engine/services/events/errors.h"
#include "engine/services/events/input.h"
#include "engine/services/events/state.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

namespace engine::events {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMostRetries = 185;
constexpr std::int64_t kLongestSeconds = 86'400;

std::int64_t millis(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

Events::Impl::Impl(Context& c, Targets t)
    : context(c),
      targets(std::move(t)),
      sequence(
          static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())) {
  loop = std::make_unique<base::Loop>("events", context.clock,
                                      [this](std::stop_token) { return round(); });
}

std::optional<api::Rule> Events::Impl::find_rule(std::string_view name) const {
  const auto row = context.catalog.get(kRules, name);
  if (!row) return std::nullopt;
  return from_json<api::Rule>(*row);
}

api::Rule Events::Impl::rule(std::string_view name) const {
  auto found = find_rule(name);
  if (!found) throw no_such_rule(name);
  return *found;
}

std::vector<api::Rule> Events::Impl::rules(std::string_view prefix) const {
  std::vector<api::Rule> list;
  for (const auto& row : context.catalog.scan(kRules, prefix))
    list.push_back(from_json<api::Rule>(row.value));
  return list;
}

std::vector<api::Target> Events::Impl::targets_of(std::string_view rule) const {
  std::vector<api::Target> list;
  for (const auto& row : context.catalog.scan(kTargets, key_of(rule, ""))) {
    list.push_back(from_json<api::Target>(row.value));
  }
  return list;
}

void Events::Impl::check_bus(const std::optional<std::string>& bus) const {
  // Deviation: there is the default bus only.
  if (bus && *bus != kDefaultBus && *bus != bus_arn()) throw no_such_bus(*bus);
}

void Events::Impl::send(const api::Rule& rule, const Event& event, storage::Batch& batch) {
  const std::string text = to_text(event, context);
  const std::int64_t now = millis(context.clock.now());
  const Origin origin{*rule.Arn, *rule.Name, base::to_iso8601(context.clock.now())};
  for (const api::Target& target : targets_of(*rule.Name)) {
    Delivery delivery{.rule = *rule.Name,
                      .target_id = target.Id,
                      .target_arn = target.Arn,
                      .made = now,
                      .due = now,
                      .most_retries = kMostRetries,
                      .longest_ms = kLongestSeconds * 1000};
    if (target.RetryPolicy) {
      delivery.most_retries = target.RetryPolicy->MaximumRetryAttempts.value_or(kMostRetries);
      delivery.longest_ms =
          target.RetryPolicy->MaximumEventAgeInSeconds.value_or(kLongestSeconds) * 1000;
    }
    if (target.Arn.find(":lambda:") != std::string::npos) {
      delivery.payload = input_of(target, text, origin);
    } else if (target.Arn.find(":pipeline/") != std::string::npos) {
      delivery.parameters = parameters_of(target, text);
    } else {
      // Deviation: AWS delivers to many more kinds of targets.
      std::lock_guard lock(log_mutex);
      if (told_of.insert(key_of(*rule.Name, target.Arn)).second) {
        base::log_warning("events", "rule {}: target {} is stored but can't be reached from here",
                          *rule.Name, target.Arn);
      }
      continue;
    }
    batch.put(kDeliveries, fmt::format("{:020}", sequence++), delivery.text());
  }
}

void Events::Impl::publish(const Event& event, storage::Batch& batch) {
  const auto parsed = boost::json::parse(to_text(event, context));
  for (const api::Rule& rule : rules()) {
    if (!rule.EventPattern || rule.State == "DISABLED") continue;
    if (patterns::Pattern(*rule.EventPattern).matches(parsed)) send(rule, event, batch);
  }
}

void Events::Impl::commit(storage::Batch batch) {
  if (batch.empty()) return;
  context.catalog.commit(std::move(batch));
  loop->wake();
}

Events::Events(Context& context, Targets targets)
    : impl_(std::make_unique<Impl>(context, std::move(targets))) {}
Events::~Events() = default;

void Events::put_event(std::string_view source, std::string_view detail_type,
                       std::string_view detail_json, const std::vector<std::string>& resources) {
  storage::Batch batch;
  impl_->publish({.id = impl_->context.ids.uuid(),
                  .detail_type = std::string(detail_type),
                  .source = std::string(source),
                  .time = impl_->context.clock.now(),
                  .resources = resources,
                  .detail = std::string(detail_json)},
                 batch);
  impl_->commit(std::move(batch));
}

void Events::stop() { impl_->loop->stop(); }

}  // namespace engine::events
