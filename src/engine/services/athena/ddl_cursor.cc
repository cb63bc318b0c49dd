// Words, names, literals and types of Hive's statements.
#include "engine/services/athena/ddl_cursor.h"

#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

namespace engine::athena {

namespace {

// How many of the tokens from `at` on the words are; 0 when others stand there.
std::size_t count_of(const std::vector<Token>& tokens, std::size_t at, std::string_view words) {
  std::size_t count = 0;
  while (!words.empty()) {
    const std::size_t space = std::min(words.find(' '), words.size());
    if (at + count >= tokens.size() || !tokens[at + count].is(words.substr(0, space))) return 0;
    words.remove_prefix(std::min(space + 1, words.size()));
    ++count;
  }
  return count;
}

}  // namespace

bool DdlCursor::at(std::string_view words) const { return count_of(tokens_, at_, words) > 0; }

bool DdlCursor::take(std::string_view words) {
  const std::size_t count = count_of(tokens_, at_, words);
  at_ += count;
  return count > 0;
}

void DdlCursor::skip_to_closing() {
  for (int depth = 0; !at_end(); ++at_) {
    if (depth == 0 && peek().is(")")) return;
    if (peek().is("(")) ++depth;
    if (peek().is(")")) --depth;
  }
  fail("')'");
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

std::string DdlCursor::spelt_name() {
  if (!peek().is_name()) fail("<identifier>");
  return tokens_[at_++].text;
}

std::string DdlCursor::name() { return base::to_lower(spelt_name()); }

QualifiedName DdlCursor::table_name() {
  std::vector<std::string> parts = {name()};
  while (take(".")) parts.push_back(name());
  // `database.table` in one pair of quotes, as SHOW CREATE TABLE writes it.
  if (const auto dot = parts[0].find('.'); parts.size() == 1 && dot != std::string::npos) {
    parts = {parts[0].substr(0, dot), parts[0].substr(dot + 1)};
  }
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
