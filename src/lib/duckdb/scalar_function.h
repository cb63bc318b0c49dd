// A function of the program's own that statements may call on each row.
#pragma once

#include "lib/duckdb/row_source.h"
#include "lib/duckdb/value.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace duck {

/// Values in, one value out. `call` sets the row of the result, or leaves it NULL; what it throws
/// ends the statement with an Error. It runs on several threads at once.
struct ScalarFunction {
  using Call = std::function<void(const std::vector<Cell>& arguments, Vector& result,
                                  std::uint64_t row)>;

  std::string name;
  std::vector<Type> parameters;  ///< Kind::kOther takes a value of any type
  Type result;
  Call call;
  bool takes_nulls = false;  ///< otherwise a NULL among the arguments makes the result NULL
};

/// Makes the function known to statements of a duckdb_connection. Throws Error.
void add_scalar_function(void* connection, ScalarFunction function);

}  // namespace duck
