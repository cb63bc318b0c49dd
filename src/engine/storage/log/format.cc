// The bytes of a log's segment. The grammar stands in docs/formats/log.md.
#include "engine/storage/log/format.h"

#include "lib/base/digest.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace engine::storage::format {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers on disk are little-endian");

constexpr std::size_t kCrcAt = 4;
constexpr std::size_t kPlacedAt = 8;  // where the part begins that the leader fills in
constexpr std::size_t kFollowingAt = 24;
constexpr std::size_t kHeaderCrcAt = 36;

constexpr std::string_view kIndexMagic{"BEERIDX\0", 8};
constexpr std::uint32_t kIndexVersion = 1;
constexpr std::size_t kIndexHeadBytes = 64;
constexpr std::size_t kEntryBytes = 24;
constexpr std::size_t kIndexCrcBytes = 4;

template <class T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void store(char* bytes, std::size_t at, T value) {
  std::memcpy(bytes + at, &value, sizeof value);
}

std::uint32_t placed_crc(std::string_view frame, std::uint32_t payload_crc) {
  return base::crc32c(frame.substr(kPlacedAt, kFrameHeaderBytes - kPlacedAt), payload_crc);
}

}  // namespace

std::string encode(const SegmentHeader& header) {
  std::string bytes(kHeaderBytes, '\0');
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  store(bytes.data(), 8, header.version);
  store(bytes.data(), 12, header.mark);
  store(bytes.data(), 16, header.first);
  store(bytes.data(), 24, header.arrival);
  store(bytes.data(), kHeaderCrcAt, base::crc32c(std::string_view(bytes).substr(0, kHeaderCrcAt)));
  return bytes;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  if (load<std::uint32_t>(bytes, kHeaderCrcAt) != base::crc32c(bytes.substr(0, kHeaderCrcAt))) {
    return std::nullopt;
  }
  return SegmentHeader{.version = load<std::uint32_t>(bytes, 8),
                       .mark = load<std::uint32_t>(bytes, 12),
                       .first = load<Offset>(bytes, 16),
                       .arrival = load<std::int64_t>(bytes, 24)};
}

std::string encode(const SegmentIndex& index) {
  std::string bytes(kIndexHeadBytes + index.entries.size() * kEntryBytes + kIndexCrcBytes, '\0');
  std::memcpy(bytes.data(), kIndexMagic.data(), kIndexMagic.size());
  store(bytes.data(), 8, kIndexVersion);
  store(bytes.data(), 12, index.mark);
  store(bytes.data(), 16, index.first);
  store(bytes.data(), 24, index.end);
  store(bytes.data(), 32, index.arrival);
  store(bytes.data(), 40, index.size);
  store(bytes.data(), 48, std::uint64_t{index.entries.size()});
  store(bytes.data(), 56, index.last_crc);
  char* at = bytes.data() + kIndexHeadBytes;
  for (const SegmentIndex::Entry& entry : index.entries) {
    store(at, 0, entry.offset);
    store(at, 8, entry.arrival);
    store(at, 16, entry.position);
    at += kEntryBytes;
  }
  const std::size_t crc_at = bytes.size() - kIndexCrcBytes;
  store(bytes.data(), crc_at, base::crc32c(std::string_view(bytes).substr(0, crc_at)));
  return bytes;
}

