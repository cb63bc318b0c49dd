// The catalog: all tables in one SQLite table, one writer that commits for all who wait, some
// readers. Format: docs/formats/catalog.md.
#include "engine/storage/catalog.h"

#include "engine/storage/error.h"
#include "engine/storage/shared_work.h"
#include "engine/storage/sqlite.h"
#include "lib/base/guarded.h"
#include "lib/io/file_system.h"

#include <fmt/format.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>

namespace engine::storage {
namespace {

constexpr std::int64_t kApplicationId = 0x42656572;  // "Beer"
constexpr std::int64_t kVersion = 1;
constexpr std::size_t kReaders = 4;

constexpr const char* kSettings =
    "PRAGMA synchronous=FULL;"
    "PRAGMA cache_size=-1024;"  // KiB, for each connection: an idle engine is to stay small
    "PRAGMA busy_timeout=10000;"
    "PRAGMA temp_store=MEMORY;";

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS names(id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);"
    "CREATE TABLE IF NOT EXISTS rows(name INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(name, key)) WITHOUT ROWID;";

/// The least string greater than every string that starts with `prefix`; nothing when there is
/// none.
std::optional<std::string> after_prefix(std::string_view prefix) {
  std::string bound(prefix);
  while (!bound.empty() && bound.back() == '\xff') bound.pop_back();
  if (bound.empty()) return std::nullopt;
  bound.back() = static_cast<char>(static_cast<unsigned char>(bound.back()) + 1);
  return bound;
}

/// A connection that only reads, with its statements.
struct Reader {
  explicit Reader(const std::string& path) : connection(path) { connection.execute(kSettings); }

  Connection connection;
  Statement get = connection.prepare("SELECT value FROM rows WHERE name=?1 AND key=?2");
  Statement from =
      connection.prepare("SELECT key, value FROM rows WHERE name=?1 AND key>=?2 ORDER BY key");
  Statement count = connection.prepare("SELECT count(*) FROM rows WHERE name=?1 AND key>=?2");
  Statement count_between =
      connection.prepare("SELECT count(*) FROM rows WHERE name=?1 AND key>=?2 AND key<?3");
};

/// At most kReaders readers, opened when first needed and lent to one thread at a time.
class Readers {
 public:
  explicit Readers(const std::string& path) : path_(path) {}

  template <class F>
  auto with(F&& use) {
    Loan loan{*this, take()};
    return std::forward<F>(use)(*loan.reader);
  }

 private:
  struct Loan {
    Readers& readers;
    std::unique_ptr<Reader> reader;
    ~Loan() { readers.give(std::move(reader)); }
  };

  std::unique_ptr<Reader> take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !idle_.empty() || lent_ < kReaders; });
    ++lent_;
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
    lock.unlock();
    try {
      return std::make_unique<Reader>(path_);
    } catch (...) {
      give(nullptr);
      throw;
    }
  }

  void give(std::unique_ptr<Reader> reader) {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (reader) idle_.push_back(std::move(reader));
    returned_.notify_one();
  }

  const std::string& path_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Reader>> idle_;
  std::size_t lent_ = 0;
};

/// The one connection that writes. Used by one thread at a time: the leader.
class Writer {
 public:
  explicit Writer(const std::string& path) : path_(path), connection_(path) {
    connection_.execute(kSettings);
    set_up();
    put_.emplace(
        connection_.prepare("INSERT INTO rows VALUES(?1,?2,?3) "
                            "ON CONFLICT DO UPDATE SET value=excluded.value"));
    remove_.emplace(connection_.prepare("DELETE FROM rows WHERE name=?1 AND key=?2"));
    name_.emplace(connection_.prepare("INSERT INTO names VALUES(?1,?2)"));
    begin_.emplace(connection_.prepare("BEGIN IMMEDIATE"));
    commit_.emplace(connection_.prepare("COMMIT"));
  }

  std::map<std::string, std::int64_t, std::less<>> load_names() {
    std::map<std::string, std::int64_t, std::less<>> names;
    Statement all = connection_.prepare("SELECT id, name FROM names");
    while (all.step()) names.emplace(all.bytes(1), all.integer(0));
    return names;
  }

  void begin() { begin_->run(); }
  void name(std::int64_t id, std::string_view name) { name_->bind(1, id).bind(2, name).run(); }
  void change(std::int64_t id, const Batch::Change& change) {
    if (change.value) {
      put_->bind(1, id).bind(2, change.key).bind(3, *change.value).run();
    } else {
      remove_->bind(1, id).bind(2, change.key).run();
    }
  }
  void commit() { commit_->run(); }
  void roll_back() { connection_.roll_back(); }

 private:
  /// Brings an empty file to our format, and refuses one that is somebody else's.
  void set_up() {
    const std::int64_t application = connection_.integer("PRAGMA application_id");
    const std::int64_t version = connection_.integer("PRAGMA user_version");
    const bool fresh = connection_.integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (!fresh && application != kApplicationId) {
      throw StorageError(path_, 0, path_ + " is not a catalog of this program");
    }
    if (!fresh && version != kVersion) {
      throw StorageError(path_, 0,
                         fmt::format("{} has format version {}, and this program knows version {}",
                                     path_, version, kVersion));
    }
    connection_.execute("PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=16777216;");
    if (!fresh) return;
    connection_.execute("BEGIN IMMEDIATE");
    connection_.execute(kSchema);
    connection_.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                                    kApplicationId, kVersion)
                            .c_str());
  }

  const std::string& path_;
  Connection connection_;
  std::optional<Statement> put_, remove_, name_, begin_, commit_;
};

