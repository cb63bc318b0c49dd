// Walks a parsed record and the declared types together, and writes the values where DuckDB reads
// them.
#include "engine/sql/json_row.h"

#include "engine/sql/json_scalar.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <stdexcept>

namespace engine::sql {
namespace {

// That a value does not fit; where, the reader knows.
struct Misfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string excerpt(const Json& value) {
  std::string text = simdjson::minify(value);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string_view article_name(HiveKind kind) {
  switch (kind) {
    case HiveKind::kBoolean:
      return "a boolean";
    case HiveKind::kTinyint:
      return "a tinyint";
    case HiveKind::kSmallint:
      return "a smallint";
    case HiveKind::kInt:
      return "an int";
    case HiveKind::kBigint:
      return "a bigint";
    case HiveKind::kFloat:
      return "a float";
    case HiveKind::kDouble:
      return "a double";
    case HiveKind::kDecimal:
      return "a decimal of this precision";
    case HiveKind::kString:
      return "a string";
    case HiveKind::kBinary:
      return "binary (base64)";
    case HiveKind::kDate:
      return "a date";
    case HiveKind::kTimestamp:
      return "a timestamp";
    case HiveKind::kArray:
      return "an array";
    case HiveKind::kMap:
      return "a map";
    case HiveKind::kStruct:
      return "a struct";
  }
  return "of its type";
}

}  // namespace

struct JsonRow::Reader {
  explicit Reader(const JsonKeys& names) : keys(names) {}

  void value(const Json& value, const HiveType& type, duck::Vector& column, std::uint64_t row) {
    if (value.is_null()) return column.set_null(row);
    switch (type.kind) {
      case HiveKind::kArray:
        return array(value, type, column, row);
      case HiveKind::kMap:
        return map(value, type, column, row);
      case HiveKind::kStruct:
        column.set_struct(row);
        return fields(object(value, type), type,
                      [&](std::size_t i) -> duck::Vector& { return column.child(i); }, row);
      default:
        if (!scalar(value, type, column, row)) misfit(value, type);
    }
  }

  /// Each of the fields `type` names, from the object or null, into the vector of that number.
  template <class VectorOf>
  void fields(const simdjson::dom::object& object, const HiveType& type, VectorOf&& vector_of,
              std::uint64_t row) {
    if (depth == found.size()) found.emplace_back();
    std::vector<const Json*>& here = found[depth];
    std::vector<Json>& values = kept_at(depth);
    here.assign(type.names.size(), nullptr);
    values.resize(type.names.size());
    std::size_t expected = 0;
    for (const auto [key, field] : object) {
      const auto index = field_of(key, type, depth == 0, expected);
      if (!index) continue;
      values[*index] = field;
      here[*index] = &values[*index];
      expected = *index + 1;
    }
    ++depth;
    for (std::size_t i = 0; i < type.names.size(); ++i) {
      if (here[i] == nullptr) {
        vector_of(i).set_null(row);
        continue;
      }
      path.push_back({type.names[i]});
      value(*here[i], type.children[i], vector_of(i), row);
      path.pop_back();
    }
    --depth;
  }

  simdjson::dom::object object(const Json& value, const HiveType& type) {
    simdjson::dom::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) misfit(value, type);
    return object;
  }

  [[noreturn]] void misfit(const Json& value, const HiveType& type, std::string_view where = "") {
    throw Misfit(fmt::format("column {}{}: {} is not {}", path_text(), where, excerpt(value),
                             article_name(type.kind)));
  }

  std::string path_text() const {
    std::string text;
    for (const Step& step : path) {
      if (step.name.data() == nullptr) {
        text += fmt::format("[{}]", step.index);
      } else {
        text.append(text.empty() ? "" : ".").append(step.name);
      }
    }
    return text;
  }

  /// Most records have their keys in the columns' order and case: that one is tried first.
  std::optional<std::size_t> field_of(std::string_view key, const HiveType& type, bool top,
                                      std::size_t expected) {
    const bool mapped = top && !keys.column_to_key.empty();
    if (!mapped && !keys.dots_to_underscores && expected < type.names.size() &&
        type.names[expected] == key) {
      return expected;
    }
    std::string name(key);
    if (keys.case_insensitive) name = base::to_lower(name);
    if (keys.dots_to_underscores) std::replace(name.begin(), name.end(), '.', '_');
    for (std::size_t i = 0; i < type.names.size(); ++i) {
      if (mapped) {
        const auto told = keys.column_to_key.find(type.names[i]);
        if (told != keys.column_to_key.end()) {
          if (told->second == key) return i;
          continue;
        }
      }
      if (type.names[i] == name) return i;
    }
    return std::nullopt;
  }

