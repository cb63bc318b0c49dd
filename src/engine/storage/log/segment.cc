// One segment of a log. The rules of opening stand in docs/formats/log.md.
#include "engine/storage/log/segment.h"

#include "engine/storage/error.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace engine::storage {
namespace {

std::uint32_t random_mark() {
  std::random_device random;
  for (;;) {
    if (const std::uint32_t mark = random(); mark != 0) return mark;
  }
}

std::optional<format::SegmentHeader> read_header(const io::File& file) {
  char bytes[format::kHeaderBytes];
  const std::size_t got = io::read_at(file, bytes, sizeof bytes, 0);
  return format::decode_segment_header({bytes, got});
}

/// The mark of the frame right behind a header that can't be read, when it fits its checksum; else
/// 0.
std::uint32_t mark_of_first_frame(const io::File& file, std::uint64_t size) {
  char bytes[format::kMarkBytes];
  if (io::read_at(file, bytes, sizeof bytes, format::kHeaderBytes) < sizeof bytes) return 0;
  std::uint32_t mark;
  std::copy_n(bytes, sizeof mark, reinterpret_cast<char*>(&mark));
  return FrameReader(file, mark, format::kHeaderBytes, size).next() ? mark : 0;
}

}  // namespace

std::shared_ptr<Segment> Segment::create(io::FileSystem& files, const std::string& directory,
                                         Offset first, std::int64_t arrival) {
  const std::string path = directory + "/" + format::segment_name(first);
  const std::uint32_t mark = random_mark();
  // A file of that name can only be one that an earlier call failed to finish.
  io::File file = files.open(path, O_RDWR | O_CREAT | O_TRUNC);
  try {
    files.write(
        file,
        format::encode(format::SegmentHeader{.mark = mark, .first = first, .arrival = arrival}), 0);
    files.sync(file);
    files.sync_folder(directory);
  } catch (...) {
    try {
      files.unlink(path);
    } catch (const std::system_error&) {
      // What failed first is what the caller needs to hear; the next opening removes the file.
    }
    throw;
  }
  return std::shared_ptr<Segment>(new Segment(std::move(file), mark, first, arrival));
}

bool Segment::remove_unfinished(io::FileSystem& files, const std::string& path) {
  const io::File file = io::open_file(path, O_RDONLY);
  if (io::file_size(file) > format::kHeaderBytes || read_header(file)) return false;
  files.unlink(path);
  return true;
}

std::shared_ptr<Segment> Segment::open(io::FileSystem& files, const std::string& path, Offset first,
                                       bool newest, std::vector<Damage>& damage) {
  io::File file = files.open(path, O_RDWR);
  const std::uint64_t size = io::file_size(file);
  const auto header = read_header(file);
  if (header && header->version != format::kVersion) {
    throw StorageError(path, 0,
                       fmt::format("{} has format version {}, and this program knows version {}",
                                   path, header->version, format::kVersion));
  }
  const std::uint32_t mark = header ? header->mark : mark_of_first_frame(file, size);
  const std::int64_t arrival = header ? header->arrival : format::kNoArrival;
  std::shared_ptr<Segment> segment(new Segment(std::move(file), mark, first, arrival));
  if (newest) {
    segment->remove_index(files);
  } else if (header) {
    const std::string index = segment->index_path();
    if (io::find_file(index, O_RDONLY) && segment->take_index(io::read_file(index), size)) {
      return segment;
    }
  }
  if (!header) damage.push_back({path, 0, mark == 0 ? size : format::kHeaderBytes});
  if (mark != 0) {
    const std::size_t known = damage.size();
    segment->recover(files, newest, damage);
    segment->damaged_ = !header || damage.size() > known;
    if (!newest && !segment->damaged_) segment->write_index(files);
  } else {
    // How many records are lost isn't known; at most so many. Their offsets must not be used again.
    segment->end_ = first + size / format::kFrameHeaderBytes;
  }
  return segment;
}

