// The functions of Trino that SQL alone can't say.
#include "engine/services/athena/date_pattern.h"
#include "engine/services/athena/functions.h"
#include "lib/base/encoding.h"

#include <fmt/args.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace engine::athena {
namespace {

using duck::Cell;
using duck::Kind;
using duck::Type;
using duck::Vector;
using Cells = std::vector<Cell>;

const Type kText{.kind = Kind::kVarchar};
const Type kBigint{.kind = Kind::kBigint};
const Type kAny{.kind = Kind::kOther};
const Type kTime{.kind = Kind::kTimestamp};

[[noreturn]] void bad_argument(std::string_view why) {
  throw std::invalid_argument(fmt::format("INVALID_FUNCTION_ARGUMENT: {}", why));
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

// The pattern that a thread used last: a column is read by one.
const DatePattern& pattern_of(std::string_view format, DatePattern (*make)(std::string_view)) {
  struct Last {
    std::string format;
    DatePattern (*make)(std::string_view) = nullptr;
    DatePattern pattern;
  };
  thread_local Last last;
  if (last.make != make || last.format != format) {
    last.pattern = make(format);
    last.format = format;
    last.make = make;
  }
  return last.pattern;
}

// A number as a cast to varchar gives it: 3.77E1.
// Verified: Trino's casts of double and real follow the pattern 0.0###################E0.
template <class T>
std::string scientific(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  std::string text(buffer.data(), end.ptr);
  const std::size_t e = text.find('e');
  std::string digits = text.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return fmt::format("{}E{}", digits, std::stoi(text.substr(e + 1)));
}

std::string cast_text(const Cell& cell) {
  switch (cell.type().kind) {
    case Kind::kDouble:
      return scientific(cell.real());
    case Kind::kFloat:
      return scientific(static_cast<float>(cell.real()));
    case Kind::kBlob:
      return std::string(cell.bytes());
    default:
      return cell.text();
  }
}

std::uint64_t cardinality(const Cell& cell) { return cell.size(); }

void check_subscript(const Cell& container, const Cell& key) {
  if (container.type().kind == Kind::kMap) {
    const std::string wanted = key.text();
    for (std::uint64_t i = 0; i < container.size(); ++i) {
      if (container.key(i).text() == wanted) return;
    }
    bad_argument(fmt::format("Key not present in map: {}", wanted));
  }
  if (container.type().kind == Kind::kStruct || key.type().kind == Kind::kVarchar) return;
  const std::int64_t index = key.integer();
  if (index == 0) bad_argument("SQL array indices start at 1");
  if (index < 0) bad_argument(fmt::format("Array subscript is negative: {}", index));
  if (static_cast<std::uint64_t>(index) > container.size()) {
    bad_argument(fmt::format("Array subscript must be less than or equal to array length: {} > {}",
                             index, container.size()));
  }
}

std::string unit(const Cell& cell) {
  const std::string name = base::to_lower(cell.bytes());
  for (const std::string_view known : {"millisecond", "second", "minute", "hour", "day", "week",
                                       "month", "quarter", "year"}) {
    if (name == known) return name;
  }
  bad_argument(fmt::format("'{}' is not a valid Timestamp field", name));
}

std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::int64_t find_nth(std::string_view text, std::string_view part, std::int64_t n) {
  if (n == 0) bad_argument("'instance' must be a positive or negative number.");
  if (part.empty()) return 1;
  std::size_t at = n > 0 ? text.find(part) : text.rfind(part);
  for (std::int64_t i = 1; i < std::abs(n) && at != std::string_view::npos; ++i) {
    if (n < 0 && at == 0) return 0;
    at = n > 0 ? text.find(part, at + 1) : text.rfind(part, at - 1);
  }
  if (at == std::string_view::npos) return 0;
  return static_cast<std::int64_t>(letters(text.substr(0, at))) + 1;
}

void split_limit(const Cells& cells, Vector& result, std::uint64_t row) {
  std::string_view text = cells[0].bytes();
  const std::string_view delimiter = cells[1].bytes();
  const std::int64_t limit = cells[2].integer();
  if (limit <= 0) bad_argument("Limit must be positive");
  if (delimiter.empty()) bad_argument("The delimiter may not be the empty string");
  const std::uint64_t first = result.size();
  for (std::int64_t i = 1;; ++i) {
    const std::size_t at = i < limit ? text.find(delimiter) : std::string_view::npos;
    const std::uint64_t element = result.append();
    result.child(0).set_text(element, text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + delimiter.size());
  }
  result.set_list(row, first);
}

// Trino's path to DuckDB's: $["a b"] and $['a'] become $."a b" and $."a".
std::string json_path(std::string_view path) {
  if (path.empty() || path[0] != '$') bad_argument(fmt::format("Invalid JSON path: '{}'", path));
  std::string result;
  for (std::size_t i = 0; i < path.size();) {
    const bool quoted = path[i] == '[' && i + 1 < path.size() &&
                        (path[i + 1] == '"' || path[i + 1] == '\'');
    if (!quoted) {
      result += path[i++];
      continue;
    }
    const std::size_t end = path.find(path[i + 1], i + 2);
    if (end == std::string_view::npos || end + 1 >= path.size() || path[end + 1] != ']') {
      bad_argument(fmt::format("Invalid JSON path: '{}'", path));
    }
    result += fmt::format(".\"{}\"", path.substr(i + 2, end - i - 2));
    i = end + 2;
  }
  return result;
}

// DuckDB's name of a type as Trino writes it.
class TypeName {
 public:
  explicit TypeName(std::string_view text) : text_(text) {}
  std::string trino() {
    std::string name = one();
    while (text_.substr(at_, 2) == "[]") {
      name = fmt::format("array({})", name);
      at_ += 2;
    }
    return name;
  }

 private:
  std::string one() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("STRUCT(")) return fields();
    if (rest.starts_with("MAP(")) {
      at_ += 4;
      const std::string key = trino();
      at_ += 2;
      const std::string value = trino();
      ++at_;
      return fmt::format("map({}, {})", key, value);
    }
    if (rest.starts_with("DECIMAL(")) {
      const std::size_t end = rest.find(')') + 1;
      at_ += end;
      return base::to_lower(rest.substr(0, end));
    }
    std::size_t end = at_;
    while (end < text_.size() && std::string_view(",)[").find(text_[end]) == std::string_view::npos)
      ++end;
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    static const std::vector<std::pair<std::string_view, std::string_view>> names = {
        {"FLOAT", "real"},         {"HUGEINT", "bigint"},
        {"UBIGINT", "bigint"},     {"BLOB", "varbinary"},
        {"\"NULL\"", "unknown"},   {"TIMESTAMP", "timestamp(3)"},
        {"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"},
        {"INTERVAL", "interval day to second"}};
    for (const auto& [duck, trino] : names) {
      if (word == duck) return std::string(trino);
    }
    return base::to_lower(word);
  }

