// Functions of the program's own, behind scalar functions of DuckDB.
#include "lib/duckdb/scalar_function.h"

#include "lib/duckdb/database.h"
#include "lib/duckdb/library.h"
#include "lib/duckdb/native_type.h"

#include <algorithm>
#include <memory>

namespace duck {
namespace {

// A chunk's arguments; a parameter of any type has the one that its values have.
class Arguments {
 public:
  Arguments(const ScalarFunction& function, duckdb_data_chunk chunk) {
    const Library& duckdb = library();
    types_.reserve(function.parameters.size());
    for (idx_t i = 0; i < function.parameters.size(); ++i) {
      duckdb_vector vector = duckdb.duckdb_data_chunk_get_vector(chunk, i);
      const LogicalType type(duckdb.duckdb_vector_get_column_type(vector));
      types_.push_back(read_type(type.handle));
      columns_.push_back(read_column(types_.back(), vector));
    }
  }
  const std::vector<Cell>& row(std::uint64_t row) {
    cells_.clear();
    for (const Column& column : columns_) cells_.emplace_back(column, row);
    return cells_;
  }

 private:
  std::vector<Type> types_;  // never grows behind the columns that point into it
  std::vector<Column> columns_;
  std::vector<Cell> cells_;
};

void run(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector output) {
  const Library& duckdb = library();
  const auto& function =
      *static_cast<const ScalarFunction*>(duckdb.duckdb_scalar_function_get_extra_info(info));
  try {
    Arguments arguments(function, chunk);
    Vector result(output, function.result);
    const std::uint64_t rows = duckdb.duckdb_data_chunk_get_size(chunk);
    for (std::uint64_t row = 0; row < rows; ++row) {
      const std::vector<Cell>& cells = arguments.row(row);
      result.set_null(row);
      const bool null = std::any_of(cells.begin(), cells.end(),
                                    [](const Cell& cell) { return cell.is_null(); });
      if (!null || function.takes_nulls) function.call(cells, result, row);
    }
    result.finish();
  } catch (const std::exception& error) {
    duckdb.duckdb_scalar_function_set_error(info, error.what());
  }
}

}  // namespace

void add_scalar_function(void* connection, ScalarFunction function) {
  const Library& duckdb = library();
  struct Handle {
    duckdb_scalar_function handle = library().duckdb_create_scalar_function();
    ~Handle() { library().duckdb_destroy_scalar_function(&handle); }
  } made;
  const std::string name = function.name;
  duckdb.duckdb_scalar_function_set_name(made.handle, name.c_str());
  for (const Type& parameter : function.parameters) {
    duckdb.duckdb_scalar_function_add_parameter(made.handle, logical_type(parameter).handle);
  }
  duckdb.duckdb_scalar_function_set_return_type(made.handle, logical_type(function.result).handle);
  if (function.takes_nulls) duckdb.duckdb_scalar_function_set_special_handling(made.handle);
  duckdb.duckdb_scalar_function_set_function(made.handle, run);
  duckdb.duckdb_scalar_function_set_extra_info(
      made.handle, new ScalarFunction(std::move(function)),
      [](void* extra) { delete static_cast<ScalarFunction*>(extra); });
  if (duckdb.duckdb_register_scalar_function(static_cast<duckdb_connection>(connection),
                                             made.handle) == DuckDBError) {
    throw Error("Catalog Error: the function " + name + " can't be added");
  }
}

}  // namespace duck
