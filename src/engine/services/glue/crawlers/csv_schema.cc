// Delimited text. What makes it that, and when its first row is a header, are the rules of Glue's
// built-in classifier.
// Source: "Built-in classifiers", AWS Glue user guide.
#include "engine/services/glue/crawlers/file_schema.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace engine::glue {
namespace {

using Row = std::vector<std::string>;

constexpr std::string_view kDelimiters = ",|\t;\x01";
constexpr std::size_t kSniffedBytes = 64 << 10, kMostColumns = 5'000, kLongestName = 150;

struct Rows {
  std::vector<Row> rows;
  std::size_t bytes = 0;  ///< of the rows
  bool is_quoted = false, escapes_quotes = false;
};

// Fields stand between delimiters; a field that begins with a quote goes on to the next single one,
// over line ends.
class Parser {
 public:
  Parser(std::string_view text, char delimiter, char quote)
      : text_(text), delimiter_(delimiter), quote_(quote) {}

  /// All rows; the last one only when `whole`, since a sample may end within it.
  Rows parse(bool whole) {
    Rows result;
    while (at_ < text_.size()) {
      Row row;
      const bool ended = read_row(row, result);
      if (!ended && !whole) break;
      if (row.size() > kMostColumns) {
        throw Unclassified(fmt::format("it has more than {} columns", kMostColumns));
      }
      if (row.size() > 1 || !row[0].empty()) result.rows.push_back(std::move(row));
      result.bytes = at_;
    }
    return result;
  }

 private:
  bool read_row(Row& row, Rows& result) {
    for (;;) {
      row.push_back(read_field(result));
      if (at_ >= text_.size()) return false;
      const char end = text_[at_++];
      if (end == delimiter_) continue;
      if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return true;
    }
  }

  std::string read_field(Rows& result) {
    std::string field;
    if (quote_ != '\0' && at_ < text_.size() && text_[at_] == quote_) {
      result.is_quoted = true;
      ++at_;
      read_quoted(field, result);
    }
    while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' &&
           text_[at_] != '\r') {
      field += text_[at_++];
    }
    return field;
  }

