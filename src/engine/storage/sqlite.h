// SQLite as we use it: connections and prepared statements that close themselves and throw
// StorageError.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace engine::storage {

/// A prepared statement. Bind from 1, step while it gives rows, reset. One thread at a time.
class Statement {
 public:
  Statement(sqlite3* db, const std::string& path, std::string_view sql);

  Statement& bind(int index, std::int64_t value);
  /// The bytes must live until reset().
  Statement& bind(int index, std::string_view bytes);
  /// True when there is a row.
  bool step();
  /// Steps to the end and resets.
  void run();
  void reset();

  std::int64_t integer(int column) const;
  /// The view lives until the next step or reset.
  std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* db_;
  const std::string& path_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement when a scope ends, however it ends: a statement left open holds a snapshot.
class Reset {
 public:
  explicit Reset(Statement& statement) : statement_(statement) {}
  ~Reset() { statement_.reset(); }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  Statement& statement_;
};

/// A connection to a database file. One thread at a time.
class Connection {
 public:
  /// Opens or creates the file.
  explicit Connection(const std::string& path);

  void execute(const char* sql);
  Statement prepare(std::string_view sql) { return Statement(db_.get(), path_, sql); }
  std::int64_t integer(std::string_view sql);
  /// Writes what this connection sees, in its transaction if it is in one, to a new database file.
  void copy_to(const std::string& path);
  /// Undoes the open transaction, if there is one. Doesn't throw.
  void roll_back();

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  const std::string& path_;
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace engine::storage
