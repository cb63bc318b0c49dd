// What CloudWatch Logs keeps, and the keys it keeps it under.
#pragma once

#include "engine/models/logs.h"
#include "engine/services/logs/logs.h"
#include "lib/base/loop.h"

#include <deque>
#include <map>
#include <mutex>

namespace engine::logs {

/// Catalog tables. A stream's key is "group\0stream"; an event's is "group\0stream\0<time><sequence>",
/// both numbers of fixed width, so that events lie in the order of their time.
inline constexpr std::string_view kGroups = "logs/groups";
inline constexpr std::string_view kStreams = "logs/streams";
inline constexpr std::string_view kEvents = "logs/events";
inline constexpr std::string_view kTags = "logs/tags";

std::string stream_key(std::string_view group, std::string_view stream);

/// "arn:aws:logs:us-east-1:1:log-group:NAME" with or without ":*" → NAME; a text that is no group's ARN
/// comes back as it is.
std::string group_of_arn(std::string_view arn);
/// The group an operation is asked about: its name, or its name or ARN as "identifier".
std::string group_of(const std::optional<std::string>& name, const std::optional<std::string>& identifier);

/// An event as it is stored; the value of its row is the ingestion time and the message.
struct StoredEvent {
  std::string row_key;
  std::string stream;
  std::int64_t timestamp = 0, ingestion = 0;
  std::string message;
};

struct Logs::Impl {
  explicit Impl(Context& context);
  ~Impl();

  /// Makes what append() queued durable and readable.
  void flush();

  /// Adds the rows of the events to the batch and updates the stream's row.
  void add_events(const std::string& group, const std::string& stream, std::span<const Event> events,
                  storage::Batch& batch);

  std::optional<api::LogGroup> find_group(std::string_view name) const;
  api::LogGroup group(std::string_view name) const;  ///< or ResourceNotFoundException
  std::optional<api::LogStream> find_stream(std::string_view group, std::string_view stream) const;

  /// Events of a stream with a time in [from, to), in order. `use` answers whether to go on.
  void scan_events(std::string_view group, std::string_view stream, std::int64_t from, std::int64_t to,
                   const std::string& after, const std::function<bool(StoredEvent)>& use) const;

  void make_group(const std::string& name, const api::CreateLogGroupInput& input);
  void make_stream(const std::string& group, const std::string& stream);
  void delete_group(const std::string& name);
  void delete_stream(const std::string& group, const std::string& stream);
  void drop_expired();

  struct Queued {
    std::string group, stream;
    std::vector<Event> events;
  };

  Context& context;
  std::mutex mutex;        ///< around read-modify-write of groups and streams
  std::mutex queue_mutex;
  std::deque<Queued> queue;
  std::uint64_t sequence;  ///< grows for ever: it starts at the time of opening in nanoseconds
  std::unique_ptr<base::Loop> flusher, retention;
};

}  // namespace engine::logs
