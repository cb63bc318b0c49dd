// Rewrites over the words of a statement; what is not understood is left to the parser to refuse.
#include "engine/services/athena/trino_syntax.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/sql_text.h"

#include <algorithm>
#include <vector>

namespace engine::athena {
namespace {

using Tokens = std::vector<Token>;

// The place of the parenthesis that closes the one at `open`; the end's when there is none.
std::size_t closing(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is("(") || tokens[i].is("[")) ++depth;
    if ((tokens[i].is(")") || tokens[i].is("]")) && --depth == 0) return i;
  }
  return tokens.size() - 1;
}

void rewrite_array_type(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (!tokens[at + 1].is("(") || tokens[at + 2].is("select") || tokens[at + 2].is("with")) return;
  const std::size_t close = closing(tokens, at + 1);
  if (!tokens[close].is(")")) return;
  edits.push_back({tokens[at].begin, tokens[at + 1].end, ""});
  edits.push_back({tokens[close].begin, tokens[close].end, "[]"});
}

bool ends_values(const Token& token) {
  constexpr std::string_view kEnds[] = {")",     "order",     "limit",  "offset", "fetch",
                                        "union", "intersect", "except", "window", ";"};
  return token.kind == Token::Kind::kEnd ||
         std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](std::string_view word) { return token.is(word); });
}

// One row of VALUES, the words from `first` to before `last`.
void rewrite_row(const Tokens& tokens, std::size_t first, std::size_t last,
                 std::vector<Edit>& edits) {
  const bool row = tokens[first].is("row") && tokens[first + 1].is("(");
  if (row && closing(tokens, first + 1) + 1 == last) {
    edits.push_back({tokens[first].begin, tokens[first].end, ""});
  } else if (!tokens[first].is("(") || closing(tokens, first) + 1 != last) {
    edits.push_back({tokens[first].begin, tokens[first].begin, "("});
    edits.push_back({tokens[last - 1].end, tokens[last - 1].end, ")"});
  }
}

void rewrite_values(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  std::size_t first = at + 1;
  for (std::size_t i = first;; ++i) {
    while (tokens[i].is("(") || tokens[i].is("[")) {
      i = std::min(closing(tokens, i) + 1, tokens.size() - 1);
    }
    const bool end = ends_values(tokens[i]);
    if (!end && !tokens[i].is(",")) continue;
    if (i > first) rewrite_row(tokens, first, i, edits);
    if (end) return;
    first = i + 1;
  }
}

void rewrite_bytes(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  const Token& text = tokens[at + 1];
  if (text.kind != Token::Kind::kText || text.begin != tokens[at].end) return;
  edits.push_back({tokens[at].begin, tokens[at].end, "from_hex("});
  edits.push_back({text.end, text.end, ")"});
}

// f(x) IGNORE NULLS OVER …: DuckDB has the words inside the parentheses.
void rewrite_nulls(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (at == 0 || !tokens[at - 1].is(")") || !tokens[at + 1].is("nulls")) return;
  const std::string words = tokens[at].is("ignore") ? " IGNORE NULLS" : "";
  edits.push_back({tokens[at - 1].begin, tokens[at - 1].begin, words});
  edits.push_back({tokens[at].begin, tokens[at + 1].end, ""});
}

void rewrite_within_group(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (at == 0 || !tokens[at - 1].is(")") || !tokens[at + 1].is("group") || !tokens[at + 2].is("("))
    return;
  edits.push_back({tokens[at - 1].begin, tokens[at + 2].end, " "});
}

void rewrite_sample(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (!tokens[at + 2].is("(")) return;
  const std::size_t close = closing(tokens, at + 2);
  if (tokens[close].is(")")) edits.push_back({tokens[close].begin, tokens[close].begin, " PERCENT"});
}