  void read_quoted(std::string& field, Rows& result) {
    for (; at_ < text_.size(); ++at_) {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (text_[at_] == '\\' && next == quote_) {
        result.escapes_quotes = true;
        field += text_[++at_];
      } else if (text_[at_] != quote_) {
        field += text_[at_];
      } else if (next == quote_) {
        field += text_[++at_];
      } else {
        ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  char delimiter_, quote_;
  std::size_t at_ = 0;
};

std::string_view text_of(const Sample& sample) {
  std::string_view text = sample.bytes;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

bool is_text(std::string_view text) {
  const std::string_view start = text.substr(0, kSniffedBytes);
  return start.find('\0') == std::string_view::npos;
}

// The delimiter that splits every row of the beginning into the same number of columns, of several
// the one that makes most columns. A row may leave out columns at its end, but few do.
std::optional<char> sniff(const Sample& sample) {
  const std::string_view text = text_of(sample).substr(0, kSniffedBytes);
  const bool whole = sample.whole && text.size() < kSniffedBytes;
  std::optional<char> best;
  std::size_t most = 1;
  for (const char delimiter : kDelimiters) {
    if (text.find(delimiter) == std::string_view::npos) continue;
    const auto rows = Parser(text, delimiter, '"').parse(whole).rows;
    if (rows.size() < 2) continue;
    const std::size_t columns = rows[0].size();
    const auto same = std::count_if(rows.begin(), rows.end(),
                                    [&](const Row& row) { return row.size() == columns; });
    if (columns > most && static_cast<std::size_t>(same) * 10 >= rows.size() * 9) {
      best = delimiter;
      most = columns;
    }
  }
  return best;
}

std::string trimmed(const std::string& value, bool trim) {
  return trim ? std::string(base::trim(value)) : value;
}

std::vector<FieldType> types_of(const std::vector<Row>& rows, std::size_t first, bool trim) {
  std::vector<FieldType> types;
  for (std::size_t i = first; i < rows.size(); ++i) {
    if (rows[i].size() > types.size()) types.resize(rows[i].size());
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      if (types[column].name == "string") continue;
      types[column] = widen(types[column], type_of_text(trimmed(rows[i][column], trim)));
    }
  }
  return types;
}

bool is_column_name(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

// Every name is a string, short and possible, only the last may be empty, and some column of the
// rows below is not a string.
bool is_header(const std::vector<Row>& rows) {
  const Row& header = rows[0];
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string name = trimmed(header[i], true);
    const bool last = i + 1 == header.size();
    if (last && name.empty()) continue;
    if (type_of_text(name).name != "string" || !is_column_name(name)) return false;
    if (!last && name.size() >= kLongestName) return false;
  }
  const auto types = types_of(rows, 1, true);
  return std::any_of(types.begin(), types.end(), [](const FieldType& type) {
    return !type.name.empty() && type.name != "string";
  });
}

// Names in lower case, each once; columns without one are called by their place.
std::vector<Field> fields_of(const Row& names, const std::vector<FieldType>& types) {
  std::vector<Field> fields;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < std::max(names.size(), types.size()); ++i) {
    std::string name = i < names.size() ? base::to_lower(base::trim(names[i])) : "";
    if (name.empty()) name = fmt::format("col{}", i);
    const std::string plain = name;
    for (int count = 1; !taken.insert(name).second; ++count) name = fmt::format("{}_{}", plain, count);
    fields.push_back({std::move(name), i < types.size() ? types[i] : FieldType{}});
  }
  return fields;
}

FileSchema schema_of(const Sample& sample, std::uint64_t size, const Rows& rows, char delimiter,
                     char quote, bool has_header, const Row& names, std::vector<FieldType> types) {
  FileSchema schema{.format = "csv", .compression = sample.compression};
  schema.delimiter = delimiter;
  schema.quote = quote;
  schema.has_header = has_header;
  schema.is_quoted = rows.is_quoted;
  schema.escapes_quotes = rows.escapes_quotes;
  schema.fields = fields_of(names, types);
  if (!has_header) {
    for (const std::string& value : rows.rows[0]) {
      schema.first_row.push_back(base::to_lower(base::trim(value)));
    }
  }
  schema.records = static_cast<double>(rows.rows.size() - (has_header ? 1 : 0));
  if (!sample.whole) {
    schema.records *=
        static_cast<double>(size) * sample.growth / static_cast<double>(rows.bytes);
  }
  return schema;
}

// What a custom classifier may call a column's type.
std::string type_named(std::string_view name) {
  const std::string lower = base::to_lower(name);
  if (lower == "long") return "bigint";
  if (lower == "short") return "smallint";
  if (lower == "decimal") return "decimal(38,18)";
  return lower;
}

}  // namespace

std::optional<FileSchema> csv_schema(const Sample& sample, std::uint64_t size) {
  const std::string_view text = text_of(sample);
  if (!is_text(text)) return std::nullopt;
  const auto delimiter = sniff(sample);
  if (!delimiter) return std::nullopt;
  const Rows rows = Parser(text, *delimiter, '"').parse(sample.whole);
  if (rows.rows.size() < 2) return std::nullopt;
  const bool header = is_header(rows.rows);
  return schema_of(sample, size, rows, *delimiter, '"', header, header ? rows.rows[0] : Row{},
                   types_of(rows.rows, header ? 1 : 0, true));
}

std::optional<FileSchema> csv_schema(const Sample& sample, std::uint64_t size,
                                     const api::CsvClassifier& classifier) {
  const std::string_view text = text_of(sample);
  if (!is_text(text)) return std::nullopt;
  const auto delimiter =
      classifier.Delimiter ? std::optional<char>((*classifier.Delimiter)[0]) : sniff(sample);
  if (!delimiter) return std::nullopt;
  const char quote = classifier.QuoteSymbol ? (*classifier.QuoteSymbol)[0] : '"';
  const Rows rows = Parser(text, *delimiter, quote).parse(sample.whole);
  const std::string says = classifier.ContainsHeader.value_or("UNKNOWN");
  const Row given = classifier.Header.value_or(Row{});
  if (rows.rows.empty()) return std::nullopt;
  if (rows.rows[0].size() < 2 && !classifier.AllowSingleColumn.value_or(false)) {
    return std::nullopt;
  }
  const bool header =
      says == "PRESENT" || (says == "UNKNOWN" && (is_header(rows.rows) || rows.rows[0] == given));
  const bool trim = !classifier.DisableValueTrimming.value_or(false);
  auto types = types_of(rows.rows, header ? 1 : 0, trim);
  if (classifier.CustomDatatypeConfigured.value_or(false)) {
    const auto named = classifier.CustomDatatypes.value_or(Row{});
    for (std::size_t i = 0; i < std::min(named.size(), types.size()); ++i) {
      types[i] = {type_named(named[i])};
    }
  }
  auto schema = schema_of(sample, size, rows, *delimiter, quote, header,
                          !given.empty() ? given : (header ? rows.rows[0] : Row{}), types);
  schema.serde = classifier.Serde.value_or("");
  return schema;
}

}  // namespace engine::glue
