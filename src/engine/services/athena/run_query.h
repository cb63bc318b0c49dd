// One query from its text to its result: what a worker of the pool does.
#pragma once

#include "engine/services/athena/results.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"
#include "lib/duckdb/database.h"

#include <atomic>
#include <mutex>
#include <string>

namespace engine::athena {

/// How a running query is stopped from another thread.
class Cancellation {
 public:
  /// Asks the query to end, and interrupts DuckDB if it is at work. An interrupt that comes between
  /// two statements is lost, so whoever waits for the end repeats this.
  void request();
  bool requested() const { return requested_; }
  /// Throws QueryCancelled when a stop was requested.
  void check() const;

  /// Makes a connection the one to interrupt, while it lives.
  class Scope {
   public:
    Scope(Cancellation& cancellation, duck::Connection& connection);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Cancellation& cancellation_;
  };

 private:
  std::atomic<bool> requested_ = false;
  std::mutex mutex_;
  duck::Connection* connection_ = nullptr;
};

struct QueryInput {
  std::string sql;
  std::string database;  ///< the context's, "" for none
  std::string scratch;   ///< a folder for temporary files
  std::uint64_t scan_limit = UINT64_MAX;  ///< bytes of the tables' files; past it: QueryCancelled
};

struct QueryOutput {
  std::vector<api::ColumnInfo> columns;
  http::Body file;  ///< CSV with a header, or lines of text
  bool csv = true;
  std::uint64_t bytes_scanned = 0;
  std::uint64_t rows = 0;
};

/// Throws QueryError with Athena's sentence, QueryCancelled.
QueryOutput run_query(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                      Cancellation& cancellation);

}  // namespace engine::athena
