// A tokenizer for Trino's and Hive's SQL.
#include "engine/services/athena/sql_text.h"

#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::athena {
namespace {

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) || c == '$';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> all() {
    std::vector<Token> tokens;
    while (skip_blanks(), at_ < sql_.size()) tokens.push_back(next());
    tokens.push_back({.begin = sql_.size(), .end = sql_.size()});
    return tokens;
  }

 private:
  void skip_blanks() {
    while (at_ < sql_.size()) {
      if (std::string_view(" \t\r\n\f").find(sql_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (sql_.substr(at_, 2) == "--") {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (sql_.substr(at_, 2) == "/*") {
        const std::size_t end = sql_.find("*/", at_ + 2);
        if (end == std::string_view::npos)
          throw QueryError(place(sql_, at_) + ": a comment has no end");
        at_ = end + 2;
      } else {
        return;
      }
    }
  }

  Token next() {
    const std::size_t begin = at_;
    const char c = sql_[at_];
    if (c == '\'') return quoted(Token::Kind::kText, c);
    if (c == '"' || c == '`') return quoted(Token::Kind::kQuoted, c);
    if (is_word_start(c)) {
      while (at_ < sql_.size() && (is_word_start(sql_[at_]) || is_digit(sql_[at_]))) ++at_;
      return {Token::Kind::kWord, std::string(sql_.substr(begin, at_ - begin)), begin, at_};
    }
    if (is_digit(c)) {
      while (at_ < sql_.size() &&
             (is_word_start(sql_[at_]) || is_digit(sql_[at_]) || sql_[at_] == '.'))
        ++at_;
      return {Token::Kind::kNumber, std::string(sql_.substr(begin, at_ - begin)), begin, at_};
    }
    ++at_;
    return {Token::Kind::kSymbol, std::string(1, c), begin, at_};
  }

  Token quoted(Token::Kind kind, char quote) {
    Token token{kind, "", at_, 0};
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] == quote) {
        if (at_ + 1 >= sql_.size() || sql_[at_ + 1] != quote) {
          token.end = ++at_;
          return token;
        }
        ++at_;  // a doubled quote is one
      }
      token.text += sql_[at_];
    }
    throw QueryError(place(sql_, token.begin) + ": a quote has no end");
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace

bool Token::is(std::string_view word) const {
  return (kind == Kind::kWord || kind == Kind::kSymbol) && base::iequals(text, word);
}

std::vector<Token> tokenize(std::string_view sql) { return Tokenizer(sql).all(); }

std::string place(std::string_view sql, std::size_t offset) {
  const std::string_view before = sql.substr(0, std::min(offset, sql.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}:{}", line, before.size() - start + 1);
}

std::string capitals(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string_view strip_statement(std::string_view sql) {
  sql = base::trim(sql);
  while (!sql.empty() && sql.back() == ';') sql = base::trim(sql.substr(0, sql.size() - 1));
  return sql;
}

std::string edited(std::string_view sql, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string changed;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < at)
      continue;  // the same place once more: an expression that stands twice in the tree
    changed.append(sql.substr(at, edit.begin - at)).append(edit.text);
    at = edit.end;
  }
  return changed.append(sql.substr(at));
}

std::size_t unedited(std::vector<Edit> edits, std::size_t position) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::size_t at = 0;    // in the old text, behind the edits seen
  std::size_t made = 0;  // the same place in the new one
  for (const Edit& edit : edits) {
    if (edit.begin < at) continue;
    if (position < made + (edit.begin - at)) break;
    made += edit.begin - at;
    if (position < made + edit.text.size()) return edit.begin;
    made += edit.text.size();
    at = edit.end;
  }
  return at + (position - made);
}

}  // namespace engine::athena