using Commits = SharedWork<const Batch&>;

std::string prepare_folder(const std::string& directory) {
  try {
    io::real_file_system().make_folders(directory);
  } catch (const std::system_error& error) {
    throw StorageError(directory, error);
  }
  return directory + "/catalog.sqlite";
}

}  // namespace

struct Catalog::Impl {
  using Names = std::map<std::string, std::int64_t, std::less<>>;

  explicit Impl(const std::string& directory)
      : path(prepare_folder(directory)), writer(path), names(writer.load_names()), readers(path) {}

  std::optional<std::int64_t> find_name(std::string_view table) const {
    return names.read([&](const Names& known) -> std::optional<std::int64_t> {
      const auto found = known.find(table);
      if (found == known.end()) return std::nullopt;
      return found->second;
    });
  }

  /// Applies the batches of these members as one transaction: all of it, or nothing.
  void apply(Commits::Group group) {
    Names fresh;
    try {
      writer.begin();
      for (const Commits::Member* member : group) {
        for (const Batch::Change& change : member->item.changes()) {
          writer.change(name_for(change.table, fresh), change);
        }
      }
      writer.commit();
    } catch (...) {
      writer.roll_back();
      throw;
    }
    if (!fresh.empty()) names.with([&](Names& known) { known.merge(fresh); });
  }

  /// The number of a table's name; a new one joins `fresh`, and all once the transaction stands.
  std::int64_t name_for(const std::string& table, Names& fresh) {
    if (const auto known = find_name(table)) return *known;
    const auto next = static_cast<std::int64_t>(
        1 + fresh.size() + names.read([](const Names& known) { return known.size(); }));
    const auto [entry, added] = fresh.emplace(table, next);
    if (added) writer.name(next, table);
    return entry->second;
  }

  /// Commits for all of the group. Should the shared transaction fail, each batch gets one of its
  /// own, so that a batch too large for the disk doesn't take the small ones down with it.
  void lead(Commits::Group group) {
    try {
      return apply(group);
    } catch (...) {
      if (group.size() == 1) throw;
    }
    for (Commits::Member* const& member : group) {
      try {
        apply({&member, 1});
      } catch (...) {
        member->error = std::current_exception();
      }
    }
  }

  const std::string path;
  Writer writer;  // used by the leader of `commits`
  base::Guarded<Names> names;
  Readers readers;
  Commits commits;
};

Catalog::Catalog(const std::string& directory) : impl_(std::make_unique<Impl>(directory)) {}
Catalog::~Catalog() = default;

void Catalog::commit(Batch batch) {
  if (batch.empty()) return;
  Commits::Member self{batch};
  impl_->commits.join(self, [&](Commits::Group group) { impl_->lead(group); });
}

std::optional<std::string> Catalog::get(std::string_view table, std::string_view key) const {
  const auto id = impl_->find_name(table);
  if (!id) return std::nullopt;
  return impl_->readers.with([&](Reader& reader) -> std::optional<std::string> {
    const Reset reset(reader.get);
    if (!reader.get.bind(1, *id).bind(2, key).step()) return std::nullopt;
    return std::string(reader.get.bytes(0));
  });
}

std::vector<Catalog::Row> Catalog::scan(std::string_view table, std::string_view prefix,
                                        std::string_view after, std::size_t limit) const {
  std::vector<Row> rows;
  const auto id = impl_->find_name(table);
  if (!id || limit == 0) return rows;
  // The least key greater than `after` is `after` and a zero byte.
  const std::string from =
      after.empty() || after < prefix ? std::string(prefix) : std::string(after) + '\0';
  return impl_->readers.with([&](Reader& reader) {
    const Reset reset(reader.from);
    reader.from.bind(1, *id).bind(2, from);
    while (rows.size() < limit && reader.from.step()) {
      const std::string_view key = reader.from.bytes(0);
      if (!key.starts_with(prefix)) break;
      rows.push_back({std::string(key), std::string(reader.from.bytes(1))});
    }
    return std::move(rows);
  });
}

std::optional<Catalog::Row> Catalog::seek(std::string_view table, std::string_view prefix,
                                          std::string_view from) const {
  const auto id = impl_->find_name(table);
  if (!id) return std::nullopt;
  return impl_->readers.with([&](Reader& reader) -> std::optional<Row> {
    const Reset reset(reader.from);
    if (!reader.from.bind(1, *id).bind(2, std::max(prefix, from)).step()) return std::nullopt;
    const std::string_view key = reader.from.bytes(0);
    if (!key.starts_with(prefix)) return std::nullopt;
    return Row{std::string(key), std::string(reader.from.bytes(1))};
  });
}

std::uint64_t Catalog::count(std::string_view table, std::string_view prefix) const {
  const auto id = impl_->find_name(table);
  if (!id) return 0;
  return impl_->readers.with([&](Reader& reader) {
    const auto end = after_prefix(prefix);
    Statement& count = end ? reader.count_between : reader.count;
    const Reset reset(count);
    count.bind(1, *id).bind(2, prefix);
    if (end) count.bind(3, *end);
    count.step();
    return static_cast<std::uint64_t>(count.integer(0));
  });
}

}  // namespace engine::storage
