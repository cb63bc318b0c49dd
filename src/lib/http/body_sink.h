// Where a body goes as it comes in: memory at first, a file once it is large.
#pragma once

#include "lib/http/message.h"

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
  /// Throws std::system_error when the file can't be written.
  void append(std::string_view bytes);
  /// The body; the sink is empty again.
  Body finish();

  std::uint64_t size() const { return size_; }

 private:
  void spool();

  std::size_t memory_bytes_;
  std::string spool_dir_;
  std::string bytes_;
  std::string path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace http
