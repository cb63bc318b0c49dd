// The bytes of a log's segment: constants, and encoding of headers and frames. See
// docs/formats/log.md.
#pragma once

#include "engine/storage/log/log.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine::storage::format {

constexpr std::string_view kMagic{"BEERLOG\0", 8};
constexpr std::uint32_t kVersion = 1;

constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kFrameHeaderBytes = 36;
constexpr std::size_t kMarkBytes = 4;
/// Nothing larger is accepted as key and data together.
constexpr std::uint64_t kMaxRecordBytes = 1u << 30;

/// An index notes down one frame in each stretch of so many bytes, or somewhat more.
constexpr std::uint64_t kIndexBytes = 64 << 10;

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

  std::string_view bytes() const { return {bytes_.get(), size_}; }
  std::size_t records() const { return records_; }

  /// Where in the bytes frames begin that an index may note down: the first, and more the larger
  /// the batch is.
  const std::vector<std::size_t>& starts() const { return starts_; }
  /// Where the last frame begins.
  std::size_t last() const { return last_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t records_;
  std::vector<std::size_t> starts_;
  std::size_t last_ = 0;
};

/// What a closed segment's file holds, as its index tells.
struct SegmentIndex {
  /// Where a read may start.
  struct Entry {
    Offset offset = 0;
    std::int64_t arrival = 0;
    std::uint64_t position = 0;
    bool operator==(const Entry&) const = default;
  };

  std::uint32_t mark = 0;
  Offset first = 0, end = 0;
  std::int64_t arrival = kNoArrival;
  std::uint64_t size = 0;      ///< of the segment's file
  std::uint32_t last_crc = 0;  ///< of its last frame
  std::vector<Entry> entries;  ///< by offset; none when the segment is empty
};

std::string encode(const SegmentIndex& index);
/// Nothing when the bytes aren't an index of this version, whole and undamaged.
std::optional<SegmentIndex> decode_segment_index(std::string_view bytes);
/// "00000000000000000042.index"
std::string index_name(Offset first);

/// "00000000000000000042.log"
std::string segment_name(Offset first);
/// Nothing when the name isn't a segment's.
std::optional<Offset> parse_segment_name(std::string_view name);

}  // namespace engine::storage::format
