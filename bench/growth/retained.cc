// What a shard has kept, made without having put it there.
#include "bench/growth/retained.h"

#include "engine/storage/log/format.h"
#include "engine/storage/log/log.h"
#include "lib/io/file.h"

#include <filesystem>
#include <vector>

namespace bench {
namespace {

namespace format = engine::storage::format;
using engine::storage::NewRecord;
using engine::storage::Offset;

constexpr std::uint64_t kSegmentsOfAGigabyte = 16;  // of 64 MiB
constexpr std::size_t kPlacesOfASegment = 1024;     // one in each 64 KiB
constexpr std::uint32_t kMark = 0x62656572;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             base::system_clock().now().time_since_epoch())
      .count();
}

void empty(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::filesystem::remove(entry.path());
  }
}

/// A closed segment, and its index with a place for every frame.
void write_segment(const std::string& folder, Offset first, std::int64_t arrival) {
  const std::vector<NewRecord> records(kPlacesOfASegment, {"key", "twenty-five bytes of data"});
  format::EncodedBatch batch(records);
  const std::string_view frames = batch.place(kMark, first, arrival);
  io::write_file(
      folder + "/" + format::segment_name(first),
      format::encode(format::SegmentHeader{
          .mark = kMark, .first = first, .arrival = first == 0 ? format::kNoArrival : arrival}) +
          std::string(frames));

  format::SegmentIndex index{.mark = kMark,
                             .first = first,
                             .end = first + kPlacesOfASegment,
                             .arrival = arrival,
                             .size = format::kHeaderBytes + frames.size()};
  const std::size_t frame = frames.size() / kPlacesOfASegment;
  for (std::size_t i = 0; i < kPlacesOfASegment; ++i) {
    index.entries.push_back({first + i, arrival, format::kHeaderBytes + i * frame});
  }
  index.last_crc = format::decode_frame_header(frames.substr(frames.size() - frame)).crc;
  io::write_file(folder + "/" + format::index_name(first), format::encode(index));
}

}  // namespace

void stand_in(const std::string& shard_folder, std::uint64_t gigabytes) {
  empty(shard_folder);
  const std::uint64_t segments = gigabytes * kSegmentsOfAGigabyte;
  const std::int64_t last = now();
  for (std::uint64_t i = 0; i < segments; ++i) {
    write_segment(shard_folder, i * kPlacesOfASegment,
                  last - static_cast<std::int64_t>(segments - i));
  }
}

void fill(const std::string& shard_folder, std::uint64_t records) {
  constexpr std::size_t kTogether = 100'000;
  empty(shard_folder);
  engine::storage::Log log(shard_folder);
  const std::string data(20, 'x');
  const std::vector<NewRecord> batch(kTogether, NewRecord{"key", data});
  for (std::uint64_t done = 0; done < records; done += kTogether) {
    log.append(batch, base::system_clock().now());
  }
}

}  // namespace bench
