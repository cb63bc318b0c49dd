// Bodies as files. The life of a body, and what settling means, stand in docs/formats/objects.md.
#include "engine/storage/objects/store.h"

#include "engine/storage/error.h"
#include "engine/storage/objects/key_path.h"
#include "engine/storage/objects/scratch.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>

namespace engine::storage {
namespace {

constexpr std::string_view kFiles = "storage/files";
constexpr std::string_view kUnsettled = "storage/unsettled";
constexpr char kRemoval = '-';  // after the id in kUnsettled

/// So many settled rows wait for the sync that lets them be cleared.
constexpr std::size_t kClearAt = 64;
/// Spans up to this size are read at once; larger ones keep a descriptor.
constexpr std::uint64_t kInMemoryBytes = 64 << 10;

/// "<id>/<path>", taken apart.
struct Location {
  std::string id, path;
};

Location parse_location(std::string_view location) {
  const auto slash = location.find('/');
  if (slash == std::string_view::npos) throw std::invalid_argument("not an object's location");
  return {std::string(location.substr(0, slash)), std::string(location.substr(slash + 1))};
}

/// A row of kUnsettled.
struct Unsettled {
  std::string row;  ///< its key
  std::string path;

  std::string id() const { return row.ends_with(kRemoval) ? row.substr(0, row.size() - 1) : row; }
};

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

std::vector<Unsettled> unsettled_in(const Batch& batch) {
  std::vector<Unsettled> found;
  for (const Batch::Change& change : batch.changes()) {
    if (change.table == kUnsettled && change.value) found.push_back({change.key, *change.value});
  }
  return found;
}

}  // namespace

StagedBody::StagedBody(std::shared_ptr<Scratch> scratch, std::string id, std::uint64_t size)
    : scratch_(std::move(scratch)), id_(std::move(id)), size_(size) {}
StagedBody::StagedBody(StagedBody&& other) noexcept = default;
StagedBody& StagedBody::operator=(StagedBody&& other) noexcept {
  std::swap(scratch_, other.scratch_);
  std::swap(id_, other.id_);
  std::swap(size_, other.size_);
  return *this;
}
StagedBody::~StagedBody() {
  if (scratch_) scratch_->drop(id_);
}

struct ObjectStore::Impl {
  Impl(Catalog& metadata, std::string buckets, std::string folder, io::FileSystem& file_system)
      : catalog(metadata),
        root(without_slash(std::move(buckets))),
        files(file_system) {
    try {
      io::make_folders_durably(files, root);
      io::make_folders_durably(files, folder);
      scratch = std::make_shared<Scratch>(files, std::move(folder));
      finish_what_a_crash_left();
    } catch (const std::system_error& error) {
      throw StorageError(root, error);
    }
  }

  void finish_what_a_crash_left();
  std::string choose_path(std::string_view bucket, std::string_view key) const;
  void settle(const Unsettled& one);
  void give_final_name(const Unsettled& one);
  void settle_all(std::vector<Unsettled> all);
  void sync_folders(const std::vector<Unsettled>& renamed);
  Batch clear_settled(std::vector<Unsettled>& taken);
  bool is_current(const Location& location) const {
    return catalog.get(kFiles, location.path) == location.id;
  }

  Catalog& catalog;
  const std::string root;
  io::FileSystem& files;
  std::shared_ptr<Scratch> scratch;

  std::mutex choosing;  // place(): a choice and its reservation are one step
  std::mutex settling;  // what makes and removes names below root

