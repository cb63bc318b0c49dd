// SQLite as we use it.
#include "engine/storage/sqlite.h"

#include "engine/storage/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace engine::storage {
namespace {

/// The errno behind an SQLite error; 0 when the file's bytes are wrong.
int error_number(sqlite3* db, int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return 0;
    case SQLITE_READONLY:
      return EROFS;
    case SQLITE_BUSY:
      return EBUSY;
    case SQLITE_NOMEM:
      return ENOMEM;
    default:
      break;
  }
  const int code = db == nullptr ? 0 : sqlite3_system_errno(db);
  return code == 0 ? EIO : code;
}

[[noreturn]] void fail(sqlite3* db, const std::string& path, int result, const char* action) {
  const int code = error_number(db, result);
  const char* reason = db == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(db);
  throw StorageError(path, code, fmt::format("cannot {} {}: {}", action, path, reason));
}

}  // namespace

Statement::Statement(sqlite3* db, const std::string& path, std::string_view sql)
    : db_(db), path_(path) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) fail(db, path, result, "use");
  statement_.reset(statement);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(int index, std::int64_t value) {
  const int result = sqlite3_bind_int64(statement_.get(), index, value);
  if (result != SQLITE_OK) fail(db_, path_, result, "use");
  return *this;
}

Statement& Statement::bind(int index, std::string_view bytes) {
  // A null pointer would bind NULL, and an empty view may be one.
  const char* data = bytes.empty() ? "" : bytes.data();
  const int result =
      sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC);
  if (result != SQLITE_OK) fail(db_, path_, result, "use");
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const bool reads = sqlite3_stmt_readonly(statement_.get()) != 0;
  fail(db_, path_, result, reads ? "read" : "write");
}

void Statement::run() {
  const Reset reset(*this);
  while (step()) {
  }
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

namespace {

/// Access keys of users stand in it: nobody but its owner reads it. SQLite gives its other files the same mode.
/// What fails here will fail below, with a better sentence.
void make_private(const std::string& path) {
  constexpr mode_t kOwner = S_IRUSR | S_IWUSR;
  // Only a file that nobody had is opened here: to close it would take SQLite's locks away.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwner);
  if (fd >= 0) ::close(fd);
  if (fd < 0) static_cast<void>(::chmod(path.c_str(), kOwner));
}

}  // namespace

Connection::Connection(const std::string& path) : path_(path) {
  make_private(path);
  sqlite3* db = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  db_.reset(db);
  if (result != SQLITE_OK) fail(db, path, result, "open");
}

void Connection::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

void Connection::execute(const char* sql) {
  const int result = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(db_.get(), path_, result, "use");
}

std::int64_t Connection::integer(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Connection::copy_to(const std::string& path) {
  const Connection target(path);
  sqlite3_backup* const backup = sqlite3_backup_init(target.db_.get(), "main", db_.get(), "main");
  if (backup == nullptr) fail(target.db_.get(), path, sqlite3_errcode(target.db_.get()), "copy to");
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) fail(target.db_.get(), path, stepped, "copy to");
  if (finished != SQLITE_OK) fail(target.db_.get(), path, finished, "copy to");
}

void Connection::roll_back() {
  if (sqlite3_get_autocommit(db_.get()) == 0) {
    sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace engine::storage
