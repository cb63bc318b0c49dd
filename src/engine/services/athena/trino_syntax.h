// What Trino's grammar takes and DuckDB's does not, rewritten word by word before the parser sees
// it.
#pragma once

#include "engine/services/athena/sql_text.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

struct RewrittenSyntax {
  std::string text;
  std::vector<Edit> edits;

  /// Where a byte of the text stands in the user's.
  std::size_t original(std::size_t position) const { return unedited(edits, position); }
};

/// ARRAY(type) becomes type[], VALUES 1, 2 becomes VALUES (1), (2), X'00ff' becomes from_hex('00ff'),
/// f(x) IGNORE NULLS becomes f(x IGNORE NULLS), f(x) WITHIN GROUP (ORDER BY y) becomes f(x ORDER BY
/// y), TABLESAMPLE BERNOULLI (10) counts per cent, TIMESTAMP '… UTC' has a zone, a cast to
/// VARCHAR(n) cuts, DECIMAL is DECIMAL(38,0). Throws QueryError when a quote or comment does not end,
/// and for what only DuckDB's grammar has: ::, {…}, $1.
RewrittenSyntax rewrite_syntax(std::string_view sql);

}  // namespace engine::athena