  void array(const Json& value, const HiveType& type, duck::Vector& column, std::uint64_t row) {
    simdjson::dom::array elements;
    if (value.get_array().get(elements) != simdjson::SUCCESS) misfit(value, type);
    // An array's elements lie beside each other: those of arrays inside it are in other vectors.
    const std::uint64_t first = column.size();
    std::size_t index = 0;
    for (const Json element : elements) {
      path.push_back({{}, index++});
      const std::uint64_t place = column.append();
      this->value(element, type.children[0], column.child(0), place);
      path.pop_back();
    }
    column.set_list(row, first);
  }

  void map(const Json& value, const HiveType& type, duck::Vector& column, std::uint64_t row) {
    // Of a key that stands twice, the last counts.
    std::vector<std::pair<std::string_view, Json>> entries;
    std::map<std::string_view, std::size_t> places;
    for (const auto [key, entry] : object(value, type)) {
      const auto [place, is_new] = places.try_emplace(key, entries.size());
      if (is_new) {
        entries.emplace_back(key, entry);
      } else {
        entries[place->second].second = entry;
      }
    }
    const std::uint64_t first = column.size();
    for (const auto& [key, entry] : entries) {
      const std::uint64_t place = column.append();
      if (!map_key(key, type.children[0], column.child(0), place)) {
        throw Misfit(fmt::format("column {} (key): {} is not {}", path_text(), quoted(key),
                                 article_name(type.children[0].kind)));
      }
      path.push_back({key});
      this->value(entry, type.children[1], column.child(1), place);
      path.pop_back();
    }
    column.set_list(row, first);
  }

  static std::string quoted(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  }

  // A key is text: what it says is read as the value of that type would be.
  bool map_key(std::string_view key, const HiveType& type, duck::Vector& column,
               std::uint64_t row) {
    if (type.kind == HiveKind::kString) {
      column.set_text(row, key);
      return true;
    }
    simdjson::dom::parser key_parser;
    Json value;
    const std::string text = quoted(key);
    return key_parser.parse(text).get(value) == simdjson::SUCCESS &&
           scalar(value, type, column, row);
  }

  // False when the value does not fit.
  bool scalar(const Json& value, const HiveType& type, duck::Vector& column, std::uint64_t row) {
    switch (type.kind) {
      case HiveKind::kBoolean: {
        const auto truth = boolean(value);
        if (truth) column.set(row, *truth);
        return truth.has_value();
      }
      case HiveKind::kTinyint:
      case HiveKind::kSmallint:
      case HiveKind::kInt:
      case HiveKind::kBigint:
        return integer(value, type.kind, column, row);
      case HiveKind::kFloat:
      case HiveKind::kDouble: {
        const auto number = real(value);
        if (!number) return false;
        if (type.kind == HiveKind::kDouble) {
          column.set(row, *number);
        } else if (std::isfinite(*number) &&
                   std::fabs(*number) > std::numeric_limits<float>::max()) {
          return false;
        } else {
          column.set(row, static_cast<float>(*number));
        }
        return true;
      }
      case HiveKind::kDecimal: {
        const auto number = real(value);
        if (!number || !std::isfinite(*number)) return false;
        // The text has the digits that a double would lose.
        const auto digits =
            decimal(base::trim(plain_text(value, memory)), type.precision, type.scale);
        if (digits) column.set_decimal(row, *digits);
        return digits.has_value();
      }
      case HiveKind::kDate:
      case HiveKind::kTimestamp: {
        const auto time = timestamp(value);
        if (!time) return false;
        if (type.kind == HiveKind::kDate) {
          const auto days = std::chrono::floor<std::chrono::days>(*time).time_since_epoch();
          column.set(row, static_cast<std::int32_t>(days.count()));
        } else {
          column.set(row, static_cast<std::int64_t>(time->time_since_epoch().count() * 1000));
        }
        return true;
      }
      case HiveKind::kBinary: {
        if (!value.is_string()) return false;
        const auto bytes = base::from_base64(value.get_string().value_unsafe());
        if (bytes) column.set_text(row, *bytes);
        return bytes.has_value();
      }
      case HiveKind::kString:
        column.set_text(row, plain_text(value, memory));
        return true;
      default:
        return false;
    }
  }

  static bool integer(const Json& value, HiveKind kind, duck::Vector& column, std::uint64_t row) {
    const auto number = whole(value);
    if (!number || !in_range(*number, kind)) return false;
    switch (kind) {
      case HiveKind::kTinyint:
        column.set(row, static_cast<std::int8_t>(*number));
        break;
      case HiveKind::kSmallint:
        column.set(row, static_cast<std::int16_t>(*number));
        break;
      case HiveKind::kInt:
        column.set(row, static_cast<std::int32_t>(*number));
        break;
      default:
        column.set(row, *number);
    }
    return true;
  }

