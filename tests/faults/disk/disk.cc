// A disk for tests, preloaded into a process: keeps a journal of all that changes BEER_DISK_FOLDER,
// and fails a call, or cuts the power, when told. What such a cut leaves is worked out from the
// journal by power.py.
//
//   BEER_DISK_FOLDER   the folder; absolute, no symbolic links in it
//   BEER_DISK_JOURNAL  disk::Line after disk::Line
//   BEER_DISK_CONTROL  a file that is disk::Control
//
// Calls that change something happen one after the other, each with its line; a sync only notes
// where it began, waits as a disk would let it wait, and needs no real disk. The power goes while
// no call is half done, by SIGKILL, so the journal ends with the last call. What goes past it (a
// mapping, say) power.py notices, by comparing what the journal makes with what is there.
#include "disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace disk {
namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}
/// The function that ours stands before.
#define REAL(name)                                     \
  [] {                                                 \
    static auto* real = next<decltype(::name)>(#name); \
    return real;                                       \
  }()

class Disk {
 public:
  Disk() {
    const char* folder = std::getenv("BEER_DISK_FOLDER");
    const char* journal = std::getenv("BEER_DISK_JOURNAL");
    const char* control = std::getenv("BEER_DISK_CONTROL");
    if (folder == nullptr || journal == nullptr || control == nullptr) return;
    folder_ = std::string(folder) + "/";
    journal_ = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    const int page =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, control, O_RDWR | O_CLOEXEC, 0));
    void* shared = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
    if (journal_ < 0 || shared == MAP_FAILED) ::abort();
    control_ = static_cast<Control*>(shared);
    owner_ = ::getpid();
    ::unsetenv("LD_PRELOAD");  // not for the processes it starts
    std::thread([this] { watch(); }).detach();
  }

  /// False in a process that forked from the one the disk belongs to.
  bool on() const { return control_ != nullptr && ::getpid() == owner_; }

  /// The path below the folder, or nothing when it is elsewhere. "" is the folder itself.
  std::optional<std::string> below(int at, const char* path) const {
    std::string whole = path;
    if (path[0] != '/') {
      char base[PATH_MAX];
      const std::string link =
          at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(at);
      const ssize_t size = ::readlink(link.c_str(), base, sizeof base);
      if (size <= 0) return std::nullopt;
      whole = std::string(base, static_cast<std::size_t>(size)) + "/" + path;
    }
    std::string tidy;  // without "//", "/./" and a slash at the end
    for (std::size_t from = 0; from < whole.size();) {
      auto to = whole.find('/', from);
      if (to == std::string::npos) to = whole.size();
      const std::string_view name(whole.data() + from, to - from);
      if (name == "..") {
        tidy.erase(tidy.rfind('/'));
      } else if (!name.empty() && name != ".") {
        (tidy += '/') += name;
      }
      from = to + 1;
    }
    tidy += '/';
    if (!tidy.starts_with(folder_)) return std::nullopt;
    tidy = tidy.substr(folder_.size());
    if (!tidy.empty()) tidy.pop_back();
    return tidy;
  }

  /// The inode behind it when that is a file in the folder, or a folder in it; 0 otherwise.
  std::uint64_t inode(int fd) const {
    struct stat status {};
    if (!on() || ::fstat(fd, &status) != 0 ||
        (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
      return 0;
    char path[PATH_MAX];
    const ssize_t size =
        ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
    const std::string_view found(path, static_cast<std::size_t>(size < 0 ? 0 : size));
    const std::string_view itself(folder_.data(), folder_.size() - 1);
    return found == itself || found.starts_with(folder_) ? status.st_ino : 0;
  }

  /// Does a call while no other is under way. When it succeeds its line is written. -1 and errno
  /// when it is to fail; `half` is done of it then.
  template <class Call, class Half>
  auto change(char kind, const Call& call, const Half& half) -> decltype(call()) {
    const std::lock_guard lock(mutex_);
    if (const int code = fails(kind)) {
      half();
      errno = code;
      return -1;
    }
    return call();
  }
  template <class Call>
  auto change(char kind, const Call& call) -> decltype(call()) {
    return change(kind, call, [] {});
  }

  int sync(std::uint64_t inode) {
    std::uint64_t began = 0;
    int code = 0;
    {
      const std::lock_guard lock(mutex_);
      code = fails(kSync);
      began = lines_;
    }
    if (const std::uint32_t most = control_->sync_microseconds) {
      ::usleep(static_cast<useconds_t>(began * 7919 % most));
    }
    const std::lock_guard lock(mutex_);
    line(code == 0 ? kSync : kSyncFailed, inode, began);
    if (code == 0) return 0;
    errno = code;
    return -1;
  }

  /// Call only inside change().
  void line(char kind, std::uint64_t inode, std::uint64_t number, std::string_view path = {},
            std::string_view more = {}) {
    Line head{.kind = kind,
              .inode = inode,
              .number = number,
              .path_size = static_cast<std::uint32_t>(path.size()),
              .more_size = static_cast<std::uint32_t>(more.size())};
    const int before = errno;
    std::string text(reinterpret_cast<const char*>(&head), sizeof head);
    (text += path) += more;
    for (std::string_view rest = text; !rest.empty();) {
      const long put = ::syscall(SYS_write, journal_, rest.data(), rest.size());
      if (put <= 0) ::abort();
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    ++lines_;
    errno = before;
  }

 private:
  int fails(char kind) {
    if (control_->cut != 0) lose_power();
    const std::uint32_t which = control_->which;
    if (which != 0 && (which >> (kind - 'A') & 1) == 0) return 0;
    ++control_->calls;
    const bool broken = control_->stays != 0 && control_->failed != 0;
    if (!broken) {
      if (control_->left == 0 || --control_->left > 0) return 0;
      if (control_->code == 0) lose_power();
    }
    ++control_->failed;
    return static_cast<int>(control_->code.load());
  }

  [[noreturn]] static void lose_power() {
    for (;;) ::kill(::getpid(), SIGKILL);
  }

  /// Cuts the power for a process that changes nothing at the moment.
  void watch() {
    for (;;) {
      if (control_->cut != 0) {
        const std::lock_guard lock(mutex_);
        lose_power();
      }
      ::usleep(500);
    }
  }

  std::string folder_;
  int journal_ = -1;
  Control* control_ = nullptr;
  pid_t owner_ = 0;
  std::mutex mutex_;
  std::uint64_t lines_ = 0;
};

Disk& the_disk() {
  static Disk* disk = new Disk;  // never destroyed: calls come until the very end
  return *disk;
}

[[gnu::constructor]] void begin() { the_disk(); }

/// Opens, and tells of a file that is new or that is emptied. `open` takes flags.
template <class Open>
int open_watched(int at, const char* path, int flags, const Open& open) {
  Disk& disk = the_disk();
  const bool writes = (flags & (O_CREAT | O_TRUNC)) != 0;
  const auto place = writes && disk.on() ? disk.below(at, path) : std::nullopt;
  if (!place) return open(flags);
  const auto made = [&] {
    if ((flags & O_EXCL) == 0) {
      const int there = open(flags & ~O_CREAT);
      if (there >= 0 && (flags & O_TRUNC) != 0) disk.line(kTruncate, disk.inode(there), 0);
      if (there >= 0 || errno != ENOENT || (flags & O_CREAT) == 0) return there;
    }
    const int fd = open(flags | O_EXCL);
    if (fd >= 0) disk.line(kCreate, disk.inode(fd), 0, *place);
    return fd;
  };
  return disk.change(kCreate, made);
}

constexpr off_t kWhereItStands = -1;

template <class Write>
ssize_t write_watched(int fd, const void* bytes, std::size_t size, off_t position,
                      const Write& write) {
  Disk& disk = the_disk();
  const std::uint64_t inode = disk.inode(fd);
  if (inode == 0) return write(bytes, size);
  const auto put = [&](std::size_t part) {
    const bool appends = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
    const off_t at =
        position != kWhereItStands ? position : ::lseek(fd, 0, appends ? SEEK_END : SEEK_CUR);
    const ssize_t done = write(bytes, part);
    if (done > 0) {
      disk.line(kWrite, inode, static_cast<std::uint64_t>(at), {},
                {static_cast<const char*>(bytes), static_cast<std::size_t>(done)});
    }
    return done;
  };
  return disk.change(
      kWrite, [&] { return put(size); }, [&] { put(size / 2); });
}

template <class Truncate>
int truncate_watched(int fd, off_t size, const Truncate& truncate) {
  Disk& disk = the_disk();
  const std::uint64_t inode = disk.inode(fd);
  if (inode == 0) return truncate();
  return disk.change(kTruncate, [&] {
    const int done = truncate();
    if (done == 0) disk.line(kTruncate, inode, static_cast<std::uint64_t>(size));
    return done;
  });
}

/// A call about one name.
template <class Call>
int name_watched(char kind, int at, const char* path, const Call& call) {
  Disk& disk = the_disk();
  const auto place = disk.on() ? disk.below(at, path) : std::nullopt;
  if (!place) return call();
  return disk.change(kind, [&] {
    const int done = call();
    struct stat status {};
    if (done == 0 && kind == kMakeFolder) ::fstatat(at, path, &status, 0);
    if (done == 0) disk.line(kind, status.st_ino, 0, *place);
    return done;
  });
}

/// A call about two names; both are in the folder, or neither.
template <class Call>
int names_watched(char kind, int at, const char* from, int to_at, const char* to,
                  const Call& call) {
  Disk& disk = the_disk();
  const auto place = disk.on() ? disk.below(at, from) : std::nullopt;
  const auto second = disk.on() ? disk.below(to_at, to) : std::nullopt;
  if (!place || !second) return call();
  return disk.change(kind, [&] {
    const int done = call();
    if (done == 0) disk.line(kind, 0, 0, *place, *second);
    return done;
  });
}

template <class Sync>
int sync_watched(int fd, const Sync& sync) {
  Disk& disk = the_disk();
  const std::uint64_t inode = disk.inode(fd);
  return inode == 0 ? sync() : disk.sync(inode);
}

unsigned mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
}

}  // namespace
}  // namespace disk

