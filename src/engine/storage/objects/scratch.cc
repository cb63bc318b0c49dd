// Bodies that have no final name yet.
#include "engine/storage/objects/scratch.h"

#include "lib/base/log.h"

#include <fcntl.h>

#include <filesystem>
#include <system_error>

namespace engine::storage {

std::string Scratch::take(http::Body body) {
  std::string id = new_id();
  const std::string to = path(id);
  try {
    if (const auto spooled = body.adopt()) {
      adopt(*spooled, to);
    } else {
      write(body, to);
    }
    files_.sync_folder(folder_);
  } catch (...) {
    drop(id);
    throw;
  }
  return id;
}

void Scratch::write(const http::Body& body, const std::string& path) {
  const io::File file = files_.open(path, O_WRONLY | O_CREAT | O_EXCL);
  std::uint64_t done = 0;
  body.for_each_piece([&](std::string_view piece) {
    files_.write(file, piece, done);
    done += piece.size();
  });
  files_.sync(file);
}

/// Takes a file that is ours now: moves it, or copies it when it stands on another disk.
void Scratch::adopt(const std::string& from, const std::string& path) {
  const http::Body owner = http::Body::spooled(from, std::filesystem::file_size(from));
  try {
    files_.rename(from, path);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::cross_device_link) throw;
    return write(owner, path);
  }
  files_.sync(files_.open(path, O_RDWR));
}

void Scratch::reserve(const std::string& id, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (reserved_.emplace(id, path).second) ++paths_[path];
}

void Scratch::release(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = reserved_.find(id);
  if (found == reserved_.end()) return;
  const auto path = paths_.find(found->second);
  if (--path->second == 0) paths_.erase(path);
  reserved_.erase(found);
}

bool Scratch::is_reserved(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return reserved_.contains(id);
}

bool Scratch::is_reserved_file(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return paths_.contains(path);
}

bool Scratch::is_reserved_folder(const std::string& path) const {
  const std::string below = path + "/";
  const std::lock_guard lock(mutex_);
  const auto first = paths_.lower_bound(below);
  return first != paths_.end() && first->first.starts_with(below);
}

void Scratch::drop(const std::string& id) noexcept {
  try {
    release(id);
    files_.unlink(path(id));
  } catch (const std::exception& error) {
    // The next opening removes it.
    base::log_warning("storage", "{}", error.what());
  }
}

void Scratch::clear() {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (!entry.is_directory()) files_.unlink(entry.path().string());
  }
}

}  // namespace engine::storage
