// The DuckDB database of one query: its tables made views, then locked.
#pragma once

#include "engine/services/athena/ddl_cursor.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/run_query.h"
#include "engine/services/athena/sessions.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

class LakeViews;

/// A query and what its result is like.
struct Description {
  Translation translation;
  std::vector<std::string> names;  ///< Athena's: lower case, _col0 for what has none
  std::vector<duck::Type> types;
};

/// Sees the files of the tables that its query names and nothing else of this machine. Used by one
/// thread; stopped through the query's Cancellation while it lives.
class QuerySession {
 public:
  QuerySession(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
               Cancellation& cancellation);
  ~QuerySession();

  /// Translates the query, makes views of its tables, and locks the database; files may be written
  /// below `folders` from then on. Call it once. Throws QueryError, QueryCancelled, duck::Error.
  Translation open(std::string_view query, const std::vector<std::string>& folders = {});

  /// The columns of a query, which isn't run: no partition is looked for, and a session that has
  /// described opens nothing. `creating` is a view to be, which the query may not stand on.
  Description describe(std::string_view query, const QualifiedName* creating = nullptr);

  /// The columns of a translated query's result under the names it gives them, two of one name too.
  std::vector<duck::ResultColumn> columns_of(const Translation& translation);

  /// Where the query runs, once it was opened or described.
  duck::Connection& connection() { return session_->connection(); }

  /// Files of the tables and their bytes, those excepted that a condition on partitions rules out.
  std::uint64_t files() const;
  std::uint64_t bytes() const;

  /// From the start until open() was done: translating, looking up tables, listing their files.
  std::chrono::milliseconds planning() const { return planning_; }

  /// A text that names objects instead of files of this machine.
  std::string without_paths(std::string text) const;

  /// Throws DuckDB's error in Athena's words, objects named instead of files; QueryCancelled when the
  /// query was stopped.
  [[noreturn]] void fail(const duck::Error& error, std::string_view query);

 private:
  void choose(std::unique_ptr<Session>& session);
  Translation set_up(std::string_view query, bool reads_files);

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::milliseconds planning_{};
  Translation translated_;  ///< the statement, as far as it was set up
  const QueryInput& input_;
  Cancellation& cancellation_;
  glue::Glue& glue_;
  const s3::S3& s3_;
  std::unique_ptr<Session> desk_;  ///< where it is parsed, and runs when it reads no file
  std::unique_ptr<Session> own_;   ///< otherwise
  Session* session_ = nullptr;     ///< one of the two
  std::optional<Cancellation::Scope> scope_;
  std::unique_ptr<LakeViews> views_;  ///< none when it reads no file
  std::optional<QualifiedName> forbidden_;
};

}  // namespace engine::athena
