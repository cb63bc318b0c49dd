// Rows of the program's own, behind a table function of DuckDB.
#include "lib/duckdb/row_source.h"

#include "lib/duckdb/database.h"
#include "lib/duckdb/library.h"
#include "lib/duckdb/native_type.h"
#include "lib/duckdb/table_function.h"

#include <stdexcept>
#include <utility>

namespace duck {
namespace {

constexpr std::uint64_t kFirstCapacity = 2048;  // of a list's elements, as DuckDB begins with

duckdb_vector native(void* handle) { return static_cast<duckdb_vector>(handle); }

duckdb_type plain_type(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case Kind::kTinyint:
      return DUCKDB_TYPE_TINYINT;
    case Kind::kSmallint:
      return DUCKDB_TYPE_SMALLINT;
    case Kind::kInteger:
      return DUCKDB_TYPE_INTEGER;
    case Kind::kBigint:
      return DUCKDB_TYPE_BIGINT;
    case Kind::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case Kind::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case Kind::kDate:
      return DUCKDB_TYPE_DATE;
    case Kind::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case Kind::kVarchar:
      return DUCKDB_TYPE_VARCHAR;
    case Kind::kBlob:
      return DUCKDB_TYPE_BLOB;
    case Kind::kTimestampTz:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case Kind::kOther:
      return DUCKDB_TYPE_ANY;
    default:
      throw std::logic_error("no rows of that type can be made");
  }
}

}  // namespace

LogicalType logical_type(const Type& type) {
  const Library& duckdb = library();
  std::vector<LogicalType> children;
  for (const Type& child : type.children) children.push_back(logical_type(child));
  switch (type.kind) {
    case Kind::kDecimal:
      return LogicalType(duckdb.duckdb_create_decimal_type(static_cast<std::uint8_t>(type.width),
                                                           static_cast<std::uint8_t>(type.scale)));
    case Kind::kList:
      return LogicalType(duckdb.duckdb_create_list_type(children[0].handle));
    case Kind::kMap:
      return LogicalType(duckdb.duckdb_create_map_type(children[0].handle, children[1].handle));
    case Kind::kStruct: {
      std::vector<duckdb_logical_type> handles;
      std::vector<const char*> names;
      handles.reserve(children.size());
      names.reserve(type.names.size());
      for (const LogicalType& child : children) handles.push_back(child.handle);
      for (const std::string& name : type.names) names.push_back(name.c_str());
      return LogicalType(
          duckdb.duckdb_create_struct_type(handles.data(), names.data(), handles.size()));
    }
    default:
      return LogicalType(duckdb.duckdb_create_logical_type(plain_type(type.kind)));
  }
}

namespace {

/// What the table function carries along; DuckDB deletes it with the function.
struct Table {
  std::vector<ResultColumn> columns;
  RowSource& rows;
};

void bind(duckdb_bind_info info) {
  const auto& table = *static_cast<const Table*>(library().duckdb_bind_get_extra_info(info));
  try {
    for (const ResultColumn& column : table.columns) {
      const LogicalType type = logical_type(column.type);
      library().duckdb_bind_add_result_column(info, column.name.c_str(), type.handle);
    }
  } catch (const std::exception& error) {
    library().duckdb_bind_set_error(info, error.what());
  }
}

void initialise(duckdb_init_info) {}

void fill(duckdb_function_info info, duckdb_data_chunk chunk) {
  const Library& duckdb = library();
  const auto& table = *static_cast<const Table*>(duckdb.duckdb_function_get_extra_info(info));
  try {
    std::vector<Vector> columns;
    columns.reserve(table.columns.size());
    for (idx_t i = 0; i < table.columns.size(); ++i) {
      columns.emplace_back(duckdb.duckdb_data_chunk_get_vector(chunk, i), table.columns[i].type);
    }
    std::uint64_t row = 0;
    const std::uint64_t most = duckdb.duckdb_vector_size();
    while (row < most && table.rows.next(columns, row)) ++row;
    for (Vector& column : columns) column.finish();
    duckdb.duckdb_data_chunk_set_size(chunk, row);
  } catch (const std::exception& error) {
    duckdb.duckdb_function_set_error(info, error.what());
  }
}

}  // namespace

