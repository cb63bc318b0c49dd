// The JSON form of a shape: read by simdjson in one pass over the text, written by appending.
#include "engine/protocol/json.h"

#include "engine/protocol/path.h"
#include "lib/base/base64.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstring>
#include <limits>

namespace engine {
namespace {

namespace od = simdjson::ondemand;
using simdjson::SIMDJSON_PADDING;

/// The most members a generated structure has; the build of the models would have to grow a lot.
constexpr std::size_t kMostMembers = 128;

[[noreturn]] void mismatch(od::value& value, std::string_view wanted) {
  std::string_view found = "VALUE";
  switch (value.type().value_unsafe()) {
    case od::json_type::string: found = "STRING_VALUE"; break;
    case od::json_type::number: found = "NUMBER_VALUE"; break;
    case od::json_type::boolean: found = "BOOLEAN_VALUE"; break;
    case od::json_type::object: found = "START_OBJECT"; break;
    case od::json_type::array: found = "START_ARRAY"; break;
    default: break;
  }
  throw JsonError(fmt::format("{} cannot be converted to {}", found, wanted));
}

/// Unwraps simdjson's result; what the text itself has wrong becomes a JsonError.
template <class T>
T need(simdjson::simdjson_result<T> result) {
  T value;
  if (const auto error = std::move(result).get(value)) throw JsonError(simdjson::error_message(error));
  return value;
}

class Reader {
 public:
  explicit Reader(Violations& violations) : violations_(violations) {}

  void structure(const Shape& shape, od::object object, void* out, const Path& path) {
    std::bitset<kMostMembers> seen;
    for (auto field : object) {
      const std::string_view key = need(field.unescaped_key());
      const Member* member = shape.find_member(key);
      if (member == nullptr) continue;
      od::value inner = need(field.value());
      if (need(inner.is_null())) continue;
      seen.set(static_cast<std::size_t>(member - shape.members.data()));
      const TimeFormat time = member->time;
      value(*member->shape, inner, member->set(out), path.member(member->name), time);
    }
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      // What travels elsewhere is checked where it is read.
      if (member.required && !seen[i] && member.location == Location::kBody) {
        violations_.add_missing(path.member(member.name).text());
      }
    }
  }

 private:
  void value(const Shape& shape, od::value& json, void* out, const Path& path, TimeFormat time) {
    switch (shape.kind) {
      case Kind::kString: {
        std::string_view text;
        if (json.get_string().get(text)) mismatch(json, "String");
        *static_cast<std::string*>(out) = text;
        return;
      }
      case Kind::kBlob: return blob(json, out);
      case Kind::kBoolean:
        if (json.get_bool().get(*static_cast<bool*>(out))) mismatch(json, "Boolean");
        return;
      case Kind::kInteger:
      case Kind::kLong: return integer(json, out);
      case Kind::kFloat:
      case Kind::kDouble:
        return number(json, *static_cast<double*>(out));
      case Kind::kTimestamp: return timestamp(json, out, time);
      case Kind::kList: return list(shape, json, out, path);
      case Kind::kMap: return map(shape, json, out, path);
      case Kind::kStructure: {
        od::object object;
        if (json.get_object().get(object)) mismatch(json, shape.name);
        return structure(shape, object, out, path);
      }
      case Kind::kStream: return;
    }
  }

  static void blob(od::value& json, void* out) {
    auto& bytes = *static_cast<Blob*>(out);
    if (plain_blob(json.raw_json_token(), bytes)) return;
    std::string_view text;
    if (json.get_string().get(text)) mismatch(json, "Blob");
    if (!decode(text, bytes)) throw JsonError("a blob is not valid base64");
  }

  /// Decodes a string without escapes from where it stands: a backslash is no letter of base64.
  static bool plain_blob(std::string_view token, Blob& out) {
    const std::size_t end = token.rfind('"');
    if (token.empty() || token.front() != '"' || end == 0) return false;
    return decode(token.substr(1, end - 1), out);
  }

  static bool decode(std::string_view text, Blob& out) {
    out.resize(base::most_base64_bytes(text.size()));
    const auto size = base::read_base64(text, out.data());
    out.resize(size.value_or(0));
    return size.has_value();
  }

