// Statements in a text of SQL: where each ends, and where an error points to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cli {

/// Collects lines until a statement is whole: a semicolon outside of quotes and comments ends it.
///
///   splitter.add(line);
///   while (auto statement = splitter.next()) run(*statement);
class StatementSplitter {
 public:
  void add(std::string_view line);
  /// The next whole statement, without its semicolon; nothing when more must be read. Statements of
  /// nothing but spaces are left out.
  std::optional<std::string> next();
  /// What stands behind the last semicolon, which the end of the input ends as well.
  std::optional<std::string> rest();
  /// True when nothing but spaces waits.
  bool empty() const;
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

/// Where "line 2:8" in an error's message points to in `sql`: the line, and a caret below the
/// column. "" when it names no place in it.
std::string pointed_at(std::string_view message, std::string_view sql);

}  // namespace cli
