// Statements in a text of SQL.
#include "cli/prompt/statements.h"

#include "lib/base/encoding.h"

#include <charconv>

namespace cli {
namespace {

// The place behind the quoted text or the comment that begins at `at`; `at` itself when neither
// does.
std::size_t skip(std::string_view text, std::size_t at) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('\'')) return behind("'", at + 1);  // '' is two quoted texts, which is fine
  if (rest.starts_with('"')) return behind("\"", at + 1);
  if (rest.starts_with('`')) return behind("`", at + 1);
  if (rest.starts_with("--")) return behind("\n", at + 2);
  if (rest.starts_with("/*")) return behind("*/", at + 2);
  return at;
}

std::size_t end_of_statement(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ';') return at;
    const std::size_t next = skip(text, at);
    at = next == at ? at + 1 : next;
  }
  return std::string_view::npos;
}

}  // namespace

void StatementSplitter::add(std::string_view line) {
  if (!text_.empty()) text_ += '\n';
  text_ += line;
}

std::optional<std::string> StatementSplitter::next() {
  for (std::size_t end; (end = end_of_statement(text_)) != std::string::npos;) {
    const std::string statement(base::trim(std::string_view(text_).substr(0, end)));
    text_.erase(0, end + 1);
    if (!statement.empty()) return statement;
  }
  return std::nullopt;
}

std::optional<std::string> StatementSplitter::rest() {
  std::string statement(base::trim(text_));
  text_.clear();
  if (statement.empty()) return std::nullopt;
  return statement;
}

bool StatementSplitter::empty() const { return base::trim(text_).empty(); }

std::string pointed_at(std::string_view message, std::string_view sql) {
  const std::size_t found = message.find("line ");
  if (found == std::string_view::npos) return "";
  const char* const end = message.data() + message.size();
  std::size_t line = 0, column = 0;
  const auto [colon, error] = std::from_chars(message.data() + found + 5, end, line);
  if (error != std::errc() || colon == end || *colon != ':') return "";
  if (std::from_chars(colon + 1, end, column).ec != std::errc()) return "";
  for (std::size_t i = 1; i < line; ++i) {
    const std::size_t next = sql.find('\n');
    if (next == std::string_view::npos) return "";
    sql.remove_prefix(next + 1);
  }
  const std::string_view text = sql.substr(0, sql.find('\n'));
  if (line == 0 || column == 0 || column > text.size() + 1) return "";
  std::string caret;
  for (const char c : text.substr(0, column - 1)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) caret += c == '\t' ? '\t' : ' ';
  }
  return "  " + std::string(text) + "\n  " + caret + "^";
}

}  // namespace cli
