// DuckDB's own parser gives the statement's tree (as JSON, with positions), the tree is changed, and
// DuckDB writes it as SQL again. An error's place in that SQL leads back to the user's through the
// positions that the tree has kept.
#include "engine/services/athena/dialect.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/functions.h"
#include "engine/services/athena/rewriter.h"
#include "engine/services/athena/sql_text.h"
#include "engine/services/athena/sql_tree.h"
#include "engine/services/athena/trino_syntax.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace engine::athena {
namespace {

namespace json = boost::json;

// The names the outermost SELECT gives its columns; the first of a UNION tells them.
void read_column_names(const json::object& top, Translation& translation) {
  const json::object* node = &top;
  while (const json::value* left = node->if_contains("left")) node = &left->as_object();
  const json::value* list = node->if_contains("select_list");
  if (!list) return;
  for (const json::value& item : list->as_array()) {
    const json::object& expression = item.as_object();
    const bool reference = expression.at("class").as_string() == "COLUMN_REF";
    const bool star = expression.at("class").as_string() == "STAR";
    translation.has_star |= star;
    const bool named = reference || star || !expression.at("alias").as_string().empty();
    translation.column_names.push_back(
        named ? "" : fmt::format("_col{}", translation.column_names.size()));
  }
}

// What could have stood where the parser stopped, judged by the word before.
std::string expectation(const std::vector<Token>& tokens, std::size_t at) {
  const auto stop = std::find_if(tokens.begin(), tokens.end(),
                                 [&](const Token& token) { return token.begin >= at; });
  if (stop == tokens.begin() || stop == tokens.end()) return "<query>";
  const Token& before = stop[-1];
  const auto after = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return before.is(word); });
  };
  if (before.is("select")) return "'*', 'ALL', 'DISTINCT', <expression>";
  if (after({"from", "join"})) return "'(', 'LATERAL', 'UNNEST', 'VALUES', <identifier>";
  if (before.is("as")) return "<identifier>";
  if (after({",", "where", "and", "or", "on", "having", "not", "by", "(", "=", "<", ">", "+", "-",
             "*", "/", "when", "then", "else", "between", "in", "like"})) {
    return "<expression>";
  }
  int depth = 0;
  for (auto token = tokens.begin(); token != stop; ++token) {
    depth += token->is("(") ? 1 : token->is(")") ? -1 : 0;
  }
  return depth > 0 ? "',', ')'" : "',', 'FROM', 'WHERE', 'GROUP', 'ORDER', 'LIMIT', <EOF>";
}

// Trino's sentence for a text that DuckDB's parser refuses.
[[noreturn]] void fail_syntax(std::string_view sql, std::size_t at, const std::string& message) {
  const std::size_t quote = message.find("at or near \"");
  const bool at_end = at >= sql.size() || message.find("end of input") != std::string::npos;
  if (quote == std::string::npos && !at_end) {
    throw QueryError(fmt::format("SYNTAX_ERROR: {}: {}", place(sql, at), message));
  }
  const auto tokens = tokenize(sql);
  std::string word = "<EOF>";
  for (const Token& token : tokens) {
    if (!at_end && token.begin == at && token.kind != Token::Kind::kEnd) {
      word = std::string(sql.substr(token.begin, token.end - token.begin));
    }
  }
  const std::size_t where = at_end ? sql.size() : at;
  throw QueryError(fmt::format("SYNTAX_ERROR: {}: mismatched input '{}'. Expecting: {}",
                               place(sql, where), word, expectation(tokens, where)));
}

json::value parse_tree(duck::Connection& session, std::string_view user_sql,
                       const RewrittenSyntax& sql) {
  const auto text = session.value("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", {sql.text});
  json::parse_options options;
  options.max_depth = 4000;
  json::value tree = json::parse(text.value(), {}, options);
  const json::object& root = tree.as_object();
  if (!root.at("error").as_bool()) return tree;
  const std::string message(root.at("error_message").as_string());
  const json::value* position = root.if_contains("position");
  const std::size_t at = position ? std::stoul(std::string(position->as_string())) : 0;
  if (root.at("error_type").as_string() == "not implemented") {
    throw QueryError("NOT_SUPPORTED: line 1:1: Queries of this type are not supported");
  }
  fail_syntax(user_sql, sql.original(at), message);
}

