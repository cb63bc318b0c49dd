// The CBOR form of a shape. RFC 8949.
//
// A data item is a head and what follows it. The head's first byte is the major type (3 bits) and the
// additional information (5 bits): a value below 24 itself, 24 to 27 for one, two, four or eight bytes of
// value that follow, 31 for an indefinite length, which a "break" (0xff) ends.
#include "engine/protocol/cbor.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <bit>
#include <bitset>
#include <cmath>
#include <limits>

namespace engine {
namespace {

constexpr std::size_t kMostMembers = 128;
constexpr int kDeepest = 64;
constexpr std::uint64_t kTimeTag = 1;
constexpr unsigned char kBreak = 0xff;

enum class Major : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

constexpr std::uint8_t kFalse = 20, kTrue = 21, kNull = 22, kUndefined = 23;
constexpr std::uint8_t kHalf = 25, kSingle = 26, kDouble = 27, kIndefinite = 31;

struct Head {
  Major major;
  std::uint8_t info;
  std::uint64_t value;  ///< nothing of it when the length is indefinite

  bool indefinite() const { return info == kIndefinite; }
  bool absent() const { return major == Major::kSimple && (info == kNull || info == kUndefined); }
  bool is_float() const { return major == Major::kSimple && info >= kHalf && info <= kDouble; }
};

/// RFC 8949, appendix D.
double half_to_double(std::uint64_t half) {
  const int exponent = static_cast<int>(half >> 10) & 0x1f;
  const double mantissa = static_cast<double>(half & 0x3ff);
  double value = 0;
  if (exponent == 0) value = std::ldexp(mantissa, -24);
  else if (exponent != 31) value = std::ldexp(mantissa + 1024, exponent - 25);
  else value = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  return (half & 0x8000) != 0 ? -value : value;
}

double float_of(const Head& head) {
  if (head.info == kHalf) return half_to_double(head.value);
  if (head.info == kSingle) return std::bit_cast<float>(static_cast<std::uint32_t>(head.value));
  return std::bit_cast<double>(head.value);
}

/// The bytes, and how far they have been read. Every step checks that its bytes are there.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }

  Head head() {
    const unsigned char first = byte();
    Head head{static_cast<Major>(first >> 5), static_cast<std::uint8_t>(first & 0x1f), 0};
    if (head.info < 24) {
      head.value = head.info;
    } else if (head.info <= kDouble) {
      for (int left = 1 << (head.info - 24); left > 0; --left) head.value = head.value << 8 | byte();
    } else if (!head.indefinite() || head.major < Major::kBytes || head.major == Major::kTag) {
      throw CborError("a data item begins with a reserved value");
    } else if (head.major == Major::kSimple) {
      throw CborError("a break stands where a data item should");
    }
    if (head.major == Major::kSimple && head.info == 24 && head.value < 32) {
      throw CborError("a simple value is not in its shortest form");
    }
    return head;
  }

  std::string_view take(std::uint64_t size) {
    check(size);
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  /// Takes the break when it is next.
  bool take_break() {
    if (bytes_.empty() || static_cast<unsigned char>(bytes_.front()) != kBreak) return false;
    bytes_.remove_prefix(1);
    return true;
  }

  /// A count of items of at least `size` bytes each.
  void check_count(std::uint64_t count, std::uint64_t size) const {
    if (count > bytes_.size() / size) throw CborError("a length is greater than the bytes that are left");
  }

 private:
  void check(std::uint64_t size) const {
    if (size > bytes_.size()) throw CborError("the bytes end within a data item");
  }
  unsigned char byte() {
    check(1);
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }

  std::string_view bytes_;
};

std::string_view name_of(const Head& head) {
  switch (head.major) {
    case Major::kUnsigned:
    case Major::kNegative: return "an integer";
    case Major::kBytes: return "a byte string";
    case Major::kText: return "a text string";
    case Major::kArray: return "an array";
    case Major::kMap: return "a map";
    case Major::kTag: return "a tag";
    case Major::kSimple: return head.is_float() ? "a float" : "a simple value";
  }
  return "a value";
}

[[noreturn]] void mismatch(const Head& head, std::string_view wanted) {
  throw CborError(fmt::format("{} cannot be converted to {}", name_of(head), wanted));
}

class Reader {
 public:
  Reader(Source& source, Violations& violations, CborTime time)
      : source_(source), violations_(violations), time_(time) {}

  void structure(const Shape& shape, const Head& head, void* out, const std::string& path) {
    if (head.major != Major::kMap) mismatch(head, shape.name);
    std::bitset<kMostMembers> seen;
    each(head, 2, [&] {
      const std::string key = text(source_.head());
      const Head inner = item();
      const Member* member = shape.find_member(key);
      if (member == nullptr || inner.absent()) return skip(inner);
      seen.set(static_cast<std::size_t>(member - shape.members.data()));
      value(*member->shape, inner, member->set(out), join_path(path, member->name));
    });
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      if (member.required && !seen[i]) violations_.add_missing(join_path(path, member.name));
    }
  }