  std::mutex mutex;                // guards what follows
  std::vector<Unsettled> settled;  // their rows can go when the folders are synced
  std::vector<Unsettled> failed;   // to be tried again
};

void ObjectStore::Impl::finish_what_a_crash_left() {
  std::vector<Unsettled> left;
  for (auto& row : catalog.scan(kUnsettled)) left.push_back({row.key, row.value});
  // What is gone first: its file or folder may be back where something else is now, as the other
  // kind of thing.
  std::stable_partition(left.begin(), left.end(), [&](const Unsettled& one) {
    return catalog.get(kFiles, one.path) != one.id();
  });
  for (const Unsettled& one : left) settle(one);
  sync_folders(left);
  Batch batch;
  for (const Unsettled& one : left) batch.remove(kUnsettled, one.row);
  catalog.commit(std::move(batch));
  scratch->clear();
}

/// The path of a new object: the key's own, but for names that are taken as the other kind of
/// thing.
std::string ObjectStore::Impl::choose_path(std::string_view bucket, std::string_view key) const {
  std::vector<std::string> names = names_of_key(key);
  const std::string file = std::move(names.back());
  names.pop_back();
  std::string path = names_of_key(bucket).front();
  for (const std::string& name : names) {
    path += "/" + name;
    const auto status = std::filesystem::symlink_status(root + "/" + path);
    const bool taken = std::filesystem::exists(status) && !std::filesystem::is_directory(status);
    if (taken || scratch->is_reserved_file(path)) path += kFolderAside;
  }
  path += "/" + file;
  const auto status = std::filesystem::symlink_status(root + "/" + path);
  if (std::filesystem::is_directory(status) || scratch->is_reserved_folder(path)) {
    path += kFileAside;
  }
  return path;
}

/// Makes the disk say about the path what kFiles says about this version of it. Right in any order
/// and number of times.
void ObjectStore::Impl::settle(const Unsettled& one) {
  const std::lock_guard lock(settling);
  const std::string id = one.id(), file = root + "/" + one.path;
  const auto current = catalog.get(kFiles, one.path);
  if (current == id) return give_final_name(one);
  files.unlink(scratch->path(id));
  if (current) return;
  // A folder there belongs to other keys.
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(file))) files.unlink(file);
  for (std::string folder = io::parent_folder(file);
       folder.size() > root.size() && files.remove_folder(folder);) {
    folder = io::parent_folder(folder);
  }
}

/// The name in scratch stays until the final one is known to be on the disk: syncing scratch for
/// another body would otherwise make the loss of the first name durable before the gain of the
/// second.
void ObjectStore::Impl::give_final_name(const Unsettled& one) {
  const std::string body = scratch->path(one.id()), file = root + "/" + one.path;
  if (!std::filesystem::exists(body)) return;
  files.make_folders(io::parent_folder(file));
  const std::string second = body + "~";
  files.unlink(second);
  if (files.link(body, second)) return files.rename(second, file);
  files.rename(body, file);
  sync_folders({one});
}

/// Settles what has been committed. The objects exist already, so a failure is no error of the
/// caller: readers find the bytes in scratch until a later commit, or the next opening, succeeds.
void ObjectStore::Impl::settle_all(std::vector<Unsettled> all) {
  {
    const std::lock_guard lock(mutex);
    all.insert(all.begin(), failed.begin(), failed.end());
    failed.clear();
  }
  for (Unsettled& one : all) {
    std::vector<Unsettled>* list = &settled;
    try {
      settle(one);
      if (!one.row.ends_with(kRemoval)) scratch->release(one.id());
    } catch (const std::exception& error) {
      base::log_error("storage", "{} doesn't have its final name yet: {}", one.path, error.what());
      list = &failed;
    }
    const std::lock_guard lock(mutex);
    list->push_back(std::move(one));
  }
}

/// Syncs every folder in which a name was made or removed, up to the root.
void ObjectStore::Impl::sync_folders(const std::vector<Unsettled>& renamed) {
  std::set<std::string> folders;
  for (const Unsettled& one : renamed) {
    std::string folder = io::parent_folder(root + "/" + one.path);
    while (folder.size() >= root.size() && folders.insert(folder).second) {
      folder = io::parent_folder(folder);
    }
  }
  for (const std::string& folder : folders) {
    try {
      files.sync_folder(folder);
    } catch (const std::system_error& error) {
      // A folder that went since, or is a file now: the sync of the one above it says so.
      if (error.code() != std::errc::no_such_file_or_directory &&
          error.code() != std::errc::not_a_directory) {
        throw;
      }
    }
  }
}

/// The removal of the rows of what is settled, when there is enough of it to be worth the sync.
Batch ObjectStore::Impl::clear_settled(std::vector<Unsettled>& taken) {
  {
    const std::lock_guard lock(mutex);
    if (settled.size() < kClearAt) return {};
    taken.swap(settled);
  }
  try {
    sync_folders(taken);
    for (const Unsettled& one : taken) files.unlink(scratch->path(one.id()));
  } catch (const std::system_error& error) {
    // Nobody knows now which names are on the disk: the rows stay for the next opening to settle.
    base::log_error("storage", "{}", error.what());
    taken.clear();
  }
  Batch batch;
  for (const Unsettled& one : taken) batch.remove(kUnsettled, one.row);
  return batch;
}

