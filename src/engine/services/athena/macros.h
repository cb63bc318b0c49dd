// Functions of Trino written as DuckDB's macros.
#pragma once

#include <string_view>
#include <vector>

namespace engine::athena {

struct Macro {
  std::string_view name;        ///< "t_…" or "h_…"
  std::string_view definition;  ///< what follows the name in CREATE MACRO
};

/// `t_` and `h_` in a definition begin names of ours: another macro or a function of scalar_functions().
const std::vector<Macro>& macros();

}  // namespace engine::athena
