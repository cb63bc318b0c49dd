// The aws-chunked content encoding.
//
//   body    = *chunk last
//   chunk   = size-in-hex [";chunk-signature=" hex] CRLF size*octet CRLF
//   last    = "0" [";chunk-signature=" hex] CRLF *(name ":" value CRLF) ["x-amz-trailer-signature:" hex CRLF] CRLF
#include "engine/gateway/chunked.h"

#include "engine/protocol/error.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <system_error>

namespace engine {
namespace {

constexpr std::size_t kLargestChunk = 64 << 20;
constexpr std::size_t kLongestLine = 16 << 10;
constexpr std::size_t kMemoryBytes = 8 << 20;

AwsError incomplete() {
  return {"IncompleteBody", "The request body terminated unexpectedly"};
}
AwsError bad_signature() {
  return {"SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided. Check your key and "
          "signing method.", 403};
}

/// Takes decoded bytes: in memory while they are few, then in a file.
class Sink {
 public:
  explicit Sink(std::string spool_dir) : spool_dir_(std::move(spool_dir)) {}
  ~Sink() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!taken_) ::unlink(path_.c_str());
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(std::string_view bytes) {
    size_ += bytes.size();
    memory_.append(bytes);
    if (memory_.size() > kMemoryBytes) flush();
  }

  std::uint64_t size() const { return size_; }

  http::Body take() {
    if (fd_ < 0) return std::move(memory_);
    flush();
    taken_ = true;
    return http::Body::spooled(path_, size_);
  }

 private:
  void flush() {
    if (fd_ < 0) {
      path_ = spool_dir_ + "/chunked-XXXXXX";
      fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
      if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path_);
    }
    for (std::string_view rest = memory_; !rest.empty();) {
      const ssize_t written = ::write(fd_, rest.data(), rest.size());
      if (written < 0) throw std::system_error(errno, std::generic_category(), path_);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    memory_.clear();
  }

  std::string spool_dir_, memory_, path_;
  std::uint64_t size_ = 0;
  int fd_ = -1;
  bool taken_ = false;
};

/// Lines and spans of bytes over the pieces of a body.
class Source {
 public:
  explicit Source(const http::Body& body) : reader_(body) {}

  std::string line() {
    for (;;) {
      const auto end = buffer_.find("\r\n", at_);
      if (end != std::string::npos) {
        std::string text = buffer_.substr(at_, end - at_);
        at_ = end + 2;
        return text;
      }
      if (buffer_.size() - at_ > kLongestLine || !more()) throw incomplete();
    }
  }

  /// The next `size` bytes; the view lives until the next call.
  std::string_view bytes(std::size_t size) {
    while (buffer_.size() - at_ < size) {
      if (!more()) throw incomplete();
    }
    const std::string_view view = std::string_view(buffer_).substr(at_, size);
    at_ += size;
    return view;
  }

  bool at_end() { return at_ == buffer_.size() && !more(); }

 private:
  bool more() {
    const std::string_view piece = reader_.next();
    if (piece.empty()) return false;
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_.append(piece);
    return true;
  }

  http::Body::Reader reader_;
  std::string buffer_;
  std::size_t at_ = 0;
};

class Decoder {
 public:
  Decoder(const http::Body& body, const std::optional<ChunkKey>& key, std::string spool_dir)
      : source_(body), sink_(std::move(spool_dir)), key_(key) {
    if (key_) previous_ = key_->claim.signature;
  }

  DecodedBody decode(std::optional<std::uint64_t> decoded_length) {
    while (chunk()) {
    }
    http::Headers trailers = read_trailers();
    if (decoded_length && *decoded_length != sink_.size()) throw incomplete();
    return {sink_.take(), std::move(trailers)};
  }

 private:
  /// False at the last chunk, the one of size 0.
  bool chunk() {
    const std::string head = source_.line();
    const std::string_view size_text = std::string_view(head).substr(0, head.find(';'));
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(size_text.data(), size_text.data() + size_text.size(), size, 16);
    if (error != std::errc() || end != size_text.data() + size_text.size() || size_text.empty() ||
        size > kLargestChunk) {
      throw AwsError("InvalidChunkSizeError", "The chunk size is not valid");
    }
    const std::string_view data = source_.bytes(size);
    if (key_) check(signature_of(head), aws::chunk_signature(key_->signing_key, key_->claim, previous_, data));
    sink_.write(data);
    if (size > 0 && source_.bytes(2) != "\r\n") throw incomplete();
    return size > 0;
  }

  static std::string signature_of(std::string_view head) {
    constexpr std::string_view kName = "chunk-signature=";
    const auto at = head.find(kName);
    return at == std::string_view::npos ? std::string() : std::string(base::trim(head.substr(at + kName.size())));
  }

  void check(const std::string& given, const std::string& expected) {
    if (!base::constant_time_equal(given, expected)) throw bad_signature();
    previous_ = given;
  }

  http::Headers read_trailers() {
    http::Headers trailers;
    std::string signed_text, signature;
    while (!source_.at_end()) {
      const std::string line = source_.line();
      if (line.empty()) break;
      const auto colon = line.find(':');
      if (colon == std::string::npos) throw incomplete();
      const std::string name = base::to_lower(base::trim(line.substr(0, colon)));
      const std::string value(base::trim(std::string_view(line).substr(colon + 1)));
      if (name == "x-amz-trailer-signature") {
        signature = value;
      } else {
        trailers.add(name, value);
        signed_text.append(name).append(":").append(value).append("\n");
      }
    }
    if (key_ && trailers.size() > 0) {
      check(signature, aws::trailer_signature(key_->signing_key, key_->claim, previous_, signed_text));
    }
    return trailers;
  }

  Source source_;
  Sink sink_;
  const std::optional<ChunkKey>& key_;
  std::string previous_;
};

}  // namespace

DecodedBody decode_chunked(const http::Body& body, const std::optional<ChunkKey>& key,
                           std::optional<std::uint64_t> decoded_length, const std::string& spool_dir) {
  return Decoder(body, key, spool_dir).decode(decoded_length);
}

}  // namespace engine
