// One segment of a log: its file, what is durable in it, and a sparse index in memory.
#pragma once

#include "engine/storage/log/format.h"
#include "engine/storage/log/frame_reader.h"
#include "lib/io/file_system.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine::storage {

/// Not thread-safe, but for `file`, `mark` and `first`, which never change: the log guards the
/// rest.
class Segment {
 public:
  /// Makes a segment's file, durable with its name. `arrival` is that of the last record before.
  static std::shared_ptr<Segment> create(io::FileSystem& files, const std::string& directory,
                                         Offset first, std::int64_t arrival);

  /// Removes the newest segment's file when the machine stopped while it was being made.
  static bool remove_unfinished(io::FileSystem& files, const std::string& path);

  /// Opens a segment of which `newest` tells whether it may have a torn tail, and cuts that. Adds
  /// what is unreadable to `damage`. One that isn't the newest is believed what its index says.
  static std::shared_ptr<Segment> open(io::FileSystem& files, const std::string& path, Offset first,
                                       bool newest, std::vector<Damage>& damage);

  /// Keeps what opening it again would have to find out. The segment takes no more records. A
  /// failure is passed over: an index is only ever a help.
  void write_index(io::FileSystem& files) const;
  void remove_index(io::FileSystem& files) const;

  /// Reads the whole file and gives what is unreadable in it. Any thread, of a closed segment.
  std::vector<Damage> verify() const;
  /// Whether opening believed its index and read no frame but the last ones.
  bool believed() const { return believed_; }
  /// Whether opening found something unreadable in it: it gets no index, so that every opening
  /// does.
  bool damaged() const { return damaged_; }

  const std::string& path() const { return file.path; }
  bool empty() const { return index_.empty(); }
  std::uint64_t size() const { return size_; }
  Offset begin() const { return empty() ? end_ : index_.front().offset; }
  Offset end() const { return end_; }
  /// Of the last record; without one, of the last before this segment.
  std::int64_t last_arrival() const { return last_arrival_; }
  /// Its bytes can't be trusted to take more records.
  bool sealed() const { return mark == 0; }

  /// Position of a frame at or before the record of that offset; the first one's for lower offsets.
  std::uint64_t position_of(Offset offset) const;
  /// Position of a frame at or before the first record that arrived at `time` or later.
  std::uint64_t position_of_time(std::int64_t time) const;

  /// Takes a placed batch that has become durable at size().
  void add(const format::EncodedBatch& batch);

  const io::File file;
  const std::uint32_t mark;  ///< 0 when unknown: nothing in the file is readable
  const Offset first;

 private:
  Segment(io::File opened, std::uint32_t mark, Offset first, std::int64_t arrival)
      : file(std::move(opened)), mark(mark), first(first), end_(first), last_arrival_(arrival) {}

  std::string index_path() const;
  bool take_index(std::string_view bytes, std::uint64_t file_size);
  void add_frame(const format::FrameHeader& header, std::uint64_t position);
  void recover(io::FileSystem& files, bool newest, std::vector<Damage>& damage);

  std::uint64_t size_ = format::kHeaderBytes;
  Offset end_;
  std::int64_t last_arrival_;
  std::uint32_t last_crc_ = 0;
  bool believed_ = false, damaged_ = false;
  std::vector<format::SegmentIndex::Entry> index_;
};

}  // namespace engine::storage
