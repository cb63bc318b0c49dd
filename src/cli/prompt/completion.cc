// What a prompt of SQL may go on with.
#include "cli/prompt/completion.h"

#include "lib/base/encoding.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace cli {
namespace {

constexpr std::string_view kWords[] = {
    "ALTER",     "AND",        "ARRAY",  "AS",     "ASC",    "BETWEEN",  "BY",        "CASE",
    "CAST",      "COLUMNS",    "COUNT",  "CREATE", "CROSS",  "DATABASE", "DATABASES", "DESC",
    "DESCRIBE",  "DISTINCT",   "DROP",   "ELSE",   "END",    "EXISTS",   "EXPLAIN",   "EXTERNAL",
    "FALSE",     "FROM",       "FULL",   "GROUP",  "HAVING", "IN",       "INNER",     "INSERT",
    "INTERSECT", "INTO",       "IS",     "JOIN",   "LEFT",   "LIKE",     "LIMIT",     "LOCATION",
    "NOT",       "NULL",       "OFFSET", "ON",     "OR",     "ORDER",    "OUTER",     "OVER",
    "PARTITION", "PARTITIONS", "RIGHT",  "SELECT", "SHOW",   "TABLE",    "TABLES",    "THEN",
    "TRUE",      "UNION",      "UNNEST", "VALUES", "WHERE",  "WITH"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

bool begins(std::string_view word, std::string_view start) {
  return word.size() >= start.size() && base::iequals(word.substr(0, start.size()), start);
}

bool is_lower(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c); });
}

}  // namespace

std::size_t Completion::word_start(std::string_view line) {
  std::size_t start = line.size();
  while (start > 0 && is_word(line[start - 1])) --start;
  return start;
}

const std::vector<CatalogTable>& Completion::tables() {
  if (!known_) {
    known_ = true;
    try {
      tables_ = load_();
    } catch (const std::exception&) {
      tables_.clear();  // the next statement will tell why
    }
  }
  return tables_;
}

std::vector<std::string> Completion::candidates(std::string_view line) {
  const std::string_view word = line.substr(word_start(line));
  const std::size_t dot = word.rfind('.');
  std::set<std::string> found;
  if (dot != std::string_view::npos) {
    const std::string_view owner = word.substr(0, dot);
    const std::string_view table_name = owner.substr(owner.rfind('.') + 1);
    const std::string_view start = word.substr(dot + 1);
    bool known = false;
    for (const CatalogTable& table : tables()) {
      if (!base::iequals(table.name, table_name)) continue;
      known = true;
      for (const CatalogColumn& column : table.columns) {
        if (begins(column.name, start)) found.insert(std::string(owner) + "." + column.name);
      }
    }
    if (!known) {  // then it is a database, for all we know
      for (const CatalogTable& table : tables()) {
        if (begins(table.name, start)) found.insert(std::string(owner) + "." + table.name);
      }
    }
    return {found.begin(), found.end()};
  }
  for (const CatalogTable& table : tables()) {
    if (begins(table.name, word)) found.insert(table.name);
    for (const CatalogColumn& column : table.columns) {
      if (begins(column.name, word)) found.insert(column.name);
    }
  }
  for (const std::string_view keyword : kWords) {
    if (word.empty() || !begins(keyword, word)) continue;
    found.insert(is_lower(word) ? base::to_lower(keyword) : std::string(keyword));
  }
  return {found.begin(), found.end()};
}

std::string common_prefix(const std::vector<std::string>& words) {
  if (words.empty()) return "";
  std::size_t size = words[0].size();
  for (const std::string& word : words) {
    size = std::min(size, word.size());
    while (!base::iequals(std::string_view(word).substr(0, size),
                          std::string_view(words[0]).substr(0, size))) {
      --size;
    }
  }
  return words[0].substr(0, size);
}

}  // namespace cli