ObjectStore::ObjectStore(Catalog& catalog, std::string root, std::string scratch,
                         io::FileSystem& files)
    : impl_(std::make_unique<Impl>(catalog, std::move(root), std::move(scratch), files)) {}
ObjectStore::~ObjectStore() = default;

StagedBody ObjectStore::stage(http::Body body) {
  const std::uint64_t size = body.size();
  try {
    return StagedBody(impl_->scratch, impl_->scratch->take(std::move(body)), size);
  } catch (const std::system_error& error) {
    throw StorageError(impl_->root, error);
  }
}

ObjectStore::Placement ObjectStore::place(const StagedBody& staged, std::string_view bucket,
                                          std::string_view key, std::string_view replaces) {
  std::optional<Location> old;
  if (!replaces.empty()) old = parse_location(replaces);
  const std::lock_guard lock(impl_->choosing);
  const bool same_key = old && key_of_path(old->path) == fmt::format("{}/{}", bucket, key);
  const std::string path = same_key ? old->path : impl_->choose_path(bucket, key);
  impl_->scratch->reserve(staged.id_, path);
  Placement placement{.location = staged.id_ + "/" + path};
  if (old) remove(replaces, placement.batch);
  placement.batch.put(kFiles, path, staged.id_);
  placement.batch.put(kUnsettled, staged.id_, path);
  return placement;
}

void ObjectStore::commit(Batch batch, std::vector<StagedBody> staged) {
  std::vector<Unsettled> unsettled = unsettled_in(batch);
  std::vector<Unsettled> cleared;
  try {
    batch.append(impl_->clear_settled(cleared));
    impl_->catalog.commit(std::move(batch));
  } catch (...) {
    const std::lock_guard lock(impl_->mutex);
    impl_->settled.insert(impl_->settled.end(), cleared.begin(), cleared.end());
    throw;
  }
  // From here on the bytes are objects': nobody may drop them.
  for (StagedBody& body : staged) body.scratch_ = nullptr;
  impl_->settle_all(std::move(unsettled));
}

http::Body ObjectStore::open(std::string_view location, std::uint64_t offset,
                             std::uint64_t size) const {
  const Location at = parse_location(location);
  const std::string final_path = impl_->root + "/" + at.path;
  try {
    std::optional<io::File> file;
    if (impl_->scratch->is_reserved(at.id)) {
      file = io::find_file(impl_->scratch->path(at.id), O_RDONLY);
    }
    if (!file) {
      file = io::find_file(final_path, O_RDONLY);
      // Asked after opening: were a newer version's file at that name already, its row would be,
      // too.
      if (!impl_->is_current(at)) {
        throw StorageError(final_path, ESTALE,
                           final_path + ": the object was overwritten or removed meanwhile");
      }
      if (!file) throw StorageError(final_path, ENOENT, final_path + ": the file is missing");
    }
    if (offset + size > io::file_size(*file)) {
      throw StorageError(file->path, 0, file->path + ": the file is shorter than the object");
    }
    if (size > kInMemoryBytes) {
      return http::Body::opened(file->fd.release(), file->path, offset, size);
    }
    std::string bytes(size, '\0');
    io::read_at(*file, bytes.data(), size, offset);
    return http::Body(std::move(bytes));
  } catch (const std::system_error& error) {
    throw StorageError(final_path, error);
  }
}

void ObjectStore::remove(std::string_view location, Batch& batch) {
  const Location at = parse_location(location);
  if (impl_->is_current(at)) batch.remove(kFiles, at.path);
  batch.put(kUnsettled, at.id + kRemoval, at.path);
}

void ObjectStore::hold(const std::function<void()>& use) const {
  const std::lock_guard lock(impl_->settling);
  use();
}

std::string ObjectStore::path(std::string_view location) const {
  const Location at = parse_location(location);
  if (impl_->scratch->is_reserved(at.id)) {
    std::string temporary = impl_->scratch->path(at.id);
    if (std::filesystem::exists(temporary)) return temporary;
  }
  return impl_->root + "/" + at.path;
}

}  // namespace engine::storage
