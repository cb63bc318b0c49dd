// Words, names, literals and types of Hive's statements.
#include "engine/services/athena/ddl_cursor.h"

#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

namespace engine::athena {

bool DdlCursor::take(std::string_view words) {
  std::size_t at = at_;
  while (!words.empty()) {
    const std::size_t space = std::min(words.find(' '), words.size());
    if (!tokens_[at].is(words.substr(0, space))) return false;
    words.remove_prefix(std::min(space + 1, words.size()));
    ++at;
  }
  at_ = at;
  return true;
}

void DdlCursor::expect(std::string_view words) {
  if (!take(words)) fail(fmt::format("'{}'", words));
}

void DdlCursor::expect_end() {
  if (!at_end()) fail("<EOF>");
}

void DdlCursor::fail(std::string_view expected) const {
  const std::string_view found =
      at_end() ? "<EOF>" : sql_.substr(peek().begin, peek().end - peek().begin);
  throw QueryError(fmt::format("FAILED: ParseException {}: mismatched input '{}'. Expecting: {}",
                               place(sql_, peek().begin), found, expected));
}

std::string DdlCursor::name() {
  if (!peek().is_name()) fail("<identifier>");
  return base::to_lower(tokens_[at_++].text);
}

QualifiedName DdlCursor::table_name() {
  std::vector<std::string> parts = {name()};
  while (take(".")) parts.push_back(name());
  if (parts.size() == 3 && parts[0] == "awsdatacatalog") parts.erase(parts.begin());
  if (parts.size() > 2) fail("a table of AwsDataCatalog");
  if (parts.size() == 2) return {parts[0], parts[1]};
  if (default_database_.empty()) {
    throw QueryError(
        "FAILED: SemanticException no database is given, neither in the statement nor in the "
        "query's context");
  }
  return {base::to_lower(default_database_), parts[0]};
}

std::string DdlCursor::text() {
  // Hive takes double quotes for texts as well.
  if (peek().kind != Token::Kind::kText && peek().kind != Token::Kind::kQuoted) fail("<string>");
  return tokens_[at_++].text;
}

std::string DdlCursor::literal() {
  std::string sign = take("-") ? "-" : "";
  if (peek().kind == Token::Kind::kSymbol || at_end()) fail("<literal>");
  return sign + tokens_[at_++].text;
}

std::map<std::string, std::string> DdlCursor::properties() {
  std::map<std::string, std::string> pairs;
  expect("(");
  do {
    const std::string key = text();
    if (!take("=")) expect(":");
    pairs[key] = text();
  } while (take(","));
  expect(")");
  return pairs;
}

std::string DdlCursor::type() {
  if (!peek().is_name()) fail("<type>");
  std::string type;
  int depth = 0;
  for (;; ++at_) {
    const Token& token = peek();
    if (at_end()) break;
    if (token.is("<") || token.is("(")) ++depth;
    if (depth == 0 && !type.empty()) break;  // what follows a plain word ends it
    if (token.is(">") || token.is(")")) --depth;
    type += base::to_lower(token.text);
    if (depth == 0 && !tokens_[at_ + 1].is("<") && !tokens_[at_ + 1].is("(")) {
      ++at_;
      break;
    }
  }
  return type;
}

}  // namespace engine::athena
