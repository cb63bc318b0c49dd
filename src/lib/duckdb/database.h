// DuckDB behind a small interface: databases in memory, connections, statements, results.
#pragma once

#include "lib/duckdb/row_source.h"
#include "lib/duckdb/scalar_function.h"
#include "lib/duckdb/value.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace duck {

/// DuckDB's own words on what went wrong ("Binder Error: …"), or ours when its library is missing.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, bool interrupted = false)
      : std::runtime_error(message), interrupted_(interrupted) {}
  /// True when Connection::interrupt() ended the statement.
  bool interrupted() const { return interrupted_; }

 private:
  bool interrupted_;
};

struct Options {
  std::string temp_directory;  ///< where large sorts and joins spill; "" for nowhere
  std::string memory_limit = "1GB";
  int threads = 1;
  std::string setup;  ///< SQL run at opening, before the lock; SET GLOBAL reaches every connection

  /// The only folders and files that may be read or written. Nothing here: no file at all.
  std::vector<std::string> allowed_directories = {};
  std::vector<std::string> allowed_paths = {};

  /// False: the database stays open until Database::lock(), for sessions that must first be set up.
  bool lock = true;
};

/// A database in memory, locked down: no file outside the allowed ones, no extension, no network,
/// no change of configuration. Opening takes about 10 ms. Thread-safe; must outlive its
/// connections.
class Database {
 public:
  explicit Database(const Options& options = {});
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  /// Locks a database that was opened without. Nobody's SQL but our own may have run before.
  void lock(const std::vector<std::string>& allowed_directories,
            const std::vector<std::string>& allowed_paths);

 private:
  friend class Connection;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

using Parameter = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;

enum class StatementKind {
  kSelect,
  kInsert,
  kUpdate,
  kDelete,
  kExplain,
  kCreate,
  kAlter,
  kDrop,
  kCopy,
  kOther
};

struct ResultColumn {
  std::string name;
  Type type;
};

/// Rows, read once and in order:
///
///   while (result.next()) use(result[0].text());
///
/// Streamed results compute as they are read, so next() may throw; no other statement may run on
/// the connection meanwhile.
class Result {
 public:
  ~Result();
  Result(Result&&) noexcept;
  Result& operator=(Result&&) noexcept;

  const std::vector<ResultColumn>& columns() const;
  /// Rows an INSERT, UPDATE or COPY has written.
  std::uint64_t rows_changed() const;

  /// Moves to the next row (the first, at the first call); false behind the last. Throws Error.
  bool next();
  /// A cell of the present row.
  Cell operator[](std::size_t column) const;

 private:
  friend class Statement;
  struct Impl;
  explicit Result(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One prepared statement. Used by one thread at a time.
class Statement {
 public:
  ~Statement();
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;

  StatementKind kind() const;
  std::size_t parameter_count() const;

  /// Runs it to its end with `parameters` for $1, $2, ... Throws Error.
  Result execute(const std::vector<Parameter>& parameters = {});
  /// Runs it as the result is read.
  Result stream(const std::vector<Parameter>& parameters = {});

 private:
  friend class Connection;
  struct Impl;
  explicit Statement(std::unique_ptr<Impl> impl);
  void bind(const std::vector<Parameter>& parameters);
  std::unique_ptr<Impl> impl_;
};

/// One session. Used by one thread at a time, but for interrupt().
class Connection {
 public:
  explicit Connection(Database& database);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// Prepares SQL that must be exactly one statement. Throws Error.
  Statement prepare(std::string_view sql);

  /// prepare() and execute().
  Result query(std::string_view sql, const std::vector<Parameter>& parameters = {});

  /// Runs every statement of a script of our own making; never pass a user's text.
  void execute_all(std::string_view script);

  /// The first cell of the first row as text; nothing when there is no row or it is NULL.
  std::optional<std::string> value(std::string_view sql,
                                   const std::vector<Parameter>& parameters = {});

  /// Makes `name()` a table of rows that the program gives, in statements of the whole database.
  /// `rows` outlives the statements that read it; each of its rows is read once.
  void add_table(const std::string& name, std::vector<ResultColumn> columns, RowSource& rows);

  /// Makes a function of the program's known to statements of the whole database.
  void add_function(ScalarFunction function);

  /// Ends what runs on this connection with an Error that is interrupted(). From any thread.
  void interrupt();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "v1.4.4"; opens the library. Throws Error when it is missing.
std::string version();

}  // namespace duck
