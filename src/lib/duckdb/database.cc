// Databases, connections, statements and results over DuckDB's C API.
#include "lib/duckdb/database.h"

#include "lib/duckdb/library.h"
#include "lib/duckdb/native_type.h"
#include "lib/duckdb/table_function.h"

#include <fmt/format.h>

namespace duck {
namespace {

// Text that DuckDB allocated.
std::string take(char* text) {
  std::string copy = text ? text : "";
  library().duckdb_free(text);
  return copy;
}

Kind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return Kind::kBoolean;
    case DUCKDB_TYPE_TINYINT:
      return Kind::kTinyint;
    case DUCKDB_TYPE_SMALLINT:
      return Kind::kSmallint;
    case DUCKDB_TYPE_INTEGER:
      return Kind::kInteger;
    case DUCKDB_TYPE_BIGINT:
      return Kind::kBigint;
    case DUCKDB_TYPE_HUGEINT:
      return Kind::kHugeint;
    case DUCKDB_TYPE_UTINYINT:
      return Kind::kUtinyint;
    case DUCKDB_TYPE_USMALLINT:
      return Kind::kUsmallint;
    case DUCKDB_TYPE_UINTEGER:
      return Kind::kUinteger;
    case DUCKDB_TYPE_UBIGINT:
      return Kind::kUbigint;
    case DUCKDB_TYPE_UHUGEINT:
      return Kind::kUhugeint;
    case DUCKDB_TYPE_FLOAT:
      return Kind::kFloat;
    case DUCKDB_TYPE_DOUBLE:
      return Kind::kDouble;
    case DUCKDB_TYPE_DECIMAL:
      return Kind::kDecimal;
    case DUCKDB_TYPE_DATE:
      return Kind::kDate;
    case DUCKDB_TYPE_TIME:
      return Kind::kTime;
    case DUCKDB_TYPE_TIMESTAMP:
      return Kind::kTimestamp;
    case DUCKDB_TYPE_TIMESTAMP_S:
      return Kind::kTimestampSeconds;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return Kind::kTimestampMillis;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return Kind::kTimestampNanos;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Kind::kTimestampTz;
    case DUCKDB_TYPE_INTERVAL:
      return Kind::kInterval;
    case DUCKDB_TYPE_VARCHAR:
      return Kind::kVarchar;
    case DUCKDB_TYPE_BLOB:
      return Kind::kBlob;
    case DUCKDB_TYPE_UUID:
      return Kind::kUuid;
    case DUCKDB_TYPE_ENUM:
      return Kind::kEnum;
    case DUCKDB_TYPE_LIST:
      return Kind::kList;
    case DUCKDB_TYPE_ARRAY:
      return Kind::kArray;
    case DUCKDB_TYPE_MAP:
      return Kind::kMap;
    case DUCKDB_TYPE_STRUCT:
      return Kind::kStruct;
    case DUCKDB_TYPE_SQLNULL:
      return Kind::kNull;
    default:
      return Kind::kOther;
  }
}

Type read_child(duckdb_logical_type child) {
  const LogicalType owned(child);
  return read_type(owned.handle);
}

}  // namespace

Type read_type(duckdb_logical_type handle) {
  const Library& duckdb = library();
  Type type{.kind = kind_of(duckdb.duckdb_get_type_id(handle))};
  switch (type.kind) {
    case Kind::kDecimal:
      type.width = duckdb.duckdb_decimal_width(handle);
      type.scale = duckdb.duckdb_decimal_scale(handle);
      break;
    case Kind::kEnum:
      for (std::uint32_t i = 0; i < duckdb.duckdb_enum_dictionary_size(handle); ++i) {
        type.names.push_back(take(duckdb.duckdb_enum_dictionary_value(handle, i)));
      }
      break;
    case Kind::kList:
      type.children.push_back(read_child(duckdb.duckdb_list_type_child_type(handle)));
      break;
    case Kind::kArray:
      type.width = static_cast<int>(duckdb.duckdb_array_type_array_size(handle));
      type.children.push_back(read_child(duckdb.duckdb_array_type_child_type(handle)));
      break;
    case Kind::kMap:
      type.children.push_back(read_child(duckdb.duckdb_map_type_key_type(handle)));
      type.children.push_back(read_child(duckdb.duckdb_map_type_value_type(handle)));
      break;
    case Kind::kStruct:
      for (idx_t i = 0; i < duckdb.duckdb_struct_type_child_count(handle); ++i) {
        type.names.push_back(take(duckdb.duckdb_struct_type_child_name(handle, i)));
        type.children.push_back(read_child(duckdb.duckdb_struct_type_child_type(handle, i)));
      }
      break;
    case Kind::kVarchar:
      type.alias = take(duckdb.duckdb_logical_type_get_alias(handle));
      break;
    default:
      break;
  }
  return type;
}