  /// The head of the next item, without the tags before it: they change no value but a time's.
  Head item() {
    Head head = source_.head();
    for (int tags = 0; head.major == Major::kTag; ++tags) {
      if (tags == kDeepest) throw CborError("too many tags before a data item");
      head = source_.head();
    }
    return head;
  }

 private:
  /// What is nested in what: counts down the depth that is left while it lives.
  class Level {
   public:
    explicit Level(int& depth) : depth_(depth) {
      if (++depth_ > kDeepest) throw CborError("the data items are nested too deeply");
    }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int& depth_;
  };

  /// Calls `use` for each entry of an array or a map.
  template <class F>
  void each(const Head& head, std::uint64_t items, F&& use) {
    const Level level(depth_);
    if (head.indefinite()) {
      while (!source_.take_break()) use();
      return;
    }
    source_.check_count(head.value, items);
    for (std::uint64_t i = 0; i < head.value; ++i) use();
  }

  /// A text or byte string, whole or in pieces of the same kind.
  std::string string(const Head& head) {
    if (!head.indefinite()) return std::string(source_.take(head.value));
    std::string whole;
    while (!source_.take_break()) {
      const Head piece = source_.head();
      if (piece.major != head.major || piece.indefinite()) throw CborError("a string has a piece of another kind");
      whole += source_.take(piece.value);
    }
    return whole;
  }

  std::string text(const Head& head) {
    if (head.major != Major::kText) mismatch(head, "String");
    std::string found = string(head);
    if (!base::is_utf8(found)) throw CborError("a text string is not UTF-8");
    return found;
  }

  void skip(const Head& head) {
    switch (head.major) {
      case Major::kBytes:
      case Major::kText: string(head); return;
      case Major::kArray: return each(head, 1, [&] { skip(item()); });
      case Major::kMap:
        return each(head, 2, [&] {
          skip(item());
          skip(item());
        });
      default: return;
    }
  }

  static std::int64_t integer(const Head& head) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (head.major == Major::kUnsigned && head.value <= kMost) return static_cast<std::int64_t>(head.value);
    if (head.major == Major::kNegative && head.value <= kMost) return -1 - static_cast<std::int64_t>(head.value);
    if (!head.is_float()) mismatch(head, "Integer");
    const double real = float_of(head);
    if (real != std::floor(real) || !(std::abs(real) <= 9e15)) mismatch(head, "Integer");
    return static_cast<std::int64_t>(real);
  }

  static double number(const Head& head) {
    if (head.is_float()) return float_of(head);
    if (head.major == Major::kUnsigned) return static_cast<double>(head.value);
    if (head.major == Major::kNegative) return -1.0 - static_cast<double>(head.value);
    mismatch(head, "Double");
  }

  Timestamp timestamp(const Head& head) const {
    if (!head.is_float() && head.major > Major::kNegative) mismatch(head, "Timestamp");
    const double millis = number(head) * (time_ == CborTime::kSeconds ? 1000 : 1);
    if (!(std::abs(millis) < 1e15)) throw CborError("a timestamp is out of range");
    return Timestamp{base::Milliseconds(std::llround(millis))};
  }

  void value(const Shape& shape, const Head& head, void* out, const std::string& path) {
    switch (shape.kind) {
      case Kind::kString: *static_cast<std::string*>(out) = text(head); return;
      case Kind::kBlob:
        if (head.major != Major::kBytes) mismatch(head, "Blob");
        *static_cast<Blob*>(out) = string(head);
        return;
      case Kind::kBoolean:
        if (head.major != Major::kSimple || (head.info != kTrue && head.info != kFalse)) mismatch(head, "Boolean");
        *static_cast<bool*>(out) = head.info == kTrue;
        return;
      case Kind::kInteger:
      case Kind::kLong: *static_cast<std::int64_t*>(out) = integer(head); return;
      case Kind::kFloat:
      case Kind::kDouble: *static_cast<double*>(out) = number(head); return;
      case Kind::kTimestamp: *static_cast<Timestamp*>(out) = timestamp(head); return;
      case Kind::kList: return list(shape, head, out, path);
      case Kind::kMap: return map(shape, head, out, path);
      case Kind::kStructure: return structure(shape, head, out, path);
      case Kind::kStream: return skip(head);
    }
  }

  void list(const Shape& shape, const Head& head, void* out, const std::string& path) {
    if (head.major != Major::kArray) mismatch(head, "List");
    std::size_t index = 0;
    each(head, 1, [&] {
      const Head inner = item();
      ++index;
      if (inner.absent()) return;
      const bool deep = shape.element->kind >= Kind::kList;  // only there can something be missing inside
      value(*shape.element, inner, shape.access.list_append(out),
            deep ? fmt::format("{}.{}.member", path, index) : path);
    });
  }

