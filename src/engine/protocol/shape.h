// The description of a wire shape that a codec can walk: what the generated structs are made of.
//
// Every AWS shape we speak becomes a plain C++ struct plus a constant Shape that tells a codec its
// members, where each stands in memory and on the wire, and its constraints. Codecs and the validator
// are written once, against Shape; they never see the structs.
#pragma once

#include "lib/base/clock.h"
#include "lib/http/message.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

using base::Timestamp;
/// Bytes that JSON carries as base64.
using Blob = std::string;

/// C++ types: kString std::string, kBlob Blob, kBoolean bool, kInteger and kLong std::int64_t, kFloat
/// and kDouble double, kTimestamp Timestamp, kList std::vector, kMap std::map<std::string, …>,
/// kStructure a generated struct, kStream http::Body. An optional member is a std::optional of these.
enum class Kind : std::uint8_t {
  kString, kBlob, kBoolean, kInteger, kLong, kFloat, kDouble, kTimestamp, kList, kMap, kStructure, kStream
};

enum class TimeFormat : std::uint8_t { kDefault, kIso8601, kEpochSeconds, kHttpDate };

/// Where a member travels. kPayload: it alone is the body.
enum class Location : std::uint8_t { kBody, kPayload, kHeader, kHeaderPrefix, kUri, kQuery, kStatus };

struct Shape;

/// One member of a structure.
struct Member {
  std::string_view name;       ///< in the model and in C++
  std::string_view wire_name;  ///< locationName, else the name
  const Shape* shape;
  std::size_t offset;          ///< in the struct
  bool required;               ///< the C++ member is then the plain type, else an optional
  Location location = Location::kBody;
  TimeFormat time = TimeFormat::kDefault;
  bool xml_attribute = false;
  bool flattened = false;      ///< restXml, query: a list without an element of its own
  bool idempotency_token = false;

  /// Address of the value in `object`, nullptr when absent.
  const void* get(const void* object) const;
  /// Makes the value present in `object` and gives its address.
  void* set(void* object) const;
};

/// How to reach into a std::optional, std::vector or std::map of a type that only the generator knew.
struct Access {
  const void* (*optional_get)(const void* optional);
  void* (*optional_set)(void* optional);
  std::size_t (*list_size)(const void* list) = nullptr;
  const void* (*list_at)(const void* list, std::size_t index) = nullptr;
  void* (*list_append)(void* list) = nullptr;
  void (*list_reserve)(void* list, std::size_t size) = nullptr;
  void (*map_each)(const void* map,
                   const std::function<void(std::string_view, const void*)>& use) = nullptr;
  void* (*map_insert)(void* map, std::string key) = nullptr;
};

struct Shape {
  Kind kind;
  std::string_view name;
  Access access;
  // Constraints.
  std::optional<std::int64_t> min = {}, max = {};  ///< length, size or value, by kind
  std::string_view pattern = {};
  std::span<const std::string_view> values = {};   ///< an enumeration's
  // Structures.
  std::span<const Member> members = {};
  // Lists and maps.
  const Shape* element = nullptr;            ///< of a list, or the values of a map
  const Shape* key = nullptr;                ///< of a map
  std::string_view element_name = {};        ///< restXml, query: "member" unless the model says else
  std::string_view key_name = {};
  bool flattened = false;
  TimeFormat time = TimeFormat::kDefault;
  bool sensitive = false;                    ///< never echoed in messages or logs

  const Member* find_member(std::string_view wire_name) const;
};

/// The Access of a C++ type.
template <class T>
constexpr Access access_of() {
  Access access{};
  access.optional_get = [](const void* p) -> const void* {
    const auto& value = *static_cast<const std::optional<T>*>(p);
    return value ? &*value : nullptr;
  };
  access.optional_set = [](void* p) -> void* {
    return &static_cast<std::optional<T>*>(p)->emplace();
  };
  return access;
}

template <class T>
constexpr Access list_access_of() {
  using List = std::vector<T>;
  Access access = access_of<List>();
  access.list_size = [](const void* p) { return static_cast<const List*>(p)->size(); };
  access.list_at = [](const void* p, std::size_t i) -> const void* {
    return &(*static_cast<const List*>(p))[i];
  };
  access.list_append = [](void* p) -> void* { return &static_cast<List*>(p)->emplace_back(); };
  access.list_reserve = [](void* p, std::size_t size) { static_cast<List*>(p)->reserve(size); };
  return access;
}

template <class T>
constexpr Access map_access_of() {
  using Map = std::map<std::string, T>;
  Access access = access_of<Map>();
  access.map_each = [](const void* p,
                       const std::function<void(std::string_view, const void*)>& use) {
    for (const auto& [key, value] : *static_cast<const Map*>(p)) use(key, &value);
  };
  access.map_insert = [](void* p, std::string key) -> void* {
    return &(*static_cast<Map*>(p))[std::move(key)];
  };
  return access;
}

/// A body that streams past the codecs, and the input or output of an operation that has none.
extern const Shape kStreamShape;
extern const Shape kEmptyShape;

/// The Shape of a generated struct; specialised by the generated code.
template <class T>
const Shape& shape_of();

}  // namespace engine
