// DuckDB sessions that are ready when a query comes.
#pragma once

#include "engine/services/athena/parquet_footers.h"
#include "lib/duckdb/database.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace engine::athena {

/// A connection that is one query's as long as it runs, and the functions of ours that it knows.
class Session {
 public:
  /// To a database of its own in memory, set up and not locked yet. `scratch`: the folder where
  /// large sorts and joins spill. It must be there when they do.
  explicit Session(const std::string& scratch);
  /// To one that is shared with others; it must not be locked yet.
  explicit Session(duck::Database& shared);

  /// Makes our definitions of these names, and those they call, known. Names that are not ours are
  /// passed over.
  void define(const std::set<std::string>& functions);

  duck::Database& database() { return database_; }
  duck::Connection& connection() { return connection_; }
  bool is_shared() const { return own_ == nullptr; }

 private:
  std::unique_ptr<duck::Database> own_;
  duck::Database& database_;
  duck::Connection connection_;
  std::set<std::string> known_;
};

/// Where queries get sessions, and what they remember from one to the next. Thread-safe.
///
/// To open a database takes longer than to answer a small query. So there is one for all queries
/// that read no file, locked once and for good, and whatever leaves no trace in it may run there;
/// and for the others a few are opened beforehand, by a thread of their own, which also closes those
/// that are done with.
class Sessions {
 public:
  /// `spare`: how many are opened beforehand. One for each query that may run at once, and one that
  /// comes right after, is enough; an unused one holds some 3 MB.
  explicit Sessions(std::string scratch, std::size_t spare = 0);
  ~Sessions();

  /// A session of the shared database, which can read no file; when all are in use, one like
  /// take()'s. Throws duck::Error when there is no DuckDB to open.
  std::unique_ptr<Session> desk();
  /// A session with a database of its own, not locked.
  std::unique_ptr<Session> take();
  /// Takes back what the two gave, for its next user or to close it. Nothing, too.
  void give_back(std::unique_ptr<Session> session);
  /// Makes up for those that were taken: for when a query is over, since this takes the processor
  /// from one that runs.
  void refill();

  /// What is known of the lake's Parquet files.
  ParquetFooters& footers() { return footers_; }

 private:
  void open_desks();
  void work(const std::stop_token& stop);
  std::unique_ptr<Session> spare() const;
  void wake();

  const std::string scratch_;
  const std::size_t most_spare_;
  ParquetFooters footers_;
  std::mutex opening_;  // held while the shared database is opened
  std::unique_ptr<duck::Database> shared_;
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<Session>> desks_;
  std::deque<std::unique_ptr<Session>> spare_, done_;
  bool wanted_ = false;
  std::jthread worker_;
};

}  // namespace engine::athena
