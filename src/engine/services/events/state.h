// What EventBridge keeps: rules, their targets and last times, and deliveries under way.
#pragma once

#include "engine/models/events.h"
#include "engine/services/events/event.h"
#include "engine/services/events/events.h"
#include "lib/base/loop.h"

#include <atomic>
#include <mutex>
#include <set>

namespace engine::events {

/// Catalog tables. Rules are keyed by name, targets by "rule\0id", tags by "resource arn\0key".
inline constexpr std::string_view kRules = "events/rules";      ///< api::Rule
inline constexpr std::string_view kTargets = "events/targets";  ///< api::Target
inline constexpr std::string_view kTags = "events/tags";
inline constexpr std::string_view kFired = "events/fired";  ///< rule → epoch ms of its last time
inline constexpr std::string_view kDeliveries = "events/deliveries";  ///< sequence → Delivery

inline constexpr std::string_view kDefaultBus = "default";

inline std::string key_of(std::string_view first, std::string_view second) {
  std::string key(first);
  key += '\0';
  return key.append(second);
}

/// Something a target is still to be told.
struct Delivery {
  std::string rule, target_id, target_arn;
  std::string payload;                            ///< a function's
  std::map<std::string, std::string> parameters;  ///< a pipeline's
  std::int64_t made = 0, due = 0;                 ///< epoch milliseconds
  std::int64_t attempts = 0, most_retries = 0, longest_ms = 0;

  std::string text() const;
  static Delivery parse(const std::string& text);
};

struct Events::Impl {
  Impl(Context& context, Targets targets);

  std::optional<api::Rule> find_rule(std::string_view name) const;
  api::Rule rule(std::string_view name) const;  ///< or ResourceNotFoundException
  std::vector<api::Rule> rules(std::string_view prefix = {}) const;
  std::vector<api::Target> targets_of(std::string_view rule) const;

  std::string bus_arn() const { return context.arn("events", "event-bus/default"); }
  /// Throws unless the name or ARN is the default bus's; nothing given is the default bus.
  void check_bus(const std::optional<std::string>& bus) const;

  /// Adds a delivery of the event for each target of the rule that can be reached.
  void send(const api::Rule& rule, const Event& event, storage::Batch& batch);
  /// The same for every enabled rule whose pattern matches.
  void publish(const Event& event, storage::Batch& batch);
  /// Commits what send() and publish() added and has it delivered.
  void commit(storage::Batch batch);

  /// One round of the scheduler: fires what is due, delivers what is due, and answers how long
  /// there is nothing to do.
  base::Milliseconds round();
  /// Fires the scheduled rules that are due; gives the next time any of them is.
  std::optional<Timestamp> fire();
  /// Attempts the deliveries that are due; gives the next time one of them is.
  std::optional<Timestamp> deliver();
  /// Throws AccessDenied unless the rule, or the role of its target, may tell it.
  void require(const Delivery& delivery) const;
  /// True when it is done with, for good or for bad.
  bool attempt(Delivery& delivery);

  Context& context;
  Targets targets;
  std::mutex mutex;        ///< around read-modify-write of rules, targets and last times
  std::mutex round_mutex;  ///< one round at a time; taken before `mutex`
  std::set<std::string>
      told_of;  ///< targets out of reach that the log has heard of; under `log_mutex`
  std::mutex log_mutex;
  std::atomic<std::uint64_t> sequence;
  std::unique_ptr<base::Loop> loop;
};

}  // namespace engine::events
