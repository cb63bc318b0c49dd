// What Trino's grammar has and DuckDB's hasn't, rewritten: places in the new text have one in the
// old.
#include "engine/services/athena/errors.h"
#include "engine/services/athena/trino_syntax.h"
#include "engine/services/athena/write_statement.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  using namespace engine::athena;
  try {
    const RewrittenSyntax rewritten = rewrite_syntax(bytes);
    for (std::size_t at = 0; at <= rewritten.text.size(); ++at) {
      base::fuzz::hold(rewritten.original(at) <= bytes.size(),
                       "a place has one in the user's text");
    }
  } catch (const QueryError&) {
  }
  try {
    const WriteStatement write = read_write_statement(bytes, "beers");
    base::fuzz::hold(write.query.size() <= bytes.size(), "a query's places are the statement's");
  } catch (const QueryError&) {
  }
}
