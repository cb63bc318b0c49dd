// SQL as words: enough to find names, literals and places without understanding the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

struct Token {
  enum class Kind { kWord, kQuoted, kText, kNumber, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;       ///< without its quotes; a symbol is one character
  std::size_t begin = 0;  ///< bytes in the statement
  std::size_t end = 0;

  bool is_name() const { return kind == Kind::kWord || kind == Kind::kQuoted; }
  bool is(std::string_view word) const;  ///< a bare word in any case, or a symbol
};

/// The words of a statement, comments left out, with a kEnd at the end. "x" and `x` are kQuoted,
/// 'x' is kText. Throws QueryError when a quote or comment does not end.
std::vector<Token> tokenize(std::string_view sql);

/// "line 1:8", counted from 1, as Trino names places.
std::string place(std::string_view sql, std::size_t offset);

/// ASCII letters as capitals.
std::string capitals(std::string_view text);

/// The statement without spaces around it and without the semicolon behind it.
std::string_view strip_statement(std::string_view sql);

/// Other text for the bytes from `begin` to `end` of a statement.
struct Edit {
  std::size_t begin, end;
  std::string text;
};

/// The statement with the edits made. Of edits that overlap the first counts.
std::string edited(std::string_view sql, std::vector<Edit> edits);

/// Where a byte of an edited text stood before the edits.
std::size_t unedited(std::vector<Edit> edits, std::size_t position);

}  // namespace engine::athena
