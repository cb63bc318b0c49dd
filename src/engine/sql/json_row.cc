// Walks a parsed record and the declared type together, writing the record's canonical form.
#include "engine/sql/json_row.h"

#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace engine::sql {
namespace {

namespace json = boost::json;

// Why a value does not fit; carries the path to it outwards.
struct Misfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string excerpt(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

[[noreturn]] void misfit(const json::value& value, std::string_view path, std::string_view what) {
  throw Misfit(fmt::format("column {}: {} is not {}", path, excerpt(value), what));
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

void write_text(std::string_view text, std::string& out) {
  out += json::serialize(json::string_view(text.data(), text.size()));
}

// What a string column keeps of any value.
std::string plain_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  text = base::trim(text);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string()) return number_from<std::int64_t>(value.get_string());
  // Deviation: Hive's SerDes cut 3.7 to 3 silently; here a fraction does not fit an integer.
  if (value.is_double() && std::trunc(value.get_double()) == value.get_double() &&
      std::fabs(value.get_double()) < 9.2e18) {
    return static_cast<std::int64_t>(value.get_double());
  }
  return std::nullopt;
}

std::optional<double> real(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (value.is_string()) return number_from<double>(value.get_string());
  return std::nullopt;
}

std::optional<bool> boolean(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (!value.is_string()) return std::nullopt;
  if (base::iequals(value.get_string(), "true")) return true;
  if (base::iequals(value.get_string(), "false")) return false;
  return std::nullopt;
}

std::optional<base::Timestamp> timestamp(const json::value& value) {
  if (value.is_string()) {
    std::string text(base::trim(value.get_string()));
    if (text.size() == 10) text += "T00:00:00";
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    const bool zoned = text.size() > 19 && text.find_first_of("Z+-", 19) != std::string::npos;
    return base::from_iso8601(zoned ? text : text + "Z");
  }
  const auto number = real(value);
  if (!number || std::fabs(*number) > 2.5e14) return std::nullopt;
  // Seconds until the year 5138; what is larger is milliseconds.
  const double millis = std::fabs(*number) >= 1e11 ? *number : *number * 1000;
  return base::Timestamp{base::Milliseconds{std::llround(millis)}};
}

bool in_range(std::int64_t value, HiveKind kind) {
  const int bits = kind == HiveKind::kTinyint    ? 8
                   : kind == HiveKind::kSmallint ? 16
                   : kind == HiveKind::kInt      ? 32
                                                 : 64;
  const std::int64_t high = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
  return value <= high && value >= -high - 1;
}

class Writer {
 public:
  Writer(const JsonKeys& keys, std::string& out) : keys_(keys), out_(out) {}

  void value(const json::value& value, const HiveType& type, const std::string& path) {
    if (value.is_null()) {
      out_ += "null";
      return;
    }
    switch (type.kind) {
      case HiveKind::kArray:
        return array(value, type, path);
      case HiveKind::kMap:
        return map(value, type, path);
      case HiveKind::kStruct:
        return structure(value, type, path);
      default:
        if (!scalar(value, type)) misfit(value, path, article_name(type.kind));
    }
  }

