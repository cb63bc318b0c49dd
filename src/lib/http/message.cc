// Headers, bodies and queries of HTTP messages.
#include "lib/http/message.h"

#include "lib/base/encoding.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace http {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

constexpr std::pair<int, std::string_view> kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Entity"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::system_error file_error(const std::string& path, std::string_view what) {
  return {errno, std::generic_category(), std::string(what) + " " + path};
}

std::system_error ended_early(const std::string& path) {
  return {ENODATA, std::generic_category(), "the file ended early: " + path};
}

/// sendfile() knows no MSG_NOSIGNAL: the signal of a lost peer is taken before it is seen.
ssize_t send_file(int socket, int fd, off_t offset, std::size_t size) {
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  const ssize_t sent = ::sendfile(socket, fd, &offset, size);
  const int failed = errno;
  // Bytes may have gone out before the peer was found lost: then there is a signal without an error.
  if (sigismember(&pending, SIGPIPE) == 0) {
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = failed;
  return sent;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (base::iequals(key, name)) return value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name, std::string_view fallback) const {
  return find(name).value_or(fallback);
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
  const auto same = [&](const Field& field) { return base::iequals(field.first, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) return add(std::string(name), std::move(value));
  first->second = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return base::iequals(field.first, name); });
}

/// A path, and whether the file goes with it. Copies of a body may be adopted from several threads,
/// and only one may get the file: hence the atomic.
struct Body::File {
  std::string path;
  std::atomic<bool> owned;
  int fd;

  File(std::string path, bool owned, int fd = -1) : path(std::move(path)), owned(owned), fd(fd) {}
  ~File() {
    if (owned) ::unlink(path.c_str());
    if (fd >= 0) ::close(fd);
  }
};

Body::Body(std::string bytes) : size_(bytes.size()), readable_(bytes.size()) {
  if (size_ == 0) return;
  const auto kept = std::make_shared<const std::string>(std::move(bytes));
  bytes_ = {kept, kept->data()};
}

Body::Body(std::shared_ptr<const char[]> bytes, std::uint64_t size, std::uint64_t readable)
    : size_(size), readable_(size > 0 ? readable : 0) {
  if (size_ == 0) return;
  const char* const first = bytes.get();
  bytes_ = {std::move(bytes), first};
}

Body Body::file(std::string path, std::uint64_t offset, std::uint64_t size) {
  Body body;
  body.path_ = std::make_shared<File>(std::move(path), false);
  body.offset_ = offset;
  body.size_ = size;
  return body;
}

Body Body::opened(int fd, std::string path, std::uint64_t offset, std::uint64_t size) {
  Body body;
  body.path_ = std::make_shared<File>(std::move(path), false, fd);
  body.offset_ = offset;
  body.size_ = size;
  return body;
}

Body Body::spooled(std::string path, std::uint64_t size) {
  Body body;
  body.path_ = std::make_shared<File>(std::move(path), true);
  body.size_ = size;
  return body;
}

std::string Body::string() const {
  if (in_memory()) return std::string(view());
  std::string all;
  all.reserve(size_);
  for_each_piece([&](std::string_view piece) { all += piece; });
  return all;
}

const std::string& Body::path() const {
  static const std::string none;
  return path_ ? path_->path : none;
}

const std::string* Body::find_digest(std::string_view algorithm) const {
  if (!digests_) return nullptr;
  const auto found = digests_->find(algorithm);
  return found == digests_->end() ? nullptr : &found->second;
}

void Body::set_digests(Digests digests) {
  digests_ = std::make_shared<const Digests>(std::move(digests));
}

std::optional<std::string> Body::adopt() {
  if (!path_ || !path_->owned.exchange(false)) return std::nullopt;
  return path_->path;
}

Body::Reader::Reader(const Body& body) : body_(body) {
  if (body.in_memory() || body.empty()) return;
  fd_ = body.path_->fd;
  if (fd_ >= 0) return;
  close_ = true;
  fd_ = ::open(body.path().c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) throw file_error(body.path(), "opening");
}

Body::Reader::~Reader() {
  if (close_ && fd_ >= 0) ::close(fd_);
}

std::string_view Body::Reader::next() {
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, body_.size() - done_));
  if (size == 0) return {};
  if (body_.in_memory()) {
    const std::string_view piece = body_.view().substr(done_, size);
    done_ += size;
    return piece;
  }
  buffer_.resize(size);
  ssize_t got;
  do {
    got = ::pread(fd_, buffer_.data(), size, static_cast<off_t>(body_.offset() + done_));
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw file_error(body_.path(), "reading");
  if (got == 0) throw ended_early(body_.path());
  done_ += static_cast<std::size_t>(got);
  return std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
}

std::size_t Body::Reader::send_to(int socket, std::error_code& failed) {
  ssize_t sent;
  do {
    sent = send_file(socket, fd_, static_cast<off_t>(body_.offset() + done_),
                     static_cast<std::size_t>(body_.size() - done_));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EIO) throw file_error(body_.path(), "reading");
  if (sent < 0) {
    failed.assign(errno, std::system_category());
    return 0;
  }
  if (sent == 0) throw ended_early(body_.path());
  done_ += static_cast<std::size_t>(sent);
  return static_cast<std::size_t>(sent);
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    const auto equals = part.find('=');
    pairs.emplace_back(
        base::form_decode(part.substr(0, equals)),
        equals == std::string_view::npos ? "" : base::form_decode(part.substr(equals + 1)));
  }
  return pairs;
}

std::string_view reason(int status) {
  const auto found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                  [&](const auto& known) { return known.first == status; });
  return found == std::end(kReasons) ? std::string_view() : found->second;
}

}  // namespace http
