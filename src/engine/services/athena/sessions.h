// DuckDB sessions that are ready when a query comes.
#pragma once

#include "lib/duckdb/database.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace engine::athena {

/// A database in memory of one query's own, set up and not locked yet.
struct Session {
  explicit Session(const std::string& scratch);

  duck::Database database;
  duck::Connection connection;
};

/// Sessions nobody has used. To make one takes longer than to answer a small query, so a few are
/// made beforehand, by a thread of their own. Thread-safe.
class Sessions {
 public:
  /// `scratch`: the folder where large sorts and joins spill. It must be there when they do.
  explicit Sessions(std::string scratch);
  ~Sessions();

  /// Throws duck::Error when there is no DuckDB to open.
  std::unique_ptr<Session> take();
  /// Makes up for those that were taken: for when a query is over, since this takes the processor
  /// from one that runs.
  void refill();

 private:
  void work(const std::stop_token& stop);

  const std::string scratch_;
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::deque<std::unique_ptr<Session>> spare_;
  bool wanted_ = false;
  std::jthread worker_;
};

}  // namespace engine::athena
