// Where a body goes as it comes in: memory at first, a file once it is large.
#pragma once

#include "lib/http/body_digests.h"
#include "lib/http/message.h"

#include <span>

namespace http {

/// Collects one body. Not thread-safe. A sink that is dropped before finish() leaves no file
/// behind.
class BodySink {
 public:
  /// More than `memory_bytes` go to a new file in `spool_dir` (empty: the temporary folder).
  BodySink(std::size_t memory_bytes, std::string spool_dir);
  ~BodySink();
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;

  /// The size is known beforehand.
  void expect(std::uint64_t size);
  /// The body goes, or went, to a file.
  bool is_spooled() const { return fd_ >= 0; }
  /// Takes these digests of a body while it goes to its file; nothing came yet.
  void take_digests(const std::vector<std::string>& algorithms);
  /// Where bytes to come may be put before they are appended, which spares a copy. Empty unless the
  /// size is known.
  std::span<char> space();
  /// Throws std::system_error when the file can't be written.
  void append(std::string_view bytes);
  /// The body; the sink is empty again.
  Body finish();

  std::uint64_t size() const { return size_; }

 private:
  void spool();
  /// The present piece goes to the digests and to the file.
  void pass_on();
  void begin_writing(std::uint64_t at_least);

  std::size_t memory_bytes_;
  std::string spool_dir_;
  std::shared_ptr<char[]> room_;  ///< of a body of a known size
  std::size_t expected_ = 0;
  std::string bytes_;  ///< of another
  std::string path_;
  int fd_ = -1;
  std::unique_ptr<BodyDigests> digests_;
  std::size_t in_piece_ = 0;  ///< bytes of the present piece
  std::uint64_t size_ = 0, begun_ = 0;  ///< begun: what the disk has been told to write
};

}  // namespace http