Column read_column(const Type& type, duckdb_vector vector) {
  const Library& duckdb = library();
  Column column{.type = &type,
                .data = duckdb.duckdb_vector_get_data(vector),
                .validity = duckdb.duckdb_vector_get_validity(vector)};
  switch (type.kind) {
    case Kind::kList:
      column.children.push_back(
          read_column(type.children[0], duckdb.duckdb_list_vector_get_child(vector)));
      break;
    case Kind::kArray:
      column.children.push_back(
          read_column(type.children[0], duckdb.duckdb_array_vector_get_child(vector)));
      break;
    case Kind::kMap: {
      // A map is a list of structs of key and value.
      duckdb_vector entries = duckdb.duckdb_list_vector_get_child(vector);
      for (idx_t i = 0; i < 2; ++i) {
        column.children.push_back(
            read_column(type.children[i], duckdb.duckdb_struct_vector_get_child(entries, i)));
      }
      break;
    }
    case Kind::kStruct:
      for (idx_t i = 0; i < type.children.size(); ++i) {
        column.children.push_back(
            read_column(type.children[i], duckdb.duckdb_struct_vector_get_child(vector, i)));
      }
      break;
    default:
      break;
  }
  return column;
}

namespace {

StatementKind statement_kind(duckdb_statement_type type) {
  switch (type) {
    case DUCKDB_STATEMENT_TYPE_SELECT:
      return StatementKind::kSelect;
    case DUCKDB_STATEMENT_TYPE_INSERT:
      return StatementKind::kInsert;
    case DUCKDB_STATEMENT_TYPE_UPDATE:
      return StatementKind::kUpdate;
    case DUCKDB_STATEMENT_TYPE_DELETE:
      return StatementKind::kDelete;
    case DUCKDB_STATEMENT_TYPE_EXPLAIN:
      return StatementKind::kExplain;
    case DUCKDB_STATEMENT_TYPE_CREATE:
      return StatementKind::kCreate;
    case DUCKDB_STATEMENT_TYPE_ALTER:
      return StatementKind::kAlter;
    case DUCKDB_STATEMENT_TYPE_DROP:
      return StatementKind::kDrop;
    case DUCKDB_STATEMENT_TYPE_COPY:
      return StatementKind::kCopy;
    default:
      return StatementKind::kOther;
  }
}

struct Config {
  Config() { library().duckdb_create_config(&handle); }
  ~Config() { library().duckdb_destroy_config(&handle); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  void set(const char* name, const std::string& value) {
    if (library().duckdb_set_config(handle, name, value.c_str()) == DuckDBError) {
      throw Error(fmt::format("DuckDB refuses the setting {} = {}", name, value));
    }
  }
  duckdb_config handle = nullptr;
};

struct Extracted {
  Extracted(duckdb_connection connection, const std::string& sql) {
    count = library().duckdb_extract_statements(connection, sql.c_str(), &handle);
    if (count == 0) {
      const char* error = library().duckdb_extract_statements_error(handle);
      message = error ? error : "Parser Error: there is no statement";
    }
  }
  ~Extracted() { library().duckdb_destroy_extracted(&handle); }
  Extracted(const Extracted&) = delete;
  Extracted& operator=(const Extracted&) = delete;
  duckdb_extracted_statements handle = nullptr;
  idx_t count = 0;
  std::string message;  ///< why there are none
};

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) list += (list.size() > 1 ? ", " : "") + quote_text(text);
  return list + ']';
}

}  // namespace

// --- Database