  std::vector<Json>& kept_at(std::size_t level) {
    if (level == kept.size()) kept.emplace_back();
    return kept[level];
  }

  /// The record, parsed; it lives until the next one.
  simdjson::error_code parse(std::string_view record, Json& value) {
    // simdjson reads some bytes past the end.
    padded.reserve(record.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(record);
    return parser.parse(padded.data(), padded.size(), false).get(value);
  }

  /// A step from a value to one inside it: a name, or an index where there is none.
  struct Step {
    std::string_view name;
    std::size_t index = 0;
  };

  const JsonKeys& keys;
  simdjson::dom::parser parser;
  std::string padded, memory;
  std::vector<Step> path;
  std::size_t depth = 0;
  // Of each depth, kept for their memory: a struct inside must not move those around it.
  std::deque<std::vector<const Json*>> found;
  std::deque<std::vector<Json>> kept;
};

namespace {

duck::Type to_duck(const HiveType& type) {
  const auto kind = [&] {
    switch (type.kind) {
      case HiveKind::kBoolean:
        return duck::Kind::kBoolean;
      case HiveKind::kTinyint:
        return duck::Kind::kTinyint;
      case HiveKind::kSmallint:
        return duck::Kind::kSmallint;
      case HiveKind::kInt:
        return duck::Kind::kInteger;
      case HiveKind::kBigint:
        return duck::Kind::kBigint;
      case HiveKind::kFloat:
        return duck::Kind::kFloat;
      case HiveKind::kDouble:
        return duck::Kind::kDouble;
      case HiveKind::kDecimal:
        return duck::Kind::kDecimal;
      case HiveKind::kString:
        return duck::Kind::kVarchar;
      case HiveKind::kBinary:
        return duck::Kind::kBlob;
      case HiveKind::kDate:
        return duck::Kind::kDate;
      case HiveKind::kTimestamp:
        return duck::Kind::kTimestamp;
      case HiveKind::kArray:
        return duck::Kind::kList;
      case HiveKind::kMap:
        return duck::Kind::kMap;
      case HiveKind::kStruct:
        return duck::Kind::kStruct;
    }
    return duck::Kind::kVarchar;
  }();
  duck::Type made{.kind = kind, .names = type.names};
  if (kind == duck::Kind::kDecimal) made.width = type.precision, made.scale = type.scale;
  for (const HiveType& child : type.children) made.children.push_back(to_duck(child));
  return made;
}

}  // namespace

JsonRow::JsonRow(const std::vector<Column>& columns, JsonKeys keys) : keys_(std::move(keys)) {
  row_.kind = HiveKind::kStruct;
  for (const Column& column : columns) {
    auto type = parse_hive_type(column.type);
    if (!type) {
      throw std::invalid_argument(
          fmt::format("column {} has the unknown type {}", column.name, column.type));
    }
    row_.names.push_back(keys_.case_insensitive ? base::to_lower(column.name) : column.name);
    row_.children.push_back(std::move(*type));
  }
  reader_ = std::make_unique<Reader>(keys_);
}

JsonRow::~JsonRow() = default;

std::vector<duck::ResultColumn> JsonRow::columns() const {
  std::vector<duck::ResultColumn> columns;
  for (std::size_t i = 0; i < row_.names.size(); ++i) {
    columns.push_back({base::to_lower(row_.names[i]), to_duck(row_.children[i])});
  }
  return columns;
}

std::optional<std::string> JsonRow::write(std::string_view record,
                                          std::vector<duck::Vector>& columns, std::uint64_t row) {
  Reader& reader = *reader_;
  Json value;
  simdjson::error_code error = reader.parse(record, value);
  if (error == simdjson::NUMBER_ERROR) {
    // An integer of more than 64 bits: it goes on as a real number.
    boost::json::error_code invalid;
    const auto whole = boost::json::parse({record.data(), record.size()}, invalid);
    if (!invalid) error = reader.parse(boost::json::serialize(whole), value);
  }
  if (error != simdjson::SUCCESS) {
    return fmt::format("the record is not valid JSON: {}", simdjson::error_message(error));
  }
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return "the record is not a JSON object";
  reader.path.clear();
  reader.depth = 0;
  try {
    reader.fields(
        object, row_, [&](std::size_t i) -> duck::Vector& { return columns[i]; }, row);
  } catch (const Misfit& reason) {
    return reason.what();
  }
  return std::nullopt;
}

}  // namespace engine::sql