  std::string fields() {
    at_ += 7;
    std::string list;
    while (at_ < text_.size() && text_[at_] != ')') {
      std::string name;
      if (text_[at_] == '"' && text_.substr(at_, 6) != "\"NULL\"") {
        const std::size_t end = text_.find('"', at_ + 1);
        name = text_.substr(at_, end + 1 - at_);
        at_ = end + 2;
      } else {
        // A field without a name begins with its type.
        const std::size_t space = text_.find_first_of(" ,()", at_);
        if (space != std::string_view::npos && text_[space] == ' ' &&
            text_.substr(at_, 14) != "TIMESTAMP WITH") {
          name = text_.substr(at_, space - at_);
          at_ = space + 1;
        }
      }
      const std::string type = trino();
      list += (list.empty() ? "" : ", ") + (name.empty() ? type : name + " " + type);
      if (text_.substr(at_, 2) == ", ") at_ += 2;
    }
    ++at_;
    return fmt::format("row({})", list);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::int64_t parse_base(std::string_view text, std::int64_t radix) {
  if (radix < 2 || radix > 36) bad_argument("Radix must be between 2 and 36");
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value,
                                   static_cast<int>(radix));
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    bad_argument(fmt::format("Not a valid base-{} number: {}", radix, text));
  }
  return value;
}

std::string iso8601(const Cell& cell) {
  std::string text = cell.text();
  if (cell.type().kind == Kind::kDate) return text;
  text.resize(std::min(text.find(" UTC"), text.size()));
  if (const std::size_t space = text.find(' '); space != std::string::npos) text[space] = 'T';
  return text + (cell.type().kind == Kind::kTimestampTz ? "Z" : "");
}

std::string grouped(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  std::size_t point = std::min(digits.find('.'), digits.size());
  while (point > first + 3) {
    point -= 3;
    digits.insert(point, ",");
  }
  return digits;
}

// One conversion of Java's Formatter: %[index$][flags][width][.precision]letter.
class JavaFormat {
 public:
  JavaFormat(std::string_view format, const Cell& row) : format_(format), row_(row) {}

  std::string print() {
    std::string text;
    while (at_ < format_.size()) {
      if (format_[at_] != '%') {
        text += format_[at_++];
      } else {
        ++at_;
        text += conversion();
      }
    }
    return text;
  }

