// Walks through the frames of a segment, and finds the next one after damage.
#pragma once

#include "engine/storage/log/format.h"
#include "lib/io/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::storage {

/// A frame that fits its checksum. The views live until the reader moves.
struct Frame {
  std::uint64_t position = 0;
  format::FrameHeader header;
  std::string_view key, data;
};

/// Reads a span of a segment's file. One thread at a time; the file must outlive it.
///
/// Invariant: position() is where the next frame should start, and stays there until next() gave
/// it.
class FrameReader {
 public:
  FrameReader(const io::File& file, std::uint32_t mark, std::uint64_t begin, std::uint64_t end)
      : file_(file), mark_(mark), position_(begin), end_(end) {}

  /// The frame at position(), and moves behind it. Nothing at the end, and where no frame is: then
  /// at_end() tells which, and find_next() goes on.
  std::optional<Frame> next();
  std::uint64_t position() const { return position_; }
  bool at_end() const { return position_ >= end_; }

  /// Moves to the first valid frame behind position(), of offset `least` or more. False, at the old
  /// position, when there is none.
  bool find_next(Offset least);

 private:
  /// The bytes from `position` on, at least `size` of them; empty when the span ends before.
  std::string_view bytes(std::uint64_t position, std::size_t size);
  std::optional<Frame> frame_at(std::uint64_t position);

  const io::File& file_;
  std::uint32_t mark_;
  std::uint64_t position_;
  std::uint64_t end_;
  std::string buffer_;  ///< bytes of the file from buffer_start_ on
  std::uint64_t buffer_start_ = 0;
};

}  // namespace engine::storage
