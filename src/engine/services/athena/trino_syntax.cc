// Rewrites over the words of a statement; what is not understood is left to the parser to refuse.
#include "engine/services/athena/trino_syntax.h"

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
  edits.push_back({tokens[at].begin, tokens[at].end, "unhex("});
  edits.push_back({text.end, text.end, ")"});
}

}  // namespace

std::string rewrite_syntax(std::string_view sql) {
  const Tokens tokens = tokenize(sql);
  std::vector<Edit> edits;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].is("array")) rewrite_array_type(tokens, i, edits);
    if (tokens[i].is("values")) rewrite_values(tokens, i, edits);
    if (tokens[i].is("x")) rewrite_bytes(tokens, i, edits);
  }
  return edits.empty() ? std::string(sql) : edited(sql, std::move(edits));
}

}  // namespace engine::athena
