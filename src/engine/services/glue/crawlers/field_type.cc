// The type of a column while files are looked at.
#include "engine/services/glue/crawlers/field_type.h"

#include "lib/base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace engine::glue {
namespace {

// From narrow to wide. A float holds no int of 32 bits, but Glue has the same order.
constexpr std::array<std::string_view, 6> kNumbers = {"tinyint", "smallint", "int",
                                                      "bigint",  "float",    "double"};

int rank_of(const FieldType& type) {
  const auto found = std::find(kNumbers.begin(), kNumbers.end(), type.name);
  return found == kNumbers.end() ? -1 : static_cast<int>(found - kNumbers.begin());
}

bool is_decimal(const FieldType& type) { return type.name.starts_with("decimal("); }
bool is_number(const FieldType& type) { return rank_of(type) >= 0 || is_decimal(type); }

FieldType wider_number(const FieldType& a, const FieldType& b) {
  // Two decimals that differ, or a decimal and something else: double holds either, roughly.
  if (is_decimal(a) || is_decimal(b)) return {"double"};
  return rank_of(a) < rank_of(b) ? b : a;
}

FieldType merge_structs(const FieldType& a, const FieldType& b) {
  FieldType merged = a;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < a.fields.size(); ++i) places[base::to_lower(a.fields[i])] = i;
  for (std::size_t i = 0; i < b.fields.size(); ++i) {
    const auto [place, added] = places.try_emplace(base::to_lower(b.fields[i]), merged.fields.size());
    if (added) {
      merged.fields.push_back(b.fields[i]);
      merged.children.push_back(b.children[i]);
    } else {
      merged.children[place->second] = widen(merged.children[place->second], b.children[i]);
    }
  }
  return merged;
}

bool is_nameable(std::string_view field) {
  return !field.empty() && field.find_first_of(":,<>`\n\r\t") == std::string_view::npos;
}

}  // namespace

FieldType widen(const FieldType& a, const FieldType& b) {
  if (a.name.empty() || a == b) return b;
  if (b.name.empty()) return a;
  if (is_number(a) && is_number(b)) return wider_number(a, b);
  if (a.name != b.name) {
    const bool times = (a.name == "date" && b.name == "timestamp") ||
                       (a.name == "timestamp" && b.name == "date");
    return {times ? "timestamp" : "string"};
  }
  if (a.name == "struct") return merge_structs(a, b);
  FieldType merged{a.name};  // an array or a map
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    merged.children.push_back(widen(a.children[i], b.children[i]));
  }
  return merged;
}

bool is_alike(const FieldType& a, const FieldType& b) {
  return a.name.empty() || b.name.empty() || a.name == b.name || (is_number(a) && is_number(b));
}

std::string to_hive(const FieldType& type) {
  if (type.name.empty()) return "string";
  if (type.name == "array") return "array<" + to_hive(type.children[0]) + ">";
  if (type.name == "map") {
    return "map<" + to_hive(type.children[0]) + "," + to_hive(type.children[1]) + ">";
  }
  if (type.name != "struct") return type.name;
  if (type.fields.empty() || !std::all_of(type.fields.begin(), type.fields.end(), is_nameable)) {
    return "string";
  }
  std::string text = "struct<";
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    text += (i ? "," : "") + type.fields[i] + ":" + to_hive(type.children[i]);
  }
  return text + ">";
}

FieldType type_of_text(std::string_view text) {
  if (text.empty()) return {};
  if (base::iequals(text, "true") || base::iequals(text, "false")) return {"boolean"};
  if (text.front() == '+') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(text.data(), end, integer); read.ptr == end) {
    return {read.ec == std::errc() ? "bigint" : "string"};  // a number of 30 digits is a name
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  // "inf" and "nan" are words.
  if (read.ec == std::errc() && read.ptr == end && std::isfinite(real)) return {"double"};
  return {"string"};
}

std::vector<Field> merge_by_name(std::vector<Field> a, const std::vector<Field>& b) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < a.size(); ++i) places[a[i].name] = i;
  for (const Field& field : b) {
    const auto [place, added] = places.try_emplace(field.name, a.size());
    if (added) {
      a.push_back(field);
    } else {
      a[place->second].type = widen(a[place->second].type, field.type);
    }
  }
  return a;
}

std::vector<Field> merge_by_place(std::vector<Field> a, const std::vector<Field>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i < a.size()) {
      a[i].type = widen(a[i].type, b[i].type);
    } else {
      a.push_back(b[i]);
    }
  }
  return a;
}

}  // namespace engine::glue
