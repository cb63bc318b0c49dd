// Strict patterns before DuckDB's casts, which are lenient: '1_000', '0x10' and '4.7' are integers to
// them, 'yes' a boolean.
#include "engine/services/athena/text_values.h"

#include "lib/duckdb/value.h"

#include <fmt/format.h>

namespace engine::athena {
namespace {

using sql::HiveKind;
using sql::HiveType;

bool is_nested(const HiveType& type) { return !type.children.empty(); }

bool is_read_as_text(HiveKind kind) {
  return kind != HiveKind::kString && kind != HiveKind::kDate && kind != HiveKind::kTimestamp &&
         kind != HiveKind::kBinary;
}

// The type's own look; "" when the cast alone tells.
std::string pattern_of(HiveKind kind) {
  switch (kind) {
    case HiveKind::kBoolean:
      return "(?i)true|false";
    case HiveKind::kTinyint:
    case HiveKind::kSmallint:
    case HiveKind::kInt:
    case HiveKind::kBigint:
      return "[+-]?[0-9]+";
    case HiveKind::kFloat:
    case HiveKind::kDouble:
      return R"([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity)";
    case HiveKind::kDecimal:
      return R"([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)";
    case HiveKind::kDate:
      return "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}";
    default:
      return "";
  }
}

// `read`, or what a misfit gives where it is NULL and the text isn't.
std::string or_misfit(const std::string& text, const std::string& read, const std::string& type,
                      const Misfit& misfit) {
  if (misfit.sentence.empty()) return read;
  return fmt::format(
      "CASE WHEN {0} IS NULL THEN NULL ELSE coalesce({1}, CAST(h_fail({2} || {3} || {0} || {3}) AS "
      "{4})) END",
      text, read, duck::quote_text(misfit.sentence), duck::quote_text("\""), type);
}

std::string scalar(const std::string& text, const HiveType& declared, const Misfit& misfit) {
  const std::string type = sql::to_duckdb(declared);
  if (declared.kind == HiveKind::kString) return text;
  if (declared.kind == HiveKind::kBinary) return fmt::format("encode({})", text);
  const std::string pattern = pattern_of(declared.kind);
  std::string read = fmt::format("TRY_CAST({} AS {})", text, type);
  if (!pattern.empty()) {
    read = fmt::format("CASE WHEN regexp_full_match({}, {}) THEN {} END", text,
                       duck::quote_text(pattern), read);
  }
  return or_misfit(text, read, type, misfit);
}

// A level of nested text: separators from `level` on.
class NestedText {
 public:
  NestedText(const Misfit& misfit, const std::vector<std::string>& separators)
      : misfit_(misfit), separators_(separators) {}

  std::string value(const std::string& text, const HiveType& type, std::size_t level) const {
    if (!is_nested(type)) return scalar(text, type, misfit_);
    const std::string parts = fmt::format("string_split({}, {})", text, separator(level));
    std::string read;
    if (type.kind == HiveKind::kArray) {
      const std::string element = fmt::format("element_{}", level);
      read = fmt::format("list_transform({}, lambda {}: {})", parts, element,
                         value(element, type.children[0], level + 1));
    } else if (type.kind == HiveKind::kMap) {
      read = map(parts, type, level);
    } else {
      std::string fields;
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        fields += fmt::format("{}{} := {}", i ? ", " : "", duck::quote_name(type.names[i]),
                              value(fmt::format("({})[{}]", parts, i + 1), type.children[i],
                                    level + 1));
      }
      read = fmt::format("struct_pack({})", fields);
    }
    // An empty text is a list or map without elements.
    const std::string empty =
        type.kind == HiveKind::kArray ? "[]" : type.kind == HiveKind::kMap ? "MAP {}" : "NULL";
    return fmt::format("CASE WHEN {0} IS NULL THEN NULL WHEN {0} = '' THEN CAST({1} AS {2}) ELSE {3} END",
                       text, empty, sql::to_duckdb(type), read);
  }

 private:
  std::string map(const std::string& parts, const HiveType& type, std::size_t level) const {
    const std::string entry = fmt::format("entry_{}", level);
    const auto part = [&](int place) {
      return fmt::format("(string_split({}, {}))[{}]", entry, separator(level + 1), place);
    };
    return fmt::format(
        "map_from_entries(list_transform({}, lambda {}: struct_pack(k := {}, v := {})))", parts,
        entry, value(part(1), type.children[0], level + 2), value(part(2), type.children[1], level + 2));
  }

  // Hive's own ones where none was chosen: the control characters from \x02 on.
  std::string separator(std::size_t level) const {
    if (level < separators_.size()) return duck::quote_text(separators_[level]);
    return fmt::format("chr({})", level + 2);
  }

  const Misfit& misfit_;
  const std::vector<std::string>& separators_;
};

bool has_text(const HiveType& type) {
  if (!is_nested(type)) return is_read_as_text(type.kind);
  for (const HiveType& child : type.children) {
    if (has_text(child)) return true;
  }
  return false;
}

}  // namespace

std::string value_of_text(const std::string& value, const HiveType& declared, const Misfit& misfit,
                          const std::vector<std::string>& separators) {
  return NestedText(misfit, separators).value(value, declared, 0);
}

HiveType json_read_type(const HiveType& declared) {
  HiveType read = declared;
  if (!is_nested(read) && is_read_as_text(read.kind)) read = {.kind = HiveKind::kString};
  for (HiveType& child : read.children) child = json_read_type(child);
  return read;
}

std::string value_of_json(const std::string& value, const HiveType& declared,
                          const Misfit& misfit) {
  if (!has_text(declared)) return value;
  if (!is_nested(declared)) return scalar(value, declared, misfit);
  const std::string name = fmt::format("element_{}", value.size());
  if (declared.kind == HiveKind::kArray) {
    return fmt::format("list_transform({}, lambda {}: {})", value, name,
                       value_of_json(name, declared.children[0], misfit));
  }
  if (declared.kind == HiveKind::kMap) {
    return fmt::format(
        "map_from_entries(list_transform(map_entries({}), lambda {}: struct_pack(k := {}, v := "
        "{})))",
        value, name, value_of_json(name + ".key", declared.children[0], misfit),
        value_of_json(name + ".value", declared.children[1], misfit));
  }
  std::string fields;
  for (std::size_t i = 0; i < declared.children.size(); ++i) {
    const std::string field = fmt::format("({}).{}", value, duck::quote_name(declared.names[i]));
    fields += fmt::format("{}{} := {}", i ? ", " : "", duck::quote_name(declared.names[i]),
                          value_of_json(field, declared.children[i], misfit));
  }
  return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", value, fields);
}

}  // namespace engine::athena