struct Database::Impl {
  ~Impl() {
    // Without a handle there may be no library either, and a destructor is no place to look for it.
    if (handle != nullptr) library().duckdb_close(&handle);
  }
  duckdb_database handle = nullptr;
};

Database::Database(const Options& options) : impl_(std::make_unique<Impl>()) {
  Config config;
  config.set("temp_directory", options.temp_directory);
  config.set("memory_limit", options.memory_limit);
  config.set("threads", std::to_string(options.threads));
  config.set("autoinstall_known_extensions", "false");
  config.set("autoload_known_extensions", "false");
  char* error = nullptr;
  if (library().duckdb_open_ext(":memory:", &impl_->handle, config.handle, &error) == DuckDBError) {
    throw Error(take(error));
  }
  if (!options.setup.empty()) Connection(*this).execute_all(options.setup);
  if (options.lock) lock(options.allowed_directories, options.allowed_paths);
}

void Database::lock(const std::vector<std::string>& allowed_directories,
                    const std::vector<std::string>& allowed_paths) {
  // In this order: the last one forbids any further SET, also of itself.
  Connection(*this).execute_all(
      fmt::format("SET GLOBAL allowed_directories = {};"
                  "SET GLOBAL allowed_paths = {};"
                  "SET GLOBAL enable_external_access = false;"
                  "SET GLOBAL lock_configuration = true;",
                  quoted_list(allowed_directories), quoted_list(allowed_paths)));
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

// --- Result

struct Result::Impl {
  ~Impl() {
    if (chunk) library().duckdb_destroy_data_chunk(&chunk);
    library().duckdb_destroy_result(&handle);
  }

  // Throws what the result says went wrong.
  [[noreturn]] void fail() {
    const char* message = library().duckdb_result_error(&handle);
    throw Error(message ? message : "DuckDB gives no reason",
                library().duckdb_result_error_type(&handle) == DUCKDB_ERROR_INTERRUPT);
  }

  void read_columns() {
    for (idx_t i = 0; i < library().duckdb_column_count(&handle); ++i) {
      const LogicalType type(library().duckdb_column_logical_type(&handle, i));
      columns.push_back({library().duckdb_column_name(&handle, i), read_type(type.handle)});
    }
  }

  bool next_chunk() {
    if (chunk) library().duckdb_destroy_data_chunk(&chunk);
    cells.clear();
    row = 0;
    rows = 0;
    chunk = library().duckdb_fetch_chunk(handle);
    if (!chunk) {
      const char* message = library().duckdb_result_error(&handle);
      if (message && *message) fail();
      return false;
    }
    rows = library().duckdb_data_chunk_get_size(chunk);
    for (idx_t i = 0; i < columns.size(); ++i) {
      cells.push_back(
          read_column(columns[i].type, library().duckdb_data_chunk_get_vector(chunk, i)));
    }
    return rows > 0;
  }

  duckdb_result handle{};
  duckdb_data_chunk chunk = nullptr;
  std::vector<ResultColumn> columns;
  std::vector<Column> cells;
  std::uint64_t row = 0;
  std::uint64_t rows = 0;
};

Result::Result(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Result::~Result() = default;
Result::Result(Result&&) noexcept = default;
Result& Result::operator=(Result&&) noexcept = default;

const std::vector<ResultColumn>& Result::columns() const { return impl_->columns; }

std::uint64_t Result::rows_changed() const { return library().duckdb_rows_changed(&impl_->handle); }

bool Result::next() {
  if (impl_->chunk && ++impl_->row < impl_->rows) return true;
  return impl_->next_chunk();
}

Cell Result::operator[](std::size_t column) const { return {impl_->cells.at(column), impl_->row}; }

// --- Statement

struct Statement::Impl {
  ~Impl() { library().duckdb_destroy_prepare(&handle); }
  duckdb_prepared_statement handle = nullptr;
};

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::~Statement() = default;
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;

StatementKind Statement::kind() const {
  return statement_kind(library().duckdb_prepared_statement_type(impl_->handle));
}

std::size_t Statement::parameter_count() const { return library().duckdb_nparams(impl_->handle); }

void Statement::bind(const std::vector<Parameter>& parameters) {
  const Library& duckdb = library();
  duckdb_prepared_statement statement = impl_->handle;
  struct Binder {
    const Library& duckdb;
    duckdb_prepared_statement statement;
    idx_t index;
    duckdb_state operator()(std::nullptr_t) { return duckdb.duckdb_bind_null(statement, index); }
    duckdb_state operator()(bool value) {
      return duckdb.duckdb_bind_boolean(statement, index, value);
    }
    duckdb_state operator()(std::int64_t value) {
      return duckdb.duckdb_bind_int64(statement, index, value);
    }
    duckdb_state operator()(double value) {
      return duckdb.duckdb_bind_double(statement, index, value);
    }
    duckdb_state operator()(const std::string& value) {
      return duckdb.duckdb_bind_varchar_length(statement, index, value.data(), value.size());
    }
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (std::visit(Binder{duckdb, statement, i + 1}, parameters[i]) == DuckDBError) {
      throw Error(fmt::format("Binder Error: parameter {} can't be bound", i + 1));
    }
  }
}

Result Statement::execute(const std::vector<Parameter>& parameters) {
  bind(parameters);
  auto result = std::make_unique<Result::Impl>();
  if (library().duckdb_execute_prepared(impl_->handle, &result->handle) == DuckDBError) {
    result->fail();
  }
  result->read_columns();
  return Result(std::move(result));
}

Result Statement::stream(const std::vector<Parameter>& parameters) {
  bind(parameters);
  const Library& duckdb = library();
  duckdb_pending_result pending = nullptr;
  struct Guard {
    duckdb_pending_result& pending;
    ~Guard() { library().duckdb_destroy_pending(&pending); }
  } guard{pending};
  if (duckdb.duckdb_pending_prepared_streaming(impl_->handle, &pending) == DuckDBError) {
    throw Error(duckdb.duckdb_pending_error(pending));
  }
  auto result = std::make_unique<Result::Impl>();
  if (duckdb.duckdb_execute_pending(pending, &result->handle) == DuckDBError) result->fail();
  result->read_columns();
  return Result(std::move(result));
}

// --- Connection

struct Connection::Impl {
  ~Impl() { library().duckdb_disconnect(&handle); }

  Statement prepare(const Extracted& statements, idx_t index) {
    auto statement = std::make_unique<Statement::Impl>();
    if (library().duckdb_prepare_extracted_statement(handle, statements.handle, index,
                                                     &statement->handle) == DuckDBError) {
      throw Error(library().duckdb_prepare_error(statement->handle));
    }
    return Statement(std::move(statement));
  }

  duckdb_connection handle = nullptr;
};

Connection::Connection(Database& database) : impl_(std::make_unique<Impl>()) {
  if (library().duckdb_connect(database.impl_->handle, &impl_->handle) == DuckDBError) {
    throw Error("DuckDB refuses a connection");
  }
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Statement Connection::prepare(std::string_view sql) {
  const Extracted statements(impl_->handle, std::string(sql));
  if (statements.count == 0) throw Error(statements.message);
  if (statements.count > 1) throw Error("Parser Error: only one statement is allowed");
  return impl_->prepare(statements, 0);
}

Result Connection::query(std::string_view sql, const std::vector<Parameter>& parameters) {
  return prepare(sql).execute(parameters);
}

void Connection::execute_all(std::string_view script) {
  const Extracted statements(impl_->handle, std::string(script));
  if (statements.count == 0) throw Error(statements.message);
  for (idx_t i = 0; i < statements.count; ++i) impl_->prepare(statements, i).execute();
}

std::optional<std::string> Connection::value(std::string_view sql,
                                             const std::vector<Parameter>& parameters) {
  Result result = query(sql, parameters);
  if (!result.next() || result[0].is_null()) return std::nullopt;
  return result[0].text();
}

void Connection::add_table(const std::string& name, std::vector<ResultColumn> columns,
                           RowSource& rows) {
  add_table_function(impl_->handle, name, std::move(columns), rows);
}

void Connection::add_function(ScalarFunction function) {
  add_scalar_function(impl_->handle, std::move(function));
}

void Connection::interrupt() { library().duckdb_interrupt(impl_->handle); }

std::string version() { return library().duckdb_library_version(); }

}  // namespace duck