  void structure(const json::value& value, const HiveType& type, const std::string& path) {
    const auto* object = value.if_object();
    if (!object) misfit(value, path, article_name(type.kind));
    std::vector<const json::value*> fields(type.names.size());
    for (const auto& [key, field] : *object) {
      if (const auto index = field_of(key, type, path.empty())) fields[*index] = &field;
    }
    out_ += '{';
    bool first = true;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i]) continue;
      if (!first) out_ += ',';
      first = false;
      write_text(type.names[i], out_);
      out_ += ':';
      this->value(*fields[i], type.children[i],
                  path.empty() ? type.names[i] : path + '.' + type.names[i]);
    }
    out_ += '}';
  }

 private:
  std::optional<std::size_t> field_of(std::string_view key, const HiveType& type, bool top) {
    std::string name(key);
    if (keys_.case_insensitive) name = base::to_lower(name);
    if (keys_.dots_to_underscores) std::replace(name.begin(), name.end(), '.', '_');
    for (std::size_t i = 0; i < type.names.size(); ++i) {
      if (top && !keys_.column_to_key.empty()) {
        const auto mapped = keys_.column_to_key.find(type.names[i]);
        if (mapped != keys_.column_to_key.end()) {
          if (mapped->second == key) return i;
          continue;
        }
      }
      if (type.names[i] == name) return i;
    }
    return std::nullopt;
  }

  void array(const json::value& value, const HiveType& type, const std::string& path) {
    const auto* elements = value.if_array();
    if (!elements) misfit(value, path, article_name(type.kind));
    out_ += '[';
    for (std::size_t i = 0; i < elements->size(); ++i) {
      if (i) out_ += ',';
      this->value((*elements)[i], type.children[0], fmt::format("{}[{}]", path, i));
    }
    out_ += ']';
  }

  void map(const json::value& value, const HiveType& type, const std::string& path) {
    const auto* object = value.if_object();
    if (!object) misfit(value, path, article_name(type.kind));
    out_ += '{';
    bool first = true;
    for (const auto& [key, entry] : *object) {
      if (!first) out_ += ',';
      first = false;
      std::string ignored;
      const json::value key_value(key);
      if (!Writer(keys_, ignored).scalar(key_value, type.children[0])) {
        misfit(key_value, path + " (key)", article_name(type.children[0].kind));
      }
      write_text(std::string_view(key), out_);
      out_ += ':';
      this->value(entry, type.children[1], fmt::format("{}.{}", path, std::string_view(key)));
    }
    out_ += '}';
  }

  // Writes nothing and gives false when the value does not fit.
  bool scalar(const json::value& value, const HiveType& type) {
    switch (type.kind) {
      case HiveKind::kBoolean: {
        const auto truth = boolean(value);
        if (truth) out_ += *truth ? "true" : "false";
        return truth.has_value();
      }
      case HiveKind::kTinyint:
      case HiveKind::kSmallint:
      case HiveKind::kInt:
      case HiveKind::kBigint: {
        const auto number = whole(value);
        if (!number || !in_range(*number, type.kind)) return false;
        fmt::format_to(std::back_inserter(out_), "{}", *number);
        return true;
      }
      case HiveKind::kFloat:
      case HiveKind::kDouble: {
        const auto number = real(value);
        if (number) write_real(*number);
        return number.has_value();
      }
      case HiveKind::kDecimal:
        return decimal(value, type);
      case HiveKind::kDate:
      case HiveKind::kTimestamp: {
        const auto time = timestamp(value);
        if (!time) return false;
        const bool date = type.kind == HiveKind::kDate;
        write_text(base::format_utc(*time, date ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S") +
                       (date ? "" : fmt::format(".{:03}", millis_of(*time))),
                   out_);
        return true;
      }
      case HiveKind::kBinary:
        return binary(value);
      case HiveKind::kString:
        write_text(plain_text(value), out_);
        return true;
      default:
        return false;
    }
  }

  static std::int64_t millis_of(base::Timestamp time) {
    return ((time.time_since_epoch().count() % 1000) + 1000) % 1000;
  }

  void write_real(double number) {
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(out_), "{}", number);
    } else {
      write_text(std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf", out_);
    }
  }

  bool decimal(const json::value& value, const HiveType& type) {
    const auto number = real(value);
    if (!number || !std::isfinite(*number)) return false;
    if (std::fabs(std::round(*number * std::pow(10.0, type.scale))) >=
        std::pow(10.0, type.precision)) {
      return false;
    }
    // Text keeps the digits that a double would lose.
    write_text(base::trim(plain_text(value)), out_);
    return true;
  }

  // Stays base64: whoever reads the line decodes it.
  bool binary(const json::value& value) {
    if (!value.is_string() || !base::from_base64(value.get_string())) return false;
    write_text(value.get_string(), out_);
    return true;
  }

  const JsonKeys& keys_;
  std::string& out_;
};

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
}

std::optional<std::string> JsonRow::append(std::string_view record, std::string& out) const {
  const std::size_t start = out.size();
  try {
    json::monotonic_resource memory;
    json::error_code error;
    const json::value value =
        json::parse(json::string_view(record.data(), record.size()), error, &memory);
    if (error) return fmt::format("the record is not valid JSON: {}", error.message());
    if (!value.is_object()) return "the record is not a JSON object";
    Writer(keys_, out).structure(value, row_, "");
    out += '\n';
    return std::nullopt;
  } catch (const Misfit& reason) {
    out.resize(start);
    return reason.what();
  }
}

}  // namespace engine::sql