  static void integer(od::value& json, void* out) {
    auto& number = *static_cast<std::int64_t*>(out);
    if (!json.get_int64().get(number)) return;
    double real = 0;
    if (json.get_double().get(real) || real != std::floor(real) || std::abs(real) > 9e15) {
      mismatch(json, "Integer");
    }
    number = static_cast<std::int64_t>(real);
  }

  /// What JSON has no number for is a text.
  static void number(od::value& json, double& out) {
    if (!json.get_double().get(out)) return;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::string_view text;
    if (json.get_string().get(text)) mismatch(json, "Double");
    if (text == "NaN") out = std::numeric_limits<double>::quiet_NaN();
    else if (text == "Infinity") out = kInfinity;
    else if (text == "-Infinity") out = -kInfinity;
    else throw JsonError("STRING_VALUE cannot be converted to Double");
  }

  static void timestamp(od::value& json, void* out, TimeFormat time) {
    auto& at = *static_cast<Timestamp*>(out);
    double seconds = 0;
    if (!json.get_double().get(seconds)) {
      if (!(std::abs(seconds) < 1e12)) throw JsonError("a timestamp is out of range");
      at = Timestamp{base::Milliseconds(static_cast<std::int64_t>(std::llround(seconds * 1000)))};
      return;
    }
    std::string_view text;
    if (json.get_string().get(text)) mismatch(json, "Timestamp");
    const auto parsed = time == TimeFormat::kHttpDate ? base::from_http_date(text) : base::from_iso8601(text);
    if (!parsed) mismatch(json, "Timestamp");
    at = *parsed;
  }

  void list(const Shape& shape, od::value& json, void* out, const Path& path) {
    od::array array;
    if (json.get_array().get(array)) mismatch(json, "List");
    std::size_t index = 0;
    for (auto element : array) {
      od::value inner = need(element);
      ++index;
      if (need(inner.is_null())) continue;
      void* slot = shape.access.list_append(out);
      value(*shape.element, inner, slot, path.element(index), shape.element->time);
    }
  }

  void map(const Shape& shape, od::value& json, void* out, const Path& path) {
    od::object object;
    if (json.get_object().get(object)) mismatch(json, "Map");
    for (auto field : object) {
      const std::string key(need(field.unescaped_key()));
      od::value inner = need(field.value());
      if (need(inner.is_null())) continue;
      value(*shape.element, inner, shape.access.map_insert(out, key), path.entry(key),
            shape.element->time);
    }
  }

  Violations& violations_;
};

class Writer {
 public:
  Writer(std::string& out, bool all_members) : out_(out), all_members_(all_members) {}

  void value(const Shape& shape, const void* value, TimeFormat time) {
    switch (shape.kind) {
      case Kind::kString: return write_json_string(*static_cast<const std::string*>(value), out_);
      case Kind::kBlob:
        out_ += '"';
        base::append_base64(*static_cast<const Blob*>(value), out_);
        out_ += '"';
        return;
      case Kind::kBoolean: out_ += *static_cast<const bool*>(value) ? "true" : "false"; return;
      case Kind::kInteger:
      case Kind::kLong:
        integer(*static_cast<const std::int64_t*>(value));
        return;
      case Kind::kFloat:
      case Kind::kDouble: return number(*static_cast<const double*>(value));
      case Kind::kTimestamp: return timestamp(*static_cast<const Timestamp*>(value), time);
      case Kind::kList: return list(shape, value);
      case Kind::kMap: return map(shape, value);
      case Kind::kStructure: return structure(shape, value);
      case Kind::kStream: out_ += "null"; return;
    }
  }

 private:
  void structure(const Shape& shape, const void* object) {
    out_ += '{';
    bool first = true;
    for (const Member& member : shape.members) {
      if (member.shape->kind == Kind::kStream) continue;
      if (!all_members_ && member.location != Location::kBody) continue;
      const void* inner = member.get(object);
      if (inner == nullptr) continue;
      if (!std::exchange(first, false)) out_ += ',';
      out_ += '"';
      out_ += member.wire_name;
      out_ += "\":";
      const TimeFormat time = member.time;
      value(*member.shape, inner, time);
    }
    out_ += '}';
  }

  void list(const Shape& shape, const void* list) {
    out_ += '[';
    const std::size_t size = shape.access.list_size(list);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      const std::size_t begin = out_.size();
      value(*shape.element, shape.access.list_at(list, i), shape.element->time);
      if (i == 0) make_room(size - 1, out_.size() - begin);
    }
    out_ += ']';
  }

