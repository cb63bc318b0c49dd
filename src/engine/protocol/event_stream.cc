// Event streams' messages.
#include "engine/protocol/event_stream.h"

#include "engine/protocol/cbor.h"
#include "engine/protocol/json.h"
#include "lib/base/digest.h"

namespace engine {
namespace {

constexpr std::size_t kPrelude = 12, kChecksum = 4;
constexpr char kTextType = 7;

void put_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint32_t take_number(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) throw EventStreamError("a message ends early");
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(size);
  return value;
}

std::string take_text(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) throw EventStreamError("a header ends early");
  std::string text(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return text;
}

std::string write_headers(const EventMessage& message) {
  std::string out;
  for (const auto& [name, value] : message.headers) {
    if (name.size() > 0xff || value.size() > 0xffff) throw EventStreamError("a header is too long");
    put_number(out, name.size(), 1);
    out += name;
    out.push_back(kTextType);
    put_number(out, value.size(), 2);
    out += value;
  }
  return out;
}

void check(std::string_view bytes, std::string_view sum) {
  if (base::crc32(bytes) != take_number(sum, kChecksum)) throw EventStreamError("a message is damaged");
}

/// Cuts the next message off.
EventMessage take_message(std::string_view& bytes) {
  std::string_view prelude = bytes;
  const std::size_t size = take_number(prelude, 4), headers_size = take_number(prelude, 4);
  if (size > bytes.size() || size < kPrelude + kChecksum || headers_size > size - kPrelude - kChecksum) {
    throw EventStreamError("a message ends early");
  }
  check(bytes.substr(0, 8), bytes.substr(8));
  check(bytes.substr(0, size - kChecksum), bytes.substr(size - kChecksum));

  EventMessage message;
  std::string_view headers = bytes.substr(kPrelude, headers_size);
  while (!headers.empty()) {
    std::string name = take_text(headers, take_number(headers, 1));
    if (take_number(headers, 1) != static_cast<unsigned char>(kTextType)) {
      throw EventStreamError("a header is no text: " + name);
    }
    std::string value = take_text(headers, take_number(headers, 2));
    message.headers.emplace_back(std::move(name), std::move(value));
  }
  message.payload = bytes.substr(kPrelude + headers_size, size - kPrelude - kChecksum - headers_size);
  bytes.remove_prefix(size);
  return message;
}

bool is_cbor(Protocol protocol) { return protocol == Protocol::kAwsCbor11; }

std::string content_type(Protocol protocol) {
  return is_cbor(protocol) ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1";
}

}  // namespace

std::string_view EventMessage::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string write_event_message(const EventMessage& message) {
  const std::string headers = write_headers(message);
  std::string out;
  out.reserve(kPrelude + headers.size() + message.payload.size() + kChecksum);
  put_number(out, kPrelude + headers.size() + message.payload.size() + kChecksum, 4);
  put_number(out, headers.size(), 4);
  put_number(out, base::crc32(out), 4);
  out += headers;
  out += message.payload;
  put_number(out, base::crc32(out), 4);
  return out;
}

std::vector<EventMessage> read_event_messages(std::string_view bytes) {
  std::vector<EventMessage> messages;
  while (!bytes.empty()) messages.push_back(take_message(bytes));
  return messages;
}

std::string initial_response(Protocol protocol) {
  return write_event(protocol, "initial-response", kEmptyShape, nullptr);
}

std::string write_event(Protocol protocol, std::string_view type, const Shape& shape, const void* value) {
  EventMessage message;
  message.headers = {{":message-type", "event"},
                     {":event-type", std::string(type)},
                     {":content-type", content_type(protocol)}};
  if (is_cbor(protocol)) {
    write_cbor(shape, value, message.payload, CborTime::kMilliseconds);
  } else {
    write_json(shape, value, message.payload);
  }
  return write_event_message(message);
}

std::string write_event_exception(Protocol protocol, const AwsError& error) {
  EventMessage message;
  message.headers = {{":message-type", "exception"},
                     {":exception-type", error.code},
                     {":content-type", content_type(protocol)}};
  std::string& out = message.payload;
  if (is_cbor(protocol)) {
    write_cbor_map(1, out);
    write_cbor_text("message", out);
    write_cbor_text(error.what(), out);
  } else {
    out = "{\"message\":";
    write_json_string(error.what(), out);
    out += '}';
  }
  return write_event_message(message);
}

}  // namespace engine
