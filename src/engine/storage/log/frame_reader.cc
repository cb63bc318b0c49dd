// Walks through the frames of a segment.
#include "engine/storage/log/frame_reader.h"

#include <algorithm>
#include <cstring>

namespace engine::storage {
namespace {

constexpr std::size_t kReadBytes = 128 << 10;

}  // namespace

std::string_view FrameReader::bytes(std::uint64_t position, std::size_t size) {
  if (position > end_ || size > end_ - position) return {};
  const std::uint64_t buffer_end = buffer_start_ + buffer_.size();
  if (position < buffer_start_ || position + size > buffer_end) {
    const auto wanted = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(size, kReadBytes), end_ - position));
    buffer_.resize(wanted);
    buffer_start_ = position;
    buffer_.resize(io::read_at(file_, buffer_.data(), wanted, position));
    if (buffer_.size() < size) return {};
  }
  return std::string_view(buffer_).substr(position - buffer_start_);
}

std::optional<Frame> FrameReader::frame_at(std::uint64_t position) {
  const std::string_view start = bytes(position, format::kFrameHeaderBytes);
  if (start.empty()) return std::nullopt;
  const format::FrameHeader header = format::decode_frame_header(start);
  if (header.mark != mark_ || header.payload_bytes() > format::kMaxRecordBytes) return std::nullopt;
  const std::string_view frame =
      bytes(position, header.frame_bytes()).substr(0, header.frame_bytes());
  if (frame.empty() || !format::frame_is_valid(frame)) return std::nullopt;
  return Frame{.position = position,
               .header = header,
               .key = frame.substr(format::kFrameHeaderBytes, header.key_size),
               .data = frame.substr(format::kFrameHeaderBytes + header.key_size)};
}

std::optional<Frame> FrameReader::next() {
  auto frame = frame_at(position_);
  if (frame) position_ += frame->header.frame_bytes();
  return frame;
}

bool FrameReader::find_next(Offset least) {
  char mark[format::kMarkBytes];
  std::memcpy(mark, &mark_, sizeof mark);
  const std::string_view needle(mark, sizeof mark);
  std::uint64_t from = position_ + 1;
  for (std::string_view rest; !(rest = bytes(from, format::kFrameHeaderBytes)).empty();) {
    const auto found = rest.find(needle);
    if (found == std::string_view::npos) {
      from += rest.size() - (needle.size() - 1);  // a mark may lie across the buffer's end
      continue;
    }
    from += found;
    const auto frame = frame_at(from);
    if (frame && frame->header.offset >= least) {
      position_ = from;
      return true;
    }
    ++from;
  }
  return false;
}

}  // namespace engine::storage