 private:
  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }
  int number() {
    int value = 0;
    while (peek() >= '0' && peek() <= '9') value = value * 10 + (format_[at_++] - '0');
    return value;
  }

  std::string conversion() {
    std::size_t index = 0;
    const std::size_t start = at_;
    if (const int n = number(); n > 0 && peek() == '$') {
      index = static_cast<std::size_t>(n);
      ++at_;
    } else {
      at_ = start;
    }
    std::string flags;
    while (std::string_view("-+ 0,(#").find(peek()) != std::string_view::npos && peek()) {
      flags += format_[at_++];
    }
    const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
    const int width = number();
    int precision = -1;
    if (peek() == '.') {
      ++at_;
      precision = number();
    }
    const char letter = peek();
    ++at_;
    if (letter == '%') return "%";
    if (letter == 'n') return "\n";
    if (index == 0) index = ++next_;
    if (index > row_.size()) {
      bad_argument(fmt::format("Invalid format string: {} (Format specifier '%{}')", format_, letter));
    }
    const Cell cell = row_.field(index - 1);
    std::string text = cell.is_null() ? "null" : value(cell, letter, precision, has(','));
    if (has('+') && !text.starts_with('-') && (letter == 'd' || letter == 'f')) text.insert(0, "+");
    const auto missing = static_cast<std::size_t>(width) > letters(text)
                             ? static_cast<std::size_t>(width) - letters(text)
                             : 0;
    if (has('-')) return text + std::string(missing, ' ');
    if (!has('0')) return std::string(missing, ' ') + text;
    return text.insert(text.starts_with('-') || text.starts_with('+') ? 1 : 0, missing, '0');
  }

  std::string value(const Cell& cell, char letter, int precision, bool groups) {
    switch (letter) {
      case 'd':
        return groups ? grouped(cell.text()) : cell.text();
      case 'x':
        return fmt::format("{:x}", cell.integer());
      case 'X':
        return fmt::format("{:X}", cell.integer());
      case 'o':
        return fmt::format("{:o}", cell.integer());
      case 'e':
        return fmt::format("{:.{}e}", cell.real(), precision < 0 ? 6 : precision);
      case 'f': {
        std::string text = fmt::format("{:.{}f}", cell.real(), precision < 0 ? 6 : precision);
        return groups ? grouped(text) : text;
      }
      case 't': {
        const char part = peek();
        ++at_;
        const char* const pattern = part == 'A'   ? "EEEE"
                                    : part == 'B' ? "MMMM"
                                    : part == 'Y' ? "yyyy"
                                    : part == 'e' ? "d"
                                    : part == 'd' ? "dd"
                                    : part == 'm' ? "MM"
                                    : part == 'H' ? "HH"
                                    : part == 'M' ? "mm"
                                    : part == 'S' ? "ss"
                                    : part == 'F' ? "yyyy-MM-dd"
                                                  : nullptr;
        if (!pattern) bad_argument(fmt::format("Invalid format string: {}", format_));
        const std::int64_t factor = cell.type().kind == Kind::kDate ? 86'400'000'000 : 1;
        return DatePattern::joda(pattern).print(cell.integer() * factor);
      }
      case 'S':
      case 's':
      case 'b': {
        std::string text = cell.text();
        if (precision >= 0) text.resize(std::min<std::size_t>(text.size(), precision));
        return letter == 'S' ? upper(text) : text;
      }
      default:
        bad_argument(fmt::format("Invalid format string: {} (Unknown conversion '{}')", format_, letter));
    }
  }

  std::string_view format_;
  const Cell& row_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

