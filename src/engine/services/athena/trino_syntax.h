// What Trino's grammar takes and DuckDB's does not, rewritten word by word before the parser sees
// it.
#pragma once

#include <string>
#include <string_view>

namespace engine::athena {

/// ARRAY(type) becomes type[], VALUES 1, 2 becomes VALUES (1), (2), and X'00ff' becomes
/// unhex('00ff'). Throws QueryError when a quote or comment does not end.
std::string rewrite_syntax(std::string_view sql);

}  // namespace engine::athena
