// Options of EXPLAIN, word by word.
#include "engine/services/athena/explain_statement.h"

#include "engine/services/athena/ddl_cursor.h"

namespace engine::athena {

ExplainStatement read_explain(std::string_view sql) {
  ExplainStatement statement;
  DdlCursor cursor(sql, "");
  cursor.expect("explain");
  statement.analyze = cursor.take("analyze");
  cursor.take("verbose");
  if (cursor.take("( format") || cursor.take("( type")) {
    // Either of the two stands first; the other one may follow.
    bool format = cursor.at("text") || cursor.at("json") || cursor.at("graphviz");
    for (;;) {
      if (format) {
        statement.json = cursor.take("json");
        if (!statement.json) cursor.expect("text");
      } else {
        statement.validate = cursor.take("validate");
        if (!statement.validate && !cursor.take("logical") && !cursor.take("distributed") &&
            !cursor.take("io")) {
          cursor.fail("LOGICAL, DISTRIBUTED, VALIDATE, IO");
        }
      }
      if (!cursor.take(",")) break;
      format = cursor.take("format");
      if (!format) cursor.expect("type");
    }
    cursor.expect(")");
  }
  if (cursor.at_end()) cursor.fail("<query>");
  statement.query = std::string(sql);
  for (std::size_t i = 0; i < cursor.position(); ++i) {
    if (statement.query[i] != '\n') statement.query[i] = ' ';
  }
  return statement;
}

}  // namespace engine::athena
