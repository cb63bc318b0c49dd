// Event streams: answers made of messages, each with headers, a payload and checksums of its own.
//
// A message is big-endian: its length and its headers' (4 bytes each), the CRC-32 of these 8 bytes, the
// headers, the payload, and the CRC-32 of all before. A header is a name (1 byte of length), a type and a
// value; we write and read texts: type 7, 2 bytes of length.
// Source: "Amazon Event Stream Specification", Smithy.
#pragma once

#include "engine/protocol/operation.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {

/// The bytes aren't messages, or were damaged.
struct EventStreamError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct EventMessage {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload;

  std::string_view header(std::string_view name) const;  ///< or ""
};

std::string write_event_message(const EventMessage& message);
/// All messages of `bytes`, which must be whole ones.
std::vector<EventMessage> read_event_messages(std::string_view bytes);

/// What opens the stream: the operation's output, which has no members of its own.
std::string initial_response(Protocol protocol);

/// An event of the stream: `value` is of the shape, written as `protocol` does: awsJson or its CBOR.
std::string write_event(Protocol protocol, std::string_view type, const Shape& shape, const void* value);
template <class T>
std::string write_event(Protocol protocol, std::string_view type, const T& value) {
  return write_event(protocol, type, shape_of<T>(), &value);
}

/// An error once the stream has begun; it is the last message.
std::string write_event_exception(Protocol protocol, const AwsError& error);

}  // namespace engine
