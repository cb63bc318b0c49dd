// One query from its text to its result: what a worker of the pool does.
#pragma once

#include "engine/services/athena/results.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"
#include "lib/duckdb/database.h"
#include "lib/io/temporary_folder.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
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

class Sessions;

struct QueryInput {
  Sessions& sessions;  ///< where its database comes from
  std::string sql;
  std::string database;  ///< the context's, "" for none
  std::string scratch;   ///< a folder for temporary files
  std::uint64_t scan_limit = UINT64_MAX;  ///< bytes of the tables' files; past it: QueryCancelled
  std::string id;                         ///< of the execution
  std::string output;                     ///< s3://… of the execution, without a suffix
  bool output_enforced = false;           ///< by the workgroup: no other place may be chosen
  Timestamp now = {};
};

/// Where a result's rows are.
enum class ResultForm {
  kCsv,   ///< with a header
  kText,  ///< lines
  kNone,  ///< nowhere: the statement wrote rows elsewhere
};

/// What a statement changes, made ready and not yet done. It is done in one transaction, or not at
/// all; then the files go.
struct Change {
  using Apply = std::function<void(const glue::Glue::Commit&)>;
  std::shared_ptr<io::TemporaryFolder> folder = {};  ///< where the objects' bodies are
  std::vector<s3::NewObject> objects = {};
  Apply apply = {};  ///< the change of the catalog, none when empty
};

struct QueryOutput {
  std::vector<api::ColumnInfo> columns;
  http::Body file;
  ResultForm form = ResultForm::kCsv;
  std::uint64_t bytes_scanned = 0;
  std::uint64_t files_opened = 0;
  std::chrono::milliseconds planning{};
  std::uint64_t rows = 0;
  std::optional<std::int64_t> updated;  ///< rows written into the lake
  std::vector<std::string> manifest;    ///< s3://… of the objects that hold them
  Change change;
};

/// Throws QueryError with Athena's sentence, QueryCancelled.
QueryOutput run_query(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                      Cancellation& cancellation);

}  // namespace engine::athena