// The places of nodes in DuckDB's text and in the user's, by walking two trees of one shape.
void pair_positions(const json::value& made, const json::value& meant,
                    std::map<std::size_t, std::size_t>& places) {
  if (made.is_array() && meant.is_array()) {
    const auto& a = made.get_array();
    const auto& b = meant.get_array();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      pair_positions(a[i], b[i], places);
    }
  } else if (made.is_object() && meant.is_object()) {
    const std::size_t at = sql_tree::position(made.get_object());
    const std::size_t user = sql_tree::position(meant.get_object());
    if (at != SIZE_MAX && user != SIZE_MAX) places.emplace(at, user);
    for (const auto& [key, member] : made.get_object()) {
      if (const json::value* other = meant.get_object().if_contains(key)) {
        pair_positions(member, *other, places);
      }
    }
  }
}

}  // namespace

Translation translate(duck::Connection& session, std::string_view sql,
                      std::string_view default_database) {
  const RewrittenSyntax text = rewrite_syntax(sql);
  json::value tree = parse_tree(session, sql, text);
  json::array& statements = tree.at("statements").as_array();
  if (statements.size() != 1) throw QueryError("Only one sql statement is allowed");
  Translation translation;
  read_column_names(statements[0].at("node").as_object(), translation);
  Rewriter rewriter(std::string(default_database),
                    [&](std::size_t at) { return place(sql, text.original(at)); });
  rewriter.rewrite(statements[0]);
  for (TableName& table : rewriter.tables) {
    table.position = text.original(table.position);
    translation.tables.push_back(std::move(table));
  }
  translation.functions = std::move(rewriter.functions);
  translation.tree = json::serialize(tree);
  translation.syntax_edits = text.edits;
  translation.sql =
      session.value("SELECT json_deserialize_sql(CAST($1 AS JSON))", {translation.tree}).value();
  return translation;
}

std::size_t original_position(duck::Connection& session, const Translation& translation,
                              std::size_t position) {
  const auto text =
      session.value("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", {translation.sql});
  json::parse_options options;
  options.max_depth = 4000;
  std::map<std::size_t, std::size_t> places;
  pair_positions(json::parse(text.value(), {}, options),
                 json::parse(translation.tree, {}, options), places);
  auto found = places.upper_bound(position);
  if (found == places.begin()) return 0;
  return unedited(translation.syntax_edits, std::prev(found)->second);
}

std::vector<std::string> result_names(const Translation& translation,
                                      const std::vector<duck::ResultColumn>& columns) {
  std::vector<std::string> names;
  // Behind a star the places in the text and in the result no longer agree, but from the right end
  // on they do again; one star is therefore no obstacle.
  const auto& known = translation.column_names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names.push_back(base::to_lower(columns[i].name));
    std::size_t place = i;
    if (translation.has_star) {
      const std::size_t from_end = columns.size() - 1 - i;
      if (from_end >= known.size()) continue;
      place = known.size() - 1 - from_end;
    }
    if (place < known.size() && !known[place].empty()) names.back() = fmt::format("_col{}", i);
  }
  return names;
}

std::string fill_parameters(std::string_view sql, const std::vector<std::string>& parameters) {
  std::vector<Edit> edits;
  for (const Token& token : tokenize(sql)) {
    if (!token.is("?")) continue;
    if (edits.size() < parameters.size()) {
      edits.push_back({token.begin, token.end, parameters[edits.size()]});
    } else {
      throw QueryError(
          fmt::format("INVALID_PARAMETER_USAGE: {}: Incorrect number of parameters: "
                      "expected more than {}",
                      place(sql, token.begin), parameters.size()));
    }
  }
  if (edits.size() != parameters.size()) {
    throw QueryError(
        fmt::format("INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: "
                    "expected {} but found {}",
                    edits.size(), parameters.size()));
  }
  return edited(sql, std::move(edits));
}

}  // namespace engine::athena