using namespace disk;

// The functions of the C library that change files. <fcntl.h> and <unistd.h> declare them.
extern "C" {

#define OPEN(name)                                                             \
  int name(const char* path, int flags, ...) {                                 \
    va_list rest;                                                              \
    va_start(rest, flags);                                                     \
    const unsigned mode = mode_of(flags, rest);                                \
    va_end(rest);                                                              \
    return open_watched(AT_FDCWD, path, flags,                                 \
                        [&](int how) { return REAL(name)(path, how, mode); }); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                               \
  int name(int at, const char* path, int flags, ...) {                             \
    va_list rest;                                                                  \
    va_start(rest, flags);                                                         \
    const unsigned mode = mode_of(flags, rest);                                    \
    va_end(rest);                                                                  \
    return open_watched(at, path, flags,                                           \
                        [&](int how) { return REAL(name)(at, path, how, mode); }); \
  }
OPENAT(openat)
OPENAT(openat64)

int creat(const char* path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// What a stream writes goes through a cookie of ours. libstdc++'s file streams ask for fopen64 and
// write to its descriptor.
namespace {
int fd_of(void* stream) { return static_cast<int>(reinterpret_cast<std::intptr_t>(stream)); }

FILE* opened(const char* path, const char* mode, bool cookie) {
  const bool both = std::strchr(mode, '+') != nullptr;
  int flags = both ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  if (mode[0] != 'r') flags |= O_CREAT | (mode[0] == 'w' ? O_TRUNC : O_APPEND);
  if (std::strchr(mode, 'e') != nullptr) flags |= O_CLOEXEC;
  if (std::strchr(mode, 'x') != nullptr) flags |= O_EXCL;
  const int fd = open(path, flags, 0666);
  if (fd < 0) return nullptr;
  if (!cookie || the_disk().inode(fd) == 0) return ::fdopen(fd, mode);
  const cookie_io_functions_t calls{
      .read = [](void* stream, char* to, size_t size) { return ::read(fd_of(stream), to, size); },
      .write =
          [](void* stream, const char* from, size_t size) {
            const ssize_t done = write(fd_of(stream), from, size);
            return done < 0 ? 0 : done;
          },
      .seek =
          [](void* stream, off64_t* to, int whence) {
            const off_t at = ::lseek(fd_of(stream), *to, whence);
            *to = at;
            return at < 0 ? -1 : 0;
          },
      .close = [](void* stream) { return ::close(fd_of(stream)); }};
  return ::fopencookie(reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)), mode, calls);
}
}  // namespace

FILE* fopen(const char* path, const char* mode) { return opened(path, mode, true); }
FILE* fopen64(const char* path, const char* mode) { return opened(path, mode, false); }

int mkostemp(char* path, int flags) {
  char* letters = path + std::strlen(path) - 6;
  for (unsigned tried = 0; tried < 10'000; ++tried) {
    static std::atomic<unsigned> count = 0;
    std::snprintf(letters, 7, "%06x",
                  (static_cast<unsigned>(::getpid()) * 4099 + ++count) & 0xffffff);
    const int fd = open(path, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}
int mkostemp64(char* path, int flags) { return mkostemp(path, flags); }
int mkstemp(char* path) { return mkostemp(path, 0); }
int mkstemp64(char* path) { return mkostemp(path, 0); }

ssize_t write(int fd, const void* bytes, size_t size) {
  return write_watched(fd, bytes, size, kWhereItStands,
                       [&](const void* from, size_t part) { return REAL(write)(fd, from, part); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return write_watched(fd, bytes, size, at, [&](const void* from, size_t part) {
    return REAL(pwrite)(fd, from, part, at);
  });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return pwrite(fd, bytes, size, at);
}

std::string joined(const iovec* parts, int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return all;
}
ssize_t writev(int fd, const iovec* parts, int count) {
  if (the_disk().inode(fd) == 0) return REAL(writev)(fd, parts, count);
  const std::string all = joined(parts, count);
  return write(fd, all.data(), all.size());
}
ssize_t pwritev(int fd, const iovec* parts, int count, off_t at) {
  if (the_disk().inode(fd) == 0) return REAL(pwritev)(fd, parts, count, at);
  const std::string all = joined(parts, count);
  return pwrite(fd, all.data(), all.size(), at);
}
ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t at) {
  return pwritev(fd, parts, count, at);
}

int ftruncate(int fd, off_t size) noexcept {
  return truncate_watched(fd, size, [&] { return REAL(ftruncate)(fd, size); });
}
int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }

int fsync(int fd) {
  return sync_watched(fd, [&] { return REAL(fsync)(fd); });
}
int fdatasync(int fd) {
  return sync_watched(fd, [&] { return REAL(fdatasync)(fd); });
}

// Of what it covers, only bytes are taken for granted: inode 0 is every file.
int syncfs(int fd) noexcept {
  return the_disk().inode(fd) == 0 ? REAL(syncfs)(fd) : the_disk().sync(0);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return name_watched(kMakeFolder, AT_FDCWD, path, [&] { return REAL(mkdir)(path, mode); });
}
int mkdirat(int at, const char* path, mode_t mode) noexcept {
  return name_watched(kMakeFolder, at, path, [&] { return REAL(mkdirat)(at, path, mode); });
}
int unlink(const char* path) noexcept {
  return name_watched(kUnlink, AT_FDCWD, path, [&] { return REAL(unlink)(path); });
}
int rmdir(const char* path) noexcept {
  return name_watched(kRemoveFolder, AT_FDCWD, path, [&] { return REAL(rmdir)(path); });
}
int unlinkat(int at, const char* path, int flags) noexcept {
  return name_watched((flags & AT_REMOVEDIR) != 0 ? kRemoveFolder : kUnlink, at, path,
                      [&] { return REAL(unlinkat)(at, path, flags); });
}
int remove(const char* path) noexcept {
  const int done = unlink(path);
  return done != 0 && errno == EISDIR ? rmdir(path) : done;
}

int rename(const char* from, const char* to) noexcept {
  return names_watched(kRename, AT_FDCWD, from, AT_FDCWD, to,
                       [&] { return REAL(rename)(from, to); });
}
int renameat(int at, const char* from, int to_at, const char* to) noexcept {
  return names_watched(kRename, at, from, to_at, to,
                       [&] { return REAL(renameat)(at, from, to_at, to); });
}
int link(const char* from, const char* to) noexcept {
  return names_watched(kLink, AT_FDCWD, from, AT_FDCWD, to, [&] { return REAL(link)(from, to); });
}
int linkat(int at, const char* from, int to_at, const char* to, int flags) noexcept {
  return names_watched(kLink, at, from, to_at, to,
                       [&] { return REAL(linkat)(at, from, to_at, to, flags); });
}

}  // extern "C"