  void map(const Shape& shape, const Head& head, void* out, const std::string& path) {
    if (head.major != Major::kMap) mismatch(head, "Map");
    each(head, 2, [&] {
      const std::string key = text(source_.head());
      const Head inner = item();
      if (inner.absent()) return;
      value(*shape.element, inner, shape.access.map_insert(out, key), fmt::format("{}.{}.member", path, key));
    });
  }

  Source& source_;
  Violations& violations_;
  CborTime time_;
  int depth_ = 0;
};

void write_big_endian(std::uint64_t value, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

/// The shortest head that holds the value.
void write_head(Major major, std::uint64_t value, std::string& out) {
  const auto first = static_cast<unsigned char>(static_cast<unsigned>(major) << 5);
  int bytes = 8;
  std::uint8_t info = 27;
  if (value < 24) return out.push_back(static_cast<char>(first | value));
  if (value <= 0xff) bytes = 1, info = 24;
  else if (value <= 0xffff) bytes = 2, info = 25;
  else if (value <= 0xffffffff) bytes = 4, info = 26;
  out += static_cast<char>(first | info);
  write_big_endian(value, bytes, out);
}

class Writer {
 public:
  Writer(std::string& out, CborTime time) : out_(out), time_(time) {}

  void value(const Shape& shape, const void* value) {
    switch (shape.kind) {
      case Kind::kString: return write_cbor_text(*static_cast<const std::string*>(value), out_);
      case Kind::kBlob:
        write_head(Major::kBytes, static_cast<const Blob*>(value)->size(), out_);
        out_ += *static_cast<const Blob*>(value);
        return;
      case Kind::kBoolean: return simple(*static_cast<const bool*>(value) ? kTrue : kFalse);
      case Kind::kInteger:
      case Kind::kLong: return integer(*static_cast<const std::int64_t*>(value));
      case Kind::kFloat:
      case Kind::kDouble: return number(*static_cast<const double*>(value));
      case Kind::kTimestamp: return timestamp(*static_cast<const Timestamp*>(value));
      case Kind::kList: return list(shape, value);
      case Kind::kMap: return map(shape, value);
      case Kind::kStructure: return structure(shape, value);
      case Kind::kStream: return simple(kNull);
    }
  }

 private:
  void simple(std::uint8_t which) { write_head(Major::kSimple, which, out_); }

  void integer(std::int64_t value) {
    if (value >= 0) write_head(Major::kUnsigned, static_cast<std::uint64_t>(value), out_);
    else write_head(Major::kNegative, static_cast<std::uint64_t>(-1 - value), out_);
  }

  void number(double value) {
    out_ += static_cast<char>(static_cast<unsigned>(Major::kSimple) << 5 | kDouble);
    write_big_endian(std::bit_cast<std::uint64_t>(value), 8, out_);
  }

  void timestamp(Timestamp at) {
    write_head(Major::kTag, kTimeTag, out_);
    const std::int64_t millis = at.time_since_epoch().count();
    if (time_ == CborTime::kMilliseconds) integer(millis);
    else if (millis % 1000 == 0) integer(millis / 1000);
    else number(static_cast<double>(millis) / 1000);
  }

  void structure(const Shape& shape, const void* object) {
    std::size_t present = 0;
    for (const Member& member : shape.members) present += written(member, object) ? 1 : 0;
    write_head(Major::kMap, present, out_);
    for (const Member& member : shape.members) {
      if (!written(member, object)) continue;
      write_cbor_text(member.wire_name, out_);
      value(*member.shape, member.get(object));
    }
  }

  static bool written(const Member& member, const void* object) {
    return member.shape->kind != Kind::kStream && member.get(object) != nullptr;
  }

  void list(const Shape& shape, const void* list) {
    const std::size_t size = shape.access.list_size(list);
    write_head(Major::kArray, size, out_);
    for (std::size_t i = 0; i < size; ++i) value(*shape.element, shape.access.list_at(list, i));
  }

  void map(const Shape& shape, const void* map) {
    std::size_t size = 0;
    shape.access.map_each(map, [&](std::string_view, const void*) { ++size; });
    write_head(Major::kMap, size, out_);
    shape.access.map_each(map, [&](std::string_view key, const void* inner) {
      write_cbor_text(key, out_);
      value(*shape.element, inner);
    });
  }

  std::string& out_;
  CborTime time_;
};

}  // namespace

void read_cbor(const Shape& shape, std::string_view bytes, void* object, Violations& violations, CborTime time) {
  Source source(bytes);
  Reader reader(source, violations, time);
  reader.structure(shape, reader.item(), object, {});
  if (!source.at_end()) throw CborError("the map is followed by something else");
}

void write_cbor(const Shape& shape, const void* value, std::string& out, CborTime time) {
  Writer(out, time).value(shape, value);
}

void write_cbor_text(std::string_view text, std::string& out) {
  write_head(Major::kText, text.size(), out);
  out += text;
}

void write_cbor_map(std::size_t pairs, std::string& out) { write_head(Major::kMap, pairs, out); }

}  // namespace engine
