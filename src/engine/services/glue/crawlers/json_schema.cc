// JSON: objects one behind the other, each a record, whatever stands between them.
#include "engine/services/glue/crawlers/file_schema.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <limits>
#include <map>

namespace engine::glue {
namespace {

namespace json = boost::json;

// An object whose keys are data, not names, would make columns without end.
constexpr std::size_t kMostFields = 2'000;

FieldType type_of(const json::value& value);

FieldType struct_of(const json::object& object) {
  if (object.size() > kMostFields) return {"string"};
  FieldType type{"struct"};
  std::map<std::string, std::size_t> places;
  for (const auto& [key, value] : object) {
    const auto [place, added] = places.try_emplace(base::to_lower(key), type.fields.size());
    if (added) {
      type.fields.emplace_back(key);
      type.children.push_back(type_of(value));
    } else {
      FieldType& known = type.children[place->second];
      known = widen(known, type_of(value));
    }
  }
  return type;
}

FieldType type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return {};
    case json::kind::bool_:
      return {"boolean"};
    case json::kind::int64: {
      const std::int64_t number = value.get_int64();
      const bool small = number >= std::numeric_limits<std::int32_t>::min() &&
                         number <= std::numeric_limits<std::int32_t>::max();
      return {small ? "int" : "bigint"};
    }
    case json::kind::uint64:
    case json::kind::double_:
      return {"double"};
    case json::kind::string:
      return {"string"};
    case json::kind::array: {
      FieldType element;
      for (const json::value& item : value.get_array()) element = widen(element, type_of(item));
      return {"array", {element}};
    }
    case json::kind::object:
      return struct_of(value.get_object());
  }
  return {"string"};
}

// The columns, by their names in lower case.
class Columns {
 public:
  void add(std::string_view name, const FieldType& type) {
    std::string lower = base::to_lower(name);
    const auto [place, added] = places_.try_emplace(lower, fields_.size());
    if (added) {
      if (fields_.size() >= kMostFields) {
        throw Unclassified(fmt::format("its objects have more than {} keys", kMostFields));
      }
      fields_.push_back({std::move(lower), type});
    } else {
      FieldType& known = fields_[place->second].type;
      if (known != type) known = widen(known, type);
    }
  }
  std::vector<Field> take() { return std::move(fields_); }

 private:
  std::vector<Field> fields_;
  std::map<std::string, std::size_t> places_;
};

void add_record(const json::value& record, Columns& columns) {
  if (record.is_object()) {
    for (const auto& [key, value] : record.get_object()) columns.add(key, type_of(value));
  } else {
    columns.add("array", type_of(record));  // so does Glue
  }
}

std::size_t next_value(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\r\n,", at);
  return at == std::string_view::npos ? text.size() : at;
}

}  // namespace

std::optional<FileSchema> json_schema(const Sample& sample, std::uint64_t size) {
  std::string_view text = sample.bytes;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    return std::nullopt;
  }
  Columns columns;
  std::size_t records = 0, end = first;
  std::array<unsigned char, 4096> scratch, first_block;
  std::optional<json::monotonic_resource> memory;  // of one record at a time
  json::stream_parser parser(json::storage_ptr{}, {}, scratch.data(), scratch.size());
  for (std::size_t at = first; at < text.size(); at = next_value(text, at)) {
    memory.emplace(first_block.data(), first_block.size());
    parser.reset(&*memory);
    boost::system::error_code error;
    const std::size_t used = parser.write_some(text.data() + at, text.size() - at, error);
    if (error) {
      if (records == 0) return std::nullopt;  // "[INFO] …" is a log's line
      throw Unclassified(fmt::format("record {} is no JSON: {}", records + 1, error.message()));
    }
    if (!parser.done()) {
      if (sample.whole) throw Unclassified("it ends within a JSON value");
      break;
    }
    const json::value record = parser.release();
    if (!record.is_object() && !record.is_array()) return std::nullopt;
    add_record(record, columns);
    ++records;
    end = at += used;
  }
  if (records == 0) {
    throw Unclassified(fmt::format("its first JSON value is larger than {} bytes", kSampleBytes));
  }
  FileSchema schema{.format = "json", .compression = sample.compression, .fields = columns.take()};
  schema.records = static_cast<double>(records);
  if (!sample.whole) {
    schema.records *= static_cast<double>(size) * sample.growth / static_cast<double>(end);
  }
  return schema;
}

}  // namespace engine::glue