void Segment::recover(io::FileSystem& files, bool newest, std::vector<Damage>& damage) {
  const std::uint64_t file_size = io::file_size(file);
  FrameReader reader(file, mark, format::kHeaderBytes, file_size);
  std::vector<std::pair<format::FrameHeader, std::uint64_t>> append;  // one that isn't whole yet
  const auto take_append = [&] {
    for (const auto& [header, position] : append) add_frame(header, position);
    append.clear();
  };
  const auto least = [&] { return append.empty() ? end_ : append.back().first.offset + 1; };

  while (!reader.at_end()) {
    if (const auto frame = reader.next()) {
      append.emplace_back(frame->header, frame->position);
      if (frame->header.following == 0) take_append();
      continue;
    }
    const std::uint64_t bad = reader.position();
    const bool more = reader.find_next(least());
    if (!more && newest) break;
    // Acknowledged records may stand on both sides of the damage: all that can be read is served.
    take_append();
    damage.push_back({path(), bad, (more ? reader.position() : file_size) - bad});
    if (!more) break;
  }

  if (!newest) return take_append();
  if (size_ < file_size) {
    base::log_warning("storage", "{}: cut a torn tail of {} bytes at {}", path(), file_size - size_,
                      size_);
    files.truncate(file, size_);
  }
  files.sync(file);
}

std::string Segment::index_path() const {
  return io::parent_folder(path()) + "/" + format::index_name(first);
}

void Segment::write_index(io::FileSystem& files) const {
  const format::SegmentIndex index{.mark = mark,
                                   .first = first,
                                   .end = end_,
                                   .arrival = last_arrival_,
                                   .size = size_,
                                   .last_crc = last_crc_,
                                   .entries = index_};
  try {
    const io::File file = files.open(index_path(), O_RDWR | O_CREAT | O_TRUNC);
    files.write(file, format::encode(index), 0);
  } catch (const std::system_error& error) {
    base::log_warning("storage", "{} has no index: {}", path(), error.what());
  }
}

/// The folder is synced: an old index must not come back over a segment that has grown since.
void Segment::remove_index(io::FileSystem& files) const {
  if (!io::find_file(index_path(), O_RDONLY)) return;
  files.unlink(index_path());
  files.sync_folder(io::parent_folder(path()));
}

/// False, and nothing is taken, when the index isn't this file's.
bool Segment::take_index(std::string_view bytes, std::uint64_t file_size) {
  auto index = format::decode_segment_index(bytes);
  if (!index || index->mark != mark || index->first != first || index->size != file_size ||
      index->entries.empty()) {
    return false;
  }
  // The last stretch is read: the frames behind the last entry must end where the index says.
  FrameReader reader(file, mark, index->entries.back().position, file_size);
  format::FrameHeader last{.offset = index->end};
  while (const auto frame = reader.next()) last = frame->header;
  if (!reader.at_end() || last.crc != index->last_crc || last.offset + 1 != index->end)
    return false;
  size_ = file_size;
  end_ = index->end;
  last_arrival_ = index->arrival;
  last_crc_ = index->last_crc;
  index_ = std::move(index->entries);
  believed_ = true;
  return true;
}

std::vector<Damage> Segment::verify() const {
  std::vector<Damage> damage;
  FrameReader reader(file, mark, format::kHeaderBytes, size_);
  Offset least = first;
  while (!reader.at_end()) {
    if (const auto frame = reader.next()) {
      least = frame->header.offset + 1;
      continue;
    }
    const std::uint64_t bad = reader.position();
    const bool more = reader.find_next(least);
    damage.push_back({path(), bad, (more ? reader.position() : size_) - bad});
    if (!more) break;
  }
  return damage;
}

void Segment::add_frame(const format::FrameHeader& header, std::uint64_t position) {
  if (index_.empty() || position - index_.back().position >= format::kIndexBytes) {
    index_.push_back({header.offset, header.arrival, position});
  }
  end_ = header.offset + 1;
  last_arrival_ = header.arrival;
  last_crc_ = header.crc;
  size_ = position + header.frame_bytes();
}

void Segment::add(const format::EncodedBatch& batch) {
  const std::string_view bytes = batch.bytes();
  if (bytes.empty()) return;
  const std::uint64_t begin = size_;
  const auto add = [&](std::size_t at) {
    add_frame(format::decode_frame_header(bytes.substr(at)), begin + at);
  };
  // Not every header: they are far apart in memory, and whoever appends waits.
  for (const std::size_t at : batch.starts()) add(at);
  add(batch.last());
}

std::uint64_t Segment::position_of(Offset offset) const {
  const auto after = std::upper_bound(index_.begin(), index_.end(), offset,
                                      [](Offset o, const auto& e) { return o < e.offset; });
  return after == index_.begin() ? format::kHeaderBytes : std::prev(after)->position;
}

std::uint64_t Segment::position_of_time(std::int64_t time) const {
  const auto at = std::lower_bound(index_.begin(), index_.end(), time,
                                   [](const auto& e, std::int64_t t) { return e.arrival < t; });
  return at == index_.begin() ? format::kHeaderBytes : std::prev(at)->position;
}

}  // namespace engine::storage
