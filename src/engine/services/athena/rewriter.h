// The tree of a query of Trino's made the tree of a query of DuckDB's.
#pragma once

#include "engine/services/athena/dialect.h"

#include <boost/json.hpp>

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// Changes the trees that json_serialize_sql() gives: names of tables are resolved, functions are
/// those of functions.h, operators and casts mean what they mean in Trino. What is not known to be
/// harmless is refused with a QueryError.
class Rewriter {
 public:
  /// `place` says where in the user's text a position of the tree is: "line 1:8".
  Rewriter(std::string default_database, std::function<std::string(std::size_t)> place);

  /// One statement's tree, in place.
  void rewrite(boost::json::value& statement);

  std::vector<TableName> tables;    ///< that the statement names, each once
  std::set<std::string> functions;  ///< of ours that the tree calls now

 private:
  using Object = boost::json::object;
  using Value = boost::json::value;
  using Scope = std::set<std::string>;  ///< names of the CTEs in sight

  void walk(Value& value, Scope scope);
  void add_ctes(Object& node, Scope& scope);
  void visit(Value& value, const Scope& scope);
  void refuse_foreign_syntax(const Object& node);
  void table(Object& node, const Scope& scope);
  void hide_file_columns(Object& select);
  void unnest(Value& value);
  void cast(Value& value);
  void subscript(Value& value);
  void call(Value& value);
  void parser_call(Value& value);
  void known_call(Value& value, const std::string& name);
  bool lambda_call(Value& value, const std::string& name);
  bool aggregate_call(Value& value, const std::string& name);

  Value ours(std::string_view name, std::vector<Value> arguments);
  Value lambda_reduce(Object& node);
  Value lambda_reduce_of_rows(const Value& call);
  [[noreturn]] void fail(std::string_view code, const Object& node, std::string_view message) const;

  std::string default_database_;
  bool file_columns_ = false;  ///< the statement names one of kFileColumns
  std::function<std::string(std::size_t)> place_;
};

}  // namespace engine::athena