bool has_zone(std::string_view text) {
  const std::size_t time = text.find(':');
  if (time == std::string_view::npos) return false;
  return text.find_first_of("+-", time) != std::string_view::npos ||
         std::any_of(text.begin() + static_cast<std::ptrdiff_t>(time), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// "2020-01-01 10:00 +02:00": DuckDB wants seconds, and no space before an offset.
void rewrite_zone(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  const Token& text = tokens[at + 1];
  if (text.kind != Token::Kind::kText || !has_zone(text.text)) return;
  edits.push_back({tokens[at].begin, tokens[at].end, "TIMESTAMPTZ"});
  const std::size_t minute = text.text.find(':') + 3;
  if (minute >= text.text.size() || text.text[minute] != ':') {
    edits.push_back({text.begin + 1 + minute, text.begin + 1 + minute, ":00"});
  }
  const std::size_t sign = text.text.find_last_of("+-");
  if (sign == std::string::npos || sign == 0 || text.text[sign - 1] != ' ') return;
  edits.push_back({text.begin + sign, text.begin + sign + 1, ""});
}

// CAST(x AS VARCHAR(n)) becomes h_varchar_n(CAST(x AS VARCHAR), n); CHAR(n) is filled with spaces.
void rewrite_cast(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (!tokens[at + 1].is("(")) return;
  const std::size_t close = closing(tokens, at + 1);
  if (close < at + 4 || !tokens[close].is(")")) return;
  if (tokens[close - 1].is("decimal") && tokens[close - 2].is("as")) {
    edits.push_back({tokens[close - 1].end, tokens[close - 1].end, "(38,0)"});
  }
  const bool sized = tokens[close - 1].is(")") && close >= 5 && tokens[close - 3].is("(");
  if (!sized) return;
  const Token& type = tokens[close - 4];
  if (!tokens[close - 5].is("as") || (!type.is("varchar") && !type.is("char"))) return;
  edits.push_back({tokens[at].begin, tokens[at].begin,
                   type.is("char") ? "main.h_char_n(" : "main.h_varchar_n("});
  edits.push_back({tokens[close - 3].begin, tokens[close - 1].end, ""});
  edits.push_back({tokens[close].end, tokens[close].end, ", " + tokens[close - 2].text + ")"});
}

// if(a, b) gives NULL otherwise.
void rewrite_if(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  if (!tokens[at + 1].is("(")) return;
  const std::size_t close = closing(tokens, at + 1);
  int commas = 0;
  for (std::size_t i = at + 2; i < close; ++i) {
    if (tokens[i].is("(") || tokens[i].is("[")) i = closing(tokens, i);
    if (i < close && tokens[i].is(",")) ++commas;
  }
  if (commas == 1) edits.push_back({tokens[close].begin, tokens[close].begin, ", NULL"});
}

// DECIMAL '12.50' has the digits that are written, as the bare number has.
void rewrite_decimal(const Tokens& tokens, std::size_t at, std::vector<Edit>& edits) {
  const Token& text = tokens[at + 1];
  if (text.kind != Token::Kind::kText || text.text.empty() ||
      text.text.find_first_not_of("0123456789.+-") != std::string::npos) {
    return;
  }
  edits.push_back({tokens[at].begin, text.end, "(" + text.text + ")"});
}

void refuse(std::string_view sql, const Tokens& tokens, std::size_t at) {
  const Token& token = tokens[at];
  if (token.kind == Token::Kind::kQuoted && sql[token.begin] == '`') {
    throw QueryError(fmt::format(
        "SYNTAX_ERROR: {}: backquoted identifiers are not supported; use double quotes to quote "
        "identifiers",
        place(sql, token.begin)));
  }
  constexpr std::string_view kForeign = ":{}$#@";
  const bool word = token.kind == Token::Kind::kWord && token.text[0] == '$';
  if (!word && (token.kind != Token::Kind::kSymbol ||
                kForeign.find(token.text) == std::string_view::npos)) {
    return;
  }
  const bool cast = token.is(":") && tokens[at + 1].is(":");
  throw QueryError(fmt::format("SYNTAX_ERROR: {}: mismatched input '{}'{}", place(sql, token.begin),
                               cast ? "::" : token.text,
                               cast ? ". Hint: write CAST(value AS type)" : ""));
}

}  // namespace

RewrittenSyntax rewrite_syntax(std::string_view sql) {
  const Tokens tokens = tokenize(sql);
  std::vector<Edit> edits;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) refuse(sql, tokens, i);
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) continue;
    if (tokens[i].is("array")) rewrite_array_type(tokens, i, edits);
    if (tokens[i].is("values")) rewrite_values(tokens, i, edits);
    if (tokens[i].is("x")) rewrite_bytes(tokens, i, edits);
    if (tokens[i].is("ignore") || tokens[i].is("respect")) rewrite_nulls(tokens, i, edits);
    if (tokens[i].is("within")) rewrite_within_group(tokens, i, edits);
    if (tokens[i].is("tablesample")) rewrite_sample(tokens, i, edits);
    if (tokens[i].is("if")) rewrite_if(tokens, i, edits);
    if (tokens[i].is("decimal")) rewrite_decimal(tokens, i, edits);
    if (tokens[i].is("timestamp")) rewrite_zone(tokens, i, edits);
    if (tokens[i].is("cast") || tokens[i].is("try_cast")) rewrite_cast(tokens, i, edits);
  }
  return {edits.empty() ? std::string(sql) : edited(sql, edits), edits};
}

}  // namespace engine::athena
