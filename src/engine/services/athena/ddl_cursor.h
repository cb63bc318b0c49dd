// Reads a statement of Hive word by word.
#pragma once

#include "engine/services/athena/sql_text.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

struct QualifiedName {
  std::string database, table;
};

/// Each expect_… throws QueryError "line 1:8: mismatched input 'x'. Expecting: …" when something
/// else stands there.
class DdlCursor {
 public:
  DdlCursor(std::string_view sql, std::string_view default_database)
      : sql_(sql), default_database_(default_database), tokens_(tokenize(sql)) {}

  /// Takes the words when all of them stand here: take("if exists").
  bool take(std::string_view words);
  /// Whether they stand here.
  bool at(std::string_view words) const;
  void expect(std::string_view words);
  void expect_end();
  bool at_end() const { return tokens_[at_].kind == Token::Kind::kEnd; }

  std::string name();                               ///< one name, lower case
  std::string spelt_name();                         ///< one name as it is written
  QualifiedName table_name();                       ///< [awsdatacatalog.][database.]table
  std::string text();                               ///< 'quoted'
  std::string literal();                            ///< a quoted text, a number or a word
  std::map<std::string, std::string> properties();  ///< ('a' = 'b', …)

  /// A type up to the ',', ')' or word that ends it: "array<struct<a:int>>".
  std::string type();

  /// Moves to the ')' that closes the '(' taken last.
  void skip_to_closing();
  /// Where the next word begins, in bytes.
  std::size_t position() const { return peek().begin; }

  [[noreturn]] void fail(std::string_view expected) const;

 private:
  const Token& peek() const { return tokens_[at_]; }

  std::string_view sql_;
  std::string default_database_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace engine::athena
