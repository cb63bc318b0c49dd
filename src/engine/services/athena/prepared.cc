// Names and values as words of the statement; what they are put into is the caller's.
#include "engine/services/athena/prepared.h"

#include "engine/services/athena/ddl_cursor.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/sql_text.h"
#include "lib/base/encoding.h"

namespace engine::athena {

std::string prepared_key(std::string_view workgroup, std::string_view name) {
  return std::string(workgroup) + '\x1f' + std::string(name);
}

std::optional<Execute> read_execute(std::string_view sql) {
  DdlCursor cursor(sql, "");
  if (!cursor.take("execute")) return std::nullopt;
  Execute execute{.name = cursor.spelt_name()};
  if (cursor.at_end()) return execute;
  cursor.expect("using");
  const auto tokens = tokenize(sql);
  std::size_t start = cursor.position();
  int depth = 0;
  for (const Token& token : tokens) {
    if (token.begin < start) continue;
    if (token.is("(") || token.is("[")) ++depth;
    if (token.is(")") || token.is("]")) --depth;
    const bool end = token.kind == Token::Kind::kEnd;
    if (!end && !(token.is(",") && depth == 0)) continue;
    execute.values.emplace_back(base::trim(sql.substr(start, token.begin - start)));
    check_parameter(execute.values.back());
    start = token.end;
  }
  return execute;
}

Prepare read_prepare(std::string_view sql) {
  DdlCursor cursor(sql, "");
  if (cursor.take("deallocate prepare")) {
    Prepare prepare{.name = cursor.spelt_name()};
    cursor.expect_end();
    return prepare;
  }
  cursor.expect("prepare");
  Prepare prepare{.name = cursor.spelt_name()};
  cursor.expect("from");
  if (cursor.at_end()) cursor.fail("<statement>");
  prepare.statement = std::string(sql.substr(cursor.position()));
  return prepare;
}

void check_parameter(std::string_view text) {
  int depth = 0;
  const auto tokens = tokenize(text);
  const auto refuse = [&] {
    throw QueryError(fmt::format(
        "INVALID_PARAMETER_USAGE: the parameter {} is not one value; a text stands in quotes: '…'",
        text));
  };
  if (tokens.size() < 2) refuse();
  for (const Token& token : tokens) {
    if (token.is("(") || token.is("[")) ++depth;
    if (token.is(")") || token.is("]")) --depth;
    if (depth < 0 || token.is(";") || (depth == 0 && token.is(","))) refuse();
  }
  if (depth != 0 || text.find("--") != std::string_view::npos) refuse();
}

}  // namespace engine::athena