std::optional<SegmentIndex> decode_segment_index(std::string_view bytes) {
  if (bytes.size() < kIndexHeadBytes + kIndexCrcBytes || !bytes.starts_with(kIndexMagic) ||
      load<std::uint32_t>(bytes, 8) != kIndexVersion) {
    return std::nullopt;
  }
  const std::size_t crc_at = bytes.size() - kIndexCrcBytes;
  const std::size_t room = crc_at - kIndexHeadBytes;
  const auto count = load<std::uint64_t>(bytes, 48);
  if (room % kEntryBytes != 0 || count != room / kEntryBytes ||
      load<std::uint32_t>(bytes, crc_at) != base::crc32c(bytes.substr(0, crc_at))) {
    return std::nullopt;
  }
  SegmentIndex index{.mark = load<std::uint32_t>(bytes, 12),
                     .first = load<Offset>(bytes, 16),
                     .end = load<Offset>(bytes, 24),
                     .arrival = load<std::int64_t>(bytes, 32),
                     .size = load<std::uint64_t>(bytes, 40),
                     .last_crc = load<std::uint32_t>(bytes, 56)};
  index.entries.reserve(count);
  for (std::size_t at = kIndexHeadBytes; at < crc_at; at += kEntryBytes) {
    index.entries.push_back({.offset = load<Offset>(bytes, at),
                             .arrival = load<std::int64_t>(bytes, at + 8),
                             .position = load<std::uint64_t>(bytes, at + 16)});
  }
  return index;
}

FrameHeader decode_frame_header(std::string_view bytes) {
  return {.mark = load<std::uint32_t>(bytes, 0),
          .crc = load<std::uint32_t>(bytes, kCrcAt),
          .offset = load<Offset>(bytes, 8),
          .arrival = load<std::int64_t>(bytes, 16),
          .following = load<std::uint32_t>(bytes, kFollowingAt),
          .key_size = load<std::uint32_t>(bytes, 28),
          .data_size = load<std::uint32_t>(bytes, 32)};
}

bool frame_is_valid(std::string_view frame) {
  const std::uint32_t payload = base::crc32c(frame.substr(kFrameHeaderBytes));
  return load<std::uint32_t>(frame, kCrcAt) == placed_crc(frame, payload);
}

EncodedBatch::EncodedBatch(std::span<const NewRecord> records) : records_(records.size()) {
  for (const NewRecord& record : records) {
    const std::uint64_t payload = std::uint64_t{record.key.size()} + record.data.size();
    if (payload > kMaxRecordBytes) throw std::invalid_argument("a record of more than 1 GiB");
    size_ += kFrameHeaderBytes + payload;
  }
  bytes_ = std::make_unique_for_overwrite<char[]>(size_);
  constexpr std::size_t kBetweenStarts = kIndexBytes / 4;
  char* at = bytes_.get();
  auto following = static_cast<std::uint32_t>(records.size());
  for (const NewRecord& record : records) {
    last_ = static_cast<std::size_t>(at - bytes_.get());
    if (starts_.empty() || last_ - starts_.back() >= kBetweenStarts) starts_.push_back(last_);
    store(at, kCrcAt, base::crc32c(record.data, base::crc32c(record.key)));  // so far
    store(at, kFollowingAt, --following);
    store(at, 28, static_cast<std::uint32_t>(record.key.size()));
    store(at, 32, static_cast<std::uint32_t>(record.data.size()));
    at = std::copy(record.key.begin(), record.key.end(), at + kFrameHeaderBytes);
    at = std::copy(record.data.begin(), record.data.end(), at);
  }
}

std::string_view EncodedBatch::place(std::uint32_t mark, Offset first, std::int64_t arrival) {
  std::size_t at = 0;
  while (at < size_) {
    char* frame = bytes_.get() + at;
    const std::string_view view(frame, kFrameHeaderBytes);
    store(frame, 0, mark);
    store(frame, 8, first++);
    store(frame, 16, arrival);
    store(frame, kCrcAt, placed_crc(view, load<std::uint32_t>(view, kCrcAt)));
    at += decode_frame_header(view).frame_bytes();
  }
  return bytes();
}

std::string index_name(Offset first) { return fmt::format("{:020}.index", first); }

std::string segment_name(Offset first) { return fmt::format("{:020}.log", first); }

std::optional<Offset> parse_segment_name(std::string_view name) {
  constexpr std::size_t kDigits = 20;
  if (name.size() != kDigits + 4 || !name.ends_with(".log")) return std::nullopt;
  Offset first = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, first);
  if (error != std::errc() || end != name.data() + kDigits) return std::nullopt;
  return first;
}

}  // namespace engine::storage::format
