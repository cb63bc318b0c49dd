// What an HTTP/1.1 request and its answer are, without the library that reads and writes them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace http {

/// Header fields in the order they came. Names compare without regard to case; a name may repeat.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// The first value of `name`, or nothing. The view lives as long as the headers are not changed.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same, or `fallback`.
  std::string_view get(std::string_view name, std::string_view fallback = {}) const;
  bool has(std::string_view name) const { return find(name).has_value(); }

  void add(std::string name, std::string value);
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

/// A body: bytes in memory, or a span of a file when it is large. Cheap to copy (the bytes or the
/// file are shared). A spooled file is unlinked when its last Body goes, unless it was adopted.
class Body {
 public:
  Body() = default;
  Body(std::string bytes);  // NOLINT(google-explicit-constructor): a string is a body
  /// Takes memory of `readable` bytes, of which the first `size` are the body's.
  Body(std::shared_ptr<const char[]> bytes, std::uint64_t size, std::uint64_t readable);

  /// A span of an existing file, which stays where it is.
  static Body file(std::string path, std::uint64_t offset, std::uint64_t size);
  /// A span of a file that is open already: its bytes stay readable when the name is removed or taken
  /// by another file. Takes `fd`.
  static Body opened(int fd, std::string path, std::uint64_t offset, std::uint64_t size);
  /// A whole temporary file, which goes with the last copy of this body.
  static Body spooled(std::string path, std::uint64_t size);

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool in_memory() const { return !path_; }

  /// The bytes of a body that is in memory.
  std::string_view view() const { return {bytes_.get(), bytes_ ? size_ : 0}; }
  /// How many bytes from view().data() on may be read, whatever those behind the body are: parsers
  /// that look ahead need no copy then.
  std::uint64_t readable() const { return readable_; }
  /// All bytes, read from the file when they stand in one. Throws std::system_error.
  std::string string() const;

  /// Where the bytes stand: a path (empty for a body in memory) and the span's offset in it.
  const std::string& path() const;
  std::uint64_t offset() const { return offset_; }

  /// Takes a spooled file away from the body: the caller now owns the file at path(). Empty when the
  /// body is in memory, is a span of somebody's file, or was adopted before.
  std::optional<std::string> adopt();

  /// Raw digests by the names of base::make_checksum(): "MD5", "SHA256", "CRC64NVME".
  using Digests = std::map<std::string, std::string, std::less<>>;
  /// A digest of the whole body that was taken while it came in, or null: who wants one asks here
  /// before reading all bytes once more. Lives as long as the body.
  const std::string* find_digest(std::string_view algorithm) const;
  void set_digests(Digests digests);

  /// Calls `use(piece)` over all bytes, in pieces of at most 1 MiB. Throws std::system_error.
  template <class F>
  void for_each_piece(F&& use) const {
    Reader reader(*this);
    for (std::string_view piece = reader.next(); !piece.empty(); piece = reader.next()) use(piece);
  }

  /// Reads a body piece by piece.
  class Reader {
   public:
    explicit Reader(const Body& body);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    /// The next piece, empty at the end. The view lives until the next call.
    std::string_view next();

    /// True while bytes are left that stand in a file: send_to() may take them.
    bool has_file_bytes() const { return fd_ >= 0 && done_ < body_.size(); }
    /// In the place of next(): hands bytes from the file to a socket, uncopied, and gives how many; 0
    /// when the socket `failed`, which may be that it is full. Throws as next() does.
    std::size_t send_to(int socket, std::error_code& failed);

   private:
    const Body& body_;
    std::uint64_t done_ = 0;
    int fd_ = -1;
    bool close_ = false;  ///< an opened body's descriptor is not ours
    std::string buffer_;
  };

 private:
  struct File;  // owns a spooled path, or a descriptor
  std::shared_ptr<const char> bytes_;
  std::shared_ptr<File> path_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t readable_ = 0;
  std::shared_ptr<const Digests> digests_;
};

/// A request as it came: the target is not decoded, since signatures are over the bytes sent.
struct Request {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, percent-encoded as sent
  Headers headers;
  Body body;
  std::string peer;  ///< "127.0.0.1:51234" at a server

  std::string_view path() const;   ///< the target up to '?', still encoded
  std::string_view query() const;  ///< the target after '?', still encoded
};

/// The decoded pairs of a query or a form, in order. "a&b=" gives {"a",""} and {"b",""}.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// A body that comes into being while it is sent: a server asks for it piece by piece, as fast as the
/// peer takes them, and holds no thread in between.
class LiveBody {
 public:
  virtual ~LiveBody() = default;

  /// Told once, before the first next(). `wake` says that next() may have something new. It may be called
  /// on any thread, at any time and too often; it only signals.
  virtual void on_ready(std::function<void()> wake) = 0;

  /// The next bytes; none (an empty text) for now; or nothing at the end. Runs on one thread at a time.
  /// What it throws ends the connection early.
  virtual std::optional<std::string> next() = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  Body body;
  std::shared_ptr<LiveBody> live = nullptr;  ///< in the place of `body`, sent in chunks
};

/// The standard reason phrase, "" for an unknown status.
std::string_view reason(int status);

}  // namespace http
