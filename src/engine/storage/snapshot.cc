// The catalog as it was at one moment.
#include "engine/storage/snapshot.h"

#include "engine/storage/sqlite.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace engine::storage {

struct Snapshot::Impl {
  std::string path;
  Connection connection;

  explicit Impl(const std::string& directory) : path(directory + "/catalog.sqlite"), connection(path) {
    connection.execute("PRAGMA busy_timeout=10000; PRAGMA cache_size=-1024; BEGIN");
    connection.integer("SELECT count(*) FROM names");  // the first read is the moment
  }
};

Snapshot::Snapshot(const std::string& directory) : impl_(std::make_unique<Impl>(directory)) {}
Snapshot::~Snapshot() = default;

void Snapshot::each(std::string_view table,
                    const std::function<void(std::string_view key, std::string_view value)>& use) {
  Statement rows = impl_->connection.prepare(
      "SELECT key, value FROM rows WHERE name = (SELECT id FROM names WHERE name = ?) ORDER BY key");
  rows.bind(1, table);
  while (rows.step()) use(rows.bytes(0), rows.bytes(1));
}

void Snapshot::copy_to(const std::string& path) {
  impl_->connection.copy_to(path);
  const io::File file = io::open_file(path, O_RDONLY);
  if (::fsync(file.fd.get()) != 0) io::throw_system_error("sync", path, errno);
}

}  // namespace engine::storage