std::string format_number(double value) {
  static constexpr std::string_view kUnits[] = {"", "K", "M", "B", "T", "Q"};
  std::size_t unit = 0;
  for (; std::abs(value) >= 1000 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  const double size = std::abs(value);
  const int places = size < 10 ? 2 : size < 100 ? 1 : 0;
  std::string text = fmt::format("{:.{}f}", value, places);
  if (text.find('.') != std::string::npos) {
    text.resize(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + std::string(kUnits[unit]);
}

std::string readable_seconds(double value) {
  auto seconds = static_cast<std::int64_t>(std::llround(std::abs(value)));
  if (seconds == 0) return "0 seconds";
  std::string text;
  constexpr std::pair<std::int64_t, std::string_view> kUnits[] = {
      {604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const auto& [size, name] : kUnits) {
    const std::int64_t count = seconds / size;
    seconds %= size;
    if (count > 0) {
      text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, name, count == 1 ? "" : "s");
    }
  }
  return text;
}

std::string soundex(std::string_view word) {
  constexpr std::string_view kCodes = "01230120022455012623010202";  // of A to Z
  std::string code;
  char last = '0';
  for (char c : upper(word)) {
    if (c < 'A' || c > 'Z') continue;
    const char digit = kCodes[static_cast<std::size_t>(c - 'A')];
    if (code.empty()) {
      code += c;
    } else if (digit != '0' && digit != last) {
      code += digit;
    }
    if (c != 'H' && c != 'W') last = digit;
    if (code.size() == 4) break;
  }
  code.resize(code.empty() ? 0 : 4, '0');
  return code;
}

template <class F>
duck::ScalarFunction text_function(std::string name, std::vector<Type> parameters, F make) {
  return {.name = std::move(name),
          .parameters = std::move(parameters),
          .result = kText,
          .call = [make](const Cells& cells, Vector& result, std::uint64_t row) {
            result.set_text(row, make(cells));
          }};
}

template <class F>
duck::ScalarFunction number_function(std::string name, std::vector<Type> parameters, F make) {
  return {.name = std::move(name),
          .parameters = std::move(parameters),
          .result = kBigint,
          .call = [make](const Cells& cells, Vector& result, std::uint64_t row) {
            result.set(row, static_cast<std::int64_t>(make(cells)));
          }};
}

}  // namespace

const std::vector<duck::ScalarFunction>& scalar_functions() {
  const Type real{.kind = Kind::kDouble};
  static const std::vector<duck::ScalarFunction> own = {
      text_function("h_text", {kAny}, [](const Cells& c) { return cast_text(c[0]); }),
      // DuckDB's error() may not stand in a TRY.
      text_function("h_fail", {kText},
                    [](const Cells& c) -> std::string {
                      throw std::invalid_argument(std::string(c[0].bytes()));
                    }),
      text_function("h_unit", {kText}, [](const Cells& c) { return unit(c[0]); }),
      text_function("h_json_path", {kText}, [](const Cells& c) { return json_path(c[0].bytes()); }),
      text_function("h_type_name", {kText},
                    [](const Cells& c) { return TypeName(c[0].bytes()).trino(); }),
      text_function("h_format_row", {kText, kAny},
                    [](const Cells& c) { return JavaFormat(c[0].bytes(), c[1]).print(); }),
      text_function("h_mysql_text", {kTime, kText},
                    [](const Cells& c) {
                      return pattern_of(c[1].bytes(), DatePattern::mysql).print(c[0].integer());
                    }),
      text_function("h_joda_text", {kTime, kText},
                    [](const Cells& c) {
                      return pattern_of(c[1].bytes(), DatePattern::joda).print(c[0].integer());
                    }),
      text_function("t_to_iso8601", {kAny}, [](const Cells& c) { return iso8601(c[0]); }),
      text_function("t_format_number", {real},
                    [](const Cells& c) { return format_number(c[0].real()); }),
      text_function("t_human_readable_seconds", {real},
                    [](const Cells& c) { return readable_seconds(c[0].real()); }),
      text_function("t_soundex", {kText}, [](const Cells& c) { return soundex(c[0].bytes()); }),
      number_function("t_cardinality", {kAny}, [](const Cells& c) { return cardinality(c[0]); }),
      number_function("h_find_nth", {kText, kText, kBigint},
                      [](const Cells& c) {
                        return find_nth(c[0].bytes(), c[1].bytes(), c[2].integer());
                      }),
      number_function("h_parse_base", {kText, kBigint},
                      [](const Cells& c) { return parse_base(c[0].bytes(), c[1].integer()); }),
      {.name = "h_check_subscript",
       .parameters = {kAny, kAny},
       .result = {.kind = Kind::kBoolean},
       .call =
           [](const Cells& c, Vector& result, std::uint64_t row) {
             check_subscript(c[0], c[1]);
             result.set(row, true);
           }},
      {.name = "h_split_limit",
       .parameters = {kText, kText, kBigint},
       .result = {.kind = Kind::kList, .children = {kText}},
       .call = split_limit},
      {.name = "t_date_parse",
       .parameters = {kText, kText},
       .result = kTime,
       .call =
           [](const Cells& c, Vector& result, std::uint64_t row) {
             result.set(row, pattern_of(c[1].bytes(), DatePattern::mysql).parse(c[0].bytes()));
           }},
      {.name = "h_joda_time",
       .parameters = {kText, kText},
       .result = {.kind = Kind::kTimestampTz},
       .call =
           [](const Cells& c, Vector& result, std::uint64_t row) {
             result.set(row, pattern_of(c[1].bytes(), DatePattern::joda).parse(c[0].bytes()));
           }},
  };
  static const std::vector<duck::ScalarFunction> all = [] {
    auto both = own;
    for (duck::ScalarFunction& function : digest_functions()) both.push_back(std::move(function));
    return both;
  }();
  return all;
}

}  // namespace engine::athena
