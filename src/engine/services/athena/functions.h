// The functions of Trino that queries may call, and what stands for them in DuckDB. What is not
// listed here can't be called: that keeps DuckDB's own functions, which reach files and settings,
// out of a user's hands.
#pragma once

#include "lib/duckdb/database.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// DuckDB's name of a function that Trino has: its own one, or "t_…" for a definition of ours
/// ("h_…" are those that only other definitions use).
/// Nothing when Trino has no such function. `name` in lower case.
std::optional<std::string> function_target(std::string_view name);

/// True for a name that DuckDB's parser itself makes of an operator or a clause.
bool is_parser_function(std::string_view name);

/// The function whose name is nearest to a mistyped one, "" when none is near.
std::string similar_function(std::string_view name);

/// The nearest of some names, "" when none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

/// Makes our definitions of those names, and those they call, known to a session, but for those in
/// `known`, to which they are added. Names that are not ours are passed over. The definitions are
/// the connection's alone when they are `temporary`; of a database of its own they are everybody's,
/// so that views may stand on them.
void define_functions(duck::Connection& session, const std::set<std::string>& targets,
                      std::set<std::string>& known, bool temporary);

/// Those of digests.
std::vector<duck::ScalarFunction> digest_functions();

/// All functions written in C++; the macros make use of them.
const std::vector<duck::ScalarFunction>& scalar_functions();

}  // namespace engine::athena