Vector::Vector(void* handle, const Type& type) : handle_(handle), type_(&type) {
  const Library& duckdb = library();
  duckdb_vector parent = native(handle);
  switch (type.kind) {
    case Kind::kList:
      children_.emplace_back(duckdb.duckdb_list_vector_get_child(parent), type.children[0]);
      break;
    case Kind::kMap:  // a list of structs of key and value
      parent = duckdb.duckdb_list_vector_get_child(parent);
      [[fallthrough]];
    case Kind::kStruct:
      for (idx_t i = 0; i < type.children.size(); ++i) {
        children_.emplace_back(duckdb.duckdb_struct_vector_get_child(parent, i),
                               type.children[i]);
      }
      break;
    default:
      break;
  }
  capacity_ = kFirstCapacity;
  find_memory();
}

/// Where the rows are; elsewhere whenever a list above has grown.
void Vector::find_memory() {
  const Library& duckdb = library();
  duckdb.duckdb_vector_ensure_validity_writable(native(handle_));
  data_ = duckdb.duckdb_vector_get_data(native(handle_));
  validity_ = duckdb.duckdb_vector_get_validity(native(handle_));
  for (Vector& child : children_) child.find_memory();
}

void Vector::set_null(std::uint64_t row) {
  set_valid(row, false);
  if (type_->kind == Kind::kStruct) {
    for (Vector& child : children_) child.set_null(row);
  } else if (type_->kind == Kind::kList || type_->kind == Kind::kMap) {
    static_cast<duckdb_list_entry*>(data_)[row] = {size_, 0};
  }
}

void Vector::set_text(std::uint64_t row, std::string_view text) {
  library().duckdb_vector_assign_string_element_len(native(handle_), row, text.data(),
                                                    text.size());
  set_valid(row, true);
}

void Vector::set_decimal(std::uint64_t row, Wide digits) {
  if (type_->width <= 4) return set(row, static_cast<std::int16_t>(digits));
  if (type_->width <= 9) return set(row, static_cast<std::int32_t>(digits));
  if (type_->width <= 18) return set(row, static_cast<std::int64_t>(digits));
  set(row, duckdb_hugeint{static_cast<std::uint64_t>(digits),
                          static_cast<std::int64_t>(digits >> 64)});
}

void Vector::set_list(std::uint64_t row, std::uint64_t first) {
  set(row, duckdb_list_entry{first, size_ - first});
}

std::uint64_t Vector::append() {
  if (size_ == capacity_) {
    capacity_ *= 2;
    library().duckdb_list_vector_reserve(native(handle_), capacity_);
    find_memory();
  }
  return size_++;
}

void Vector::finish() {
  if (type_->kind == Kind::kList || type_->kind == Kind::kMap) {
    library().duckdb_list_vector_set_size(native(handle_), size_);
  }
  for (Vector& child : children_) child.finish();
}

void add_table_function(void* connection, const std::string& name,
                        std::vector<ResultColumn> columns, RowSource& rows) {
  const Library& duckdb = library();
  struct Function {
    duckdb_table_function handle = library().duckdb_create_table_function();
    ~Function() { library().duckdb_destroy_table_function(&handle); }
  } function;
  duckdb.duckdb_table_function_set_name(function.handle, name.c_str());
  duckdb.duckdb_table_function_set_extra_info(
      function.handle, new Table{std::move(columns), rows},
      [](void* table) { delete static_cast<Table*>(table); });
  duckdb.duckdb_table_function_set_bind(function.handle, bind);
  duckdb.duckdb_table_function_set_init(function.handle, initialise);
  duckdb.duckdb_table_function_set_function(function.handle, fill);
  if (duckdb.duckdb_register_table_function(static_cast<duckdb_connection>(connection),
                                            function.handle) == DuckDBError) {
    throw Error("Catalog Error: the table function " + name + " can't be added");
  }
}

}  // namespace duck
