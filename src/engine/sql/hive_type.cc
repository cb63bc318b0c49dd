// Grammar: type := name [ '(' number { ',' number } ')' ] | array '<' type '>' | map '<' type ','
// type '>'
//                | struct '<' name ':' type { ',' name ':' type } '>'
#include "engine/sql/hive_type.h"

#include "lib/base/encoding.h"
#include "lib/duckdb/value.h"

#include <fmt/format.h>

#include <map>

namespace engine::sql {
namespace {

constexpr int kMaxDepth = 32;

class Parser {
 public:
  explicit Parser(std::string text) : text_(std::move(text)) {}

  std::optional<HiveType> whole() {
    auto parsed = type(0);
    skip_spaces();
    if (!parsed || at_ != text_.size()) return std::nullopt;
    return parsed;
  }

 private:
  std::optional<HiveType> type(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    const std::string word = name();
    if (word == "array") return children(HiveKind::kArray, 1, depth);
    if (word == "map") return children(HiveKind::kMap, 2, depth);
    if (word == "struct" || word == "row") return structure(depth);
    return simple(word);
  }

  std::optional<HiveType> simple(const std::string& word) {
    static const std::map<std::string, HiveKind, std::less<>> kinds = {
        {"boolean", HiveKind::kBoolean},    {"tinyint", HiveKind::kTinyint},
        {"smallint", HiveKind::kSmallint},  {"int", HiveKind::kInt},
        {"integer", HiveKind::kInt},        {"bigint", HiveKind::kBigint},
        {"float", HiveKind::kFloat},        {"real", HiveKind::kFloat},
        {"double", HiveKind::kDouble},      {"decimal", HiveKind::kDecimal},
        {"string", HiveKind::kString},      {"varchar", HiveKind::kString},
        {"char", HiveKind::kString},        {"binary", HiveKind::kBinary},
        {"varbinary", HiveKind::kBinary},   {"date", HiveKind::kDate},
        {"timestamp", HiveKind::kTimestamp}};
    const auto found = kinds.find(word);
    if (found == kinds.end()) return std::nullopt;
    HiveType type{.kind = found->second};
    if (!take('(')) return type;
    const auto first = number();
    const auto second = take(',') ? number() : std::optional<int>(0);
    if (!first || !second || !take(')')) return std::nullopt;
    if (type.kind == HiveKind::kDecimal) {
      if (*first < 1 || *first > 38 || *second > *first) return std::nullopt;
      type.precision = *first;
      type.scale = *second;
    }
    return type;
  }

  std::optional<HiveType> children(HiveKind kind, int count, int depth) {
    HiveType parent{.kind = kind};
    for (int i = 0; i < count; ++i) {
      if (!take(i == 0 ? '<' : ',')) return std::nullopt;
      auto child = type(depth + 1);
      if (!child) return std::nullopt;
      parent.children.push_back(std::move(*child));
    }
    if (!take('>')) return std::nullopt;
    return parent;
  }

  std::optional<HiveType> structure(int depth) {
    HiveType parent{.kind = HiveKind::kStruct};
    if (!take('<')) return std::nullopt;
    do {
      std::string field = name();
      if (field.empty() || !take(':')) return std::nullopt;
      auto child = type(depth + 1);
      if (!child) return std::nullopt;
      parent.names.push_back(std::move(field));
      parent.children.push_back(std::move(*child));
    } while (take(','));
    if (!take('>')) return std::nullopt;
    return parent;
  }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char wanted) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  // Field names may hold anything but the grammar's own characters; backquotes around them go.
  std::string name() {
    skip_spaces();
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view("<>,:() ").find(text_[at_]) == std::string_view::npos)
      ++at_;
    std::string word = text_.substr(start, at_ - start);
    if (word.size() > 2 && word.front() == '`' && word.back() == '`')
      word = word.substr(1, word.size() - 2);
    return word;
  }
  std::optional<int> number() {
    skip_spaces();
    int value = 0;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - start < 6) {
      value = value * 10 + (text_[at_++] - '0');
    }
    if (at_ == start) return std::nullopt;
    return value;
  }

  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<HiveType> parse_hive_type(std::string_view text) {
  return Parser(base::to_lower(text)).whole();
}

std::string to_duckdb(const HiveType& type) {
  switch (type.kind) {
    case HiveKind::kBoolean:
      return "BOOLEAN";
    case HiveKind::kTinyint:
      return "TINYINT";
    case HiveKind::kSmallint:
      return "SMALLINT";
    case HiveKind::kInt:
      return "INTEGER";
    case HiveKind::kBigint:
      return "BIGINT";
    case HiveKind::kFloat:
      return "FLOAT";
    case HiveKind::kDouble:
      return "DOUBLE";
    case HiveKind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case HiveKind::kString:
      return "VARCHAR";
    case HiveKind::kBinary:
      return "BLOB";
    case HiveKind::kDate:
      return "DATE";
    case HiveKind::kTimestamp:
      return "TIMESTAMP";
    case HiveKind::kArray:
      return to_duckdb(type.children[0]) + "[]";
    case HiveKind::kMap:
      return fmt::format("MAP({}, {})", to_duckdb(type.children[0]), to_duckdb(type.children[1]));
    case HiveKind::kStruct: {
      std::string text = "STRUCT(";
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        if (i) text += ", ";
        text += duck::quote_name(type.names[i]) + ' ' + to_duckdb(type.children[i]);
      }
      return text + ')';
    }
  }
  return "VARCHAR";
}

std::string to_duckdb(std::string_view hive_type) {
  const auto parsed = parse_hive_type(hive_type);
  return parsed ? to_duckdb(*parsed) : "VARCHAR";
}

}  // namespace engine::sql
