// The bytes of a log's segment: constants, and encoding of headers and frames. See
// docs/formats/log.md.
#pragma once

#include "engine/storage/log/log.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace engine::storage::format {

constexpr std::string_view kMagic{"BEERLOG\0", 8};
constexpr std::uint32_t kVersion = 1;

constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kFrameHeaderBytes = 36;
constexpr std::size_t kMarkBytes = 4;
/// Nothing larger is accepted as key and data together.
constexpr std::uint64_t kMaxRecordBytes = 1u << 30;

/// "No record before this segment".
constexpr std::int64_t kNoArrival = std::numeric_limits<std::int64_t>::min();

struct SegmentHeader {
  std::uint32_t version = kVersion;
  std::uint32_t mark = 0;
  Offset first = 0;
  std::int64_t arrival = kNoArrival;
};

std::string encode(const SegmentHeader& header);
/// Nothing when the bytes are no segment's header. Its version may be one we don't know.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

/// The numbers at the start of a frame.
struct FrameHeader {
  std::uint32_t mark = 0;
  std::uint32_t crc = 0;
  Offset offset = 0;
  std::int64_t arrival = 0;
  std::uint32_t following = 0;
  std::uint32_t key_size = 0;
  std::uint32_t data_size = 0;

  std::uint64_t frame_bytes() const { return kFrameHeaderBytes + payload_bytes(); }
  std::uint64_t payload_bytes() const { return std::uint64_t{key_size} + data_size; }
};

/// `bytes` are at least kFrameHeaderBytes.
FrameHeader decode_frame_header(std::string_view bytes);
/// Whether the checksum of a whole frame is right.
bool frame_is_valid(std::string_view frame);

/// The frames of one append, encoded before their place in the log is known.
class EncodedBatch {
 public:
  explicit EncodedBatch(std::span<const NewRecord> records);

  /// Fills in what depends on the batch's turn, and gives the finished bytes.
  std::string_view place(std::uint32_t mark, Offset first, std::int64_t arrival);

  std::string_view bytes() const { return bytes_; }
  std::size_t records() const { return records_; }

 private:
  std::string bytes_;
  std::size_t records_;
};

/// "00000000000000000042.log"
std::string segment_name(Offset first);
/// Nothing when the name isn't a segment's.
std::optional<Offset> parse_segment_name(std::string_view name);

}  // namespace engine::storage::format