  /// For the rest of a list, should its elements be like the first: a text that grows is copied
  /// again and again.
  void make_room(std::size_t elements, std::size_t bytes) {
    constexpr std::size_t kMost = 16 << 20, kLikeness = 16;
    out_.reserve(out_.size() + std::min(elements * (bytes + bytes / kLikeness + 2), kMost));
  }

  void map(const Shape& shape, const void* map) {
    out_ += '{';
    bool first = true;
    shape.access.map_each(map, [&](std::string_view key, const void* inner) {
      if (!std::exchange(first, false)) out_ += ',';
      write_json_string(key, out_);
      out_ += ':';
      value(*shape.element, inner, shape.element->time);
    });
    out_ += '}';
  }

  void integer(std::int64_t value) {
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
  }

  void number(double value) {
    if (std::isnan(value)) out_ += "\"NaN\"";
    else if (std::isinf(value)) out_ += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    else fmt::format_to(std::back_inserter(out_), "{}", value);
  }

  void timestamp(Timestamp at, TimeFormat time) {
    if (time == TimeFormat::kIso8601) return write_json_string(base::to_iso8601(at), out_);
    if (time == TimeFormat::kHttpDate) return write_json_string(base::to_http_date(at), out_);
    const auto millis = at.time_since_epoch().count();
    if (millis % 1000 == 0) {
      integer(millis / 1000);
    } else if (millis > 0) {
      integer(millis / 1000);
      const auto rest = static_cast<int>(millis % 1000);
      const char digits[] = {'.', static_cast<char>('0' + rest / 100),
                             static_cast<char>('0' + rest / 10 % 10),
                             static_cast<char>('0' + rest % 10)};
      out_.append(digits, sizeof digits);
    } else {
      fmt::format_to(std::back_inserter(out_), "{:.3f}", static_cast<double>(millis) / 1000);
    }
  }

  std::string& out_;
  bool all_members_;
};

}  // namespace

namespace {

/// A parser and the padded copy of a text it reads.
struct Workspace {
  od::parser parser;
  std::string padded;
};

void read_in(Workspace& work, const Shape& shape, std::string_view text, std::size_t readable,
             void* object, Violations& violations) {
  const char* begin = text.data();
  if (readable < text.size() + SIMDJSON_PADDING) {
    // simdjson reads past the end by its padding; the copy costs a tenth of the parse.
    readable = text.size() + SIMDJSON_PADDING;
    work.padded.resize(readable);
    std::memcpy(work.padded.data(), text.data(), text.size());
    std::memset(work.padded.data() + text.size(), 0, SIMDJSON_PADDING);
    begin = work.padded.data();
  }

  od::document document;
  if (const auto error = work.parser.iterate(begin, text.size(), readable).get(document)) {
    throw JsonError(simdjson::error_message(error));
  }
  od::object root;
  if (document.get_object().get(root)) throw JsonError("the body is not a JSON object");
  Reader(violations).structure(shape, root, object, Path());
  if (!document.current_location().error()) throw JsonError("the JSON object is followed by something else");
}

}  // namespace

void read_json(const Shape& shape, std::string_view text, void* object, Violations& violations,
               std::size_t readable) {
  // Kept from request to request, but for the few large ones: a package of a function would otherwise
  // stay in the memory of every thread that once read one.
  constexpr std::size_t kKeep = 1 << 20;
  if (text.size() > kKeep) {
    Workspace once;
    return read_in(once, shape, text, readable, object, violations);
  }
  thread_local Workspace kept;
  read_in(kept, shape, text, readable, object, violations);
}

namespace {

/// Whether none of eight characters needs an escape. A false alarm is possible, a miss isn't.
bool eight_are_plain(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  const auto any_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return (control | any_zero(word ^ kOnes * '"') | any_zero(word ^ kOnes * '\\')) == 0;
}

}  // namespace

void write_json(const Shape& shape, const void* value, std::string& out, bool all_members) {
  Writer(out, all_members).value(shape, value, shape.time);
}

void write_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.size() - i >= sizeof(std::uint64_t) && eight_are_plain(text.data() + i)) {
      i += sizeof(std::uint64_t) - 1;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    }
  }
  out.append(text, done);
  out += '"';
}

}  // namespace engine
