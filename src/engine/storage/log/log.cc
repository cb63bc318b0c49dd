// The log: its segments in order, one leader that writes and syncs for all who wait, readers beside
// it.
#include "engine/storage/log/log.h"

#include "engine/storage/error.h"
#include "engine/storage/log/rounds.h"
#include "engine/storage/log/segment.h"
#include "lib/base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <utility>

namespace engine::storage {
namespace {

/// Room is kept for as much again as a segment holds, within these bounds: what is rarely written
/// to keeps none.
constexpr std::uint64_t kLeastReserve = 1 << 20, kMostReserve = 16 << 20;

/// Of appends to one log that are no larger together, the copies cost less than a write of each.
constexpr std::size_t kWrittenTogether = 64 << 10;

/// The durable part of a segment that a read goes through. The file stays open while it lives.
struct Span {
  std::shared_ptr<const Segment> segment;
  std::uint64_t begin, end;
};

std::vector<Offset> list_segments(const std::string& directory) {
  std::vector<Offset> firsts;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const auto first = format::parse_segment_name(entry.path().filename().string());
    if (first) firsts.push_back(*first);
  }
  std::sort(firsts.begin(), firsts.end());
  return firsts;
}

base::Timestamp timestamp(std::int64_t arrival) {
  return base::Timestamp{std::chrono::milliseconds{arrival}};
}

}  // namespace

struct Log::Impl : Writer {
  Impl(std::string folder, LogOptions log_options, io::FileSystem& file_system)
      : directory(std::move(folder)),
        options(std::move(log_options)),
        files(file_system),
        rounds(options.rounds ? options.rounds : shared_rounds()),
        name(rounds->journal() ? rounds->journal()->name_of(directory) : std::nullopt) {
    try {
      open();
    } catch (const std::system_error& error) {
      throw StorageError(directory, error);
    }
  }

  std::string path_of(Offset first) const { return directory + "/" + format::segment_name(first); }
  void open();
  void report_missing_segments();

  std::shared_ptr<Segment> writable_segment();
  bool has_journal() const override { return name.has_value(); }
  void write(Group group, bool alone, JournalRound* journal) override;
  bool sync_disk() override { return files.sync_disk(target->file); }
  void sync(Group group, bool synced) override;
  void take_back() override { undo(*target); }
  template <class F>
  void place(Group group, F&& use);
  std::uint64_t write_frames(Group group, const Segment& segment);
  std::uint64_t write_frames(Group group, const Segment& segment, JournalRound& journal);
  void reserve(const Segment& segment, std::uint64_t end);
  void undo(const Segment& segment);

  std::vector<Span> spans(Offset from) const;
  template <class F>
  void walk(const std::vector<Span>& spans, F&& use) const;
  void report_new_damage(const Span& span, std::uint64_t position) const;

  const std::string directory;
  const LogOptions options;
  io::FileSystem& files;
  std::vector<Damage> damage;

  const std::shared_ptr<Rounds> rounds;
  const std::optional<std::string> name;  ///< in the journal

  // Of the leader of a round:
  bool broken = false;  // the target may hold what was refused, and nothing may follow it
  std::shared_ptr<Segment> target;  // where the round's frames went,
  Offset target_end = 0;            // and what follows the last of them
  std::int64_t target_arrival = format::kNoArrival;
  const Segment* reserved_in = nullptr;  // room was kept in this one,
  std::uint64_t reserved = 0;            // up to here

  // Guards what follows, and what changes in a segment. Only the leader changes `next`,
  // `last_arrival` and the newest segment: it reads them without the lock.
  mutable std::mutex mutex;
  std::vector<std::shared_ptr<Segment>> segments;
  Offset next = 0;
  std::int64_t last_arrival = format::kNoArrival;
};

void Log::Impl::open() {
  io::make_folders_durably(files, directory);
  std::vector<Offset> firsts = list_segments(directory);
  while (!firsts.empty() && Segment::remove_unfinished(files, path_of(firsts.back()))) {
    firsts.pop_back();
  }
  for (const Offset first : firsts) {
    const bool newest = first == firsts.back();
    segments.push_back(Segment::open(files, path_of(first), first, newest, damage));
    next = segments.back()->end();
    last_arrival = std::max(last_arrival, segments.back()->last_arrival());
  }
  report_missing_segments();
  for (const Damage& found : damage) {
    base::log_error("storage", "{} is damaged: {} bytes at {} are unreadable", found.file,
                    found.bytes, found.position);
  }
}

void Log::Impl::report_missing_segments() {
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const Segment& before = *segments[i - 1];
    const bool known = std::any_of(damage.begin(), damage.end(),
                                   [&](const Damage& d) { return d.file == before.path(); });
    if (before.end() < segments[i]->first && !known) {
      damage.push_back({path_of(before.end()), 0, 0});
    }
  }
}

/// The newest segment, or a new one when that is full. Called by the leader.
std::shared_ptr<Segment> Log::Impl::writable_segment() {
  {
    const std::lock_guard lock(mutex);
    if (!segments.empty() && !segments.back()->sealed() &&
        segments.back()->size() < options.segment_bytes) {
      return segments.back();
    }
  }
  auto fresh = Segment::create(files, directory, next, last_arrival);
  std::shared_ptr<Segment> closed;
  {
    const std::lock_guard lock(mutex);
    if (!segments.empty()) closed = segments.back();
    segments.push_back(fresh);
  }
  if (closed && !closed->sealed() && !closed->damaged()) closed->write_index(files);
  return fresh;
}

void Log::Impl::write(Group group, bool alone, JournalRound* journal) {
  if (broken) undo(*target);  // the disk may work again
  if (broken) {
    throw StorageError(directory, EIO, directory + " takes no records: it can't be cleaned up");
  }
  try {
    target = writable_segment();
    std::uint64_t end = 0;
    try {
      end = journal ? write_frames(group, *target, *journal) : write_frames(group, *target);
    } catch (...) {
      undo(*target);
      throw;
    }
    if (journal) journal->held.push_back({&files, target});
    // What is synced with the whole disk is better left to it at once.
    if (alone) files.begin_sync(target->file, target->size(), end - target->size());
    reserve(*target, end);
  } catch (const std::system_error& error) {
    throw StorageError(directory, error);
  }
}

/// Gives the appends their places behind the last durable byte. Calls `use` with the frames of
/// each.
template <class F>
void Log::Impl::place(Group group, F&& use) {
  target_end = next;
  target_arrival = last_arrival;
  for (Append* append : group) {
    append->first = target_end;
    target_arrival = std::max(target_arrival, append->now);
    use(append->batch.place(target->mark, append->first, target_arrival));
    target_end += append->batch.records();
  }
}

/// Gives where the frames end.
std::uint64_t Log::Impl::write_frames(Group group, const Segment& segment) {
  std::uint64_t position = segment.size();
  std::string small;  // batches that are written together
  const auto write = [&](std::string_view bytes) {
    if (!bytes.empty()) files.write(segment.file, bytes, position);
    position += bytes.size();
  };
  place(group, [&](std::string_view bytes) {
    if (small.size() + bytes.size() <= kWrittenTogether) {
      small += bytes;
    } else {
      write(std::exchange(small, {}));
      write(bytes);
    }
  });
  write(small);
  return position;
}

std::uint64_t Log::Impl::write_frames(Group group, const Segment& segment, JournalRound& journal) {
  journal.bytes.begin_part({.name = *name,
                            .first = segment.first,
                            .mark = segment.mark,
                            .position = segment.size()});
  place(group, [&](std::string_view bytes) { journal.bytes.add(bytes); });
  const std::string_view frames = journal.bytes.end_part();
  try {
    files.write(segment.file, frames, segment.size());
  } catch (...) {
    journal.bytes.drop_part();
    throw;
  }
  return segment.size() + frames.size();
}

void Log::Impl::sync(Group group, bool synced) {
  try {
    if (!synced) rounds->sync(files, *target);
  } catch (const std::system_error& error) {
    undo(*target);
    throw StorageError(directory, error);
  }
  const std::uint64_t before = target->size();
  {
    const std::lock_guard lock(mutex);
    for (const Append* append : group) target->add(append->batch);
    next = target_end;
    last_arrival = target_arrival;
  }
  rounds->recent().add(files, target, before, target->size());
}

/// Keeps room behind `end` when half of what was kept is used up.
void Log::Impl::reserve(const Segment& segment, std::uint64_t end) {
  if (reserved_in != &segment) reserved = end;
  reserved_in = &segment;
  const std::uint64_t more = std::min(end, kMostReserve);
  if (more < kLeastReserve || reserved > end + more / 2) return;
  // What closes a segment may stand behind this; no room is kept that no record will ever take.
  const std::uint64_t until = std::min(end + more, options.segment_bytes);
  const std::uint64_t from = std::max(reserved, end);
  if (until <= from) return;
  files.reserve(segment.file, from, until - from);
  reserved = until;
}

/// After a sync failed nobody knows which of its pages are on the disk, and the kernel won't try
/// them again; cutting the file makes the question void.
void Log::Impl::undo(const Segment& segment) {
  reserved_in = nullptr;
  try {
    files.truncate(segment.file, segment.size());
    rounds->sync_again(files, segment);
    if (broken) base::log_info("storage", "{} takes records again", segment.path());
    broken = false;
  } catch (const std::system_error& error) {
    if (!broken) {
      base::log_error("storage", "{} takes no records until it can be cleaned up: {}",
                      segment.path(), error.what());
    }
    broken = true;
  }
}

/// The segments that hold records from `from` on, the first one from near that record.
std::vector<Span> Log::Impl::spans(Offset from) const {
  const std::lock_guard lock(mutex);
  std::vector<Span> found;
  const auto start = std::partition_point(segments.begin(), segments.end(),
                                          [&](const auto& s) { return s->end() <= from; });
  for (auto at = start; at != segments.end(); ++at) {
    const Segment& segment = **at;
    if (segment.empty()) continue;
    found.push_back(
        {*at, found.empty() ? segment.position_of(from) : format::kHeaderBytes, segment.size()});
  }
  return found;
}

/// Calls `use(frame)` over the frames of the spans until it returns false. Damage is passed over.
template <class F>
void Log::Impl::walk(const std::vector<Span>& spans, F&& use) const {
  for (const Span& span : spans) {
    FrameReader reader(span.segment->file, span.segment->mark, span.begin, span.end);
    Offset least = 0;
    while (!reader.at_end()) {
      if (const auto frame = reader.next()) {
        if (!use(*frame)) return;
        least = frame->header.offset + 1;
        continue;
      }
      report_new_damage(span, reader.position());
      if (!reader.find_next(least)) break;
    }
  }
}

void Log::Impl::report_new_damage(const Span& span, std::uint64_t position) const {
  const bool known = std::any_of(damage.begin(), damage.end(), [&](const Damage& d) {
    return d.file == span.segment->path() && d.position <= position &&
           position < d.position + d.bytes;
  });
  if (!known) {
    base::log_error("storage", "{} was damaged while in use: unreadable at {}",
                    span.segment->path(), position);
  }
}

std::shared_ptr<Rounds> shared_rounds(std::uint64_t recent_bytes) {
  return std::make_shared<Rounds>(recent_bytes);
}

std::shared_ptr<Rounds> shared_rounds(const JournalOptions& options, io::FileSystem& files,
                                      std::uint64_t recent_bytes) {
  return std::make_shared<Rounds>(recent_bytes, options, files);
}

void checkpoint(Rounds& rounds) {
  if (Journal* journal = rounds.journal()) journal->checkpoint();
}

const std::vector<Damage>& journal_damage(Rounds& rounds) {
  static const std::vector<Damage> none;
  const Journal* journal = rounds.journal();
  return journal ? journal->damage() : none;
}

Log::Log(std::string directory, LogOptions options, io::FileSystem& files)
    : impl_(std::make_unique<Impl>(std::move(directory), std::move(options), files)) {}
Log::~Log() = default;

Offset Log::append(std::span<const NewRecord> records, base::Timestamp now) {
  if (records.empty()) return end();
  Part part{this, records, now};
  append_all({&part, 1});
  if (part.error) std::rethrow_exception(part.error);
  return part.first;
}

void Log::append_all(std::span<Part> parts) {
  std::vector<Append> appends;
  appends.reserve(parts.size());
  for (const Part& part : parts) {
    appends.push_back({part.log->impl_.get(), format::EncodedBatch(part.records),
                       part.now.time_since_epoch().count()});
  }
  // Parts of logs with rounds of their own, one after the other.
  for (std::size_t begin = 0; begin < parts.size();) {
    Rounds& rounds = *parts[begin].log->impl_->rounds;
    std::size_t end = begin + 1;
    while (end < parts.size() && parts[end].log->impl_->rounds.get() == &rounds) ++end;
    rounds.join(std::span(appends).subspan(begin, end - begin));
    begin = end;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].first = appends[i].first;
    parts[i].error = appends[i].error;
  }
}

std::vector<LogRecord> Log::read(Offset from, std::size_t max_records,
                                 std::size_t max_bytes) const {
  std::vector<LogRecord> records;
  if (max_records == 0) return records;
  std::size_t bytes = 0;
  impl_->walk(impl_->spans(from), [&](const Frame& frame) {
    if (frame.header.offset < from) return true;
    bytes += frame.data.size();
    if (!records.empty() && bytes > max_bytes) return false;
    records.push_back({.offset = frame.header.offset,
                       .arrival = timestamp(frame.header.arrival),
                       .key = std::string(frame.key),
                       .data = std::string(frame.data)});
    return records.size() < max_records;
  });
  return records;
}

Offset Log::begin() const {
  const std::lock_guard lock(impl_->mutex);
  for (const auto& segment : impl_->segments) {
    if (!segment->empty()) return segment->begin();
  }
  return impl_->next;
}

Offset Log::end() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->next;
}

Offset Log::at_time(base::Timestamp time) const {
  const std::int64_t wanted = time.time_since_epoch().count();
  std::vector<Span> spans;
  Offset found = 0;
  {
    const std::lock_guard lock(impl_->mutex);
    found = impl_->next;
    const auto& segments = impl_->segments;
    const auto segment = std::find_if(segments.begin(), segments.end(), [&](const auto& s) {
      return !s->empty() && s->last_arrival() >= wanted;
    });
    if (segment == segments.end()) return found;
    spans.push_back({*segment, (*segment)->position_of_time(wanted), (*segment)->size()});
  }
  impl_->walk(spans, [&](const Frame& frame) {
    if (frame.header.arrival < wanted) return true;
    found = frame.header.offset;
    return false;
  });
  return found;
}

std::optional<base::Timestamp> Log::last_arrival() const {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->last_arrival == format::kNoArrival) return std::nullopt;
  return timestamp(impl_->last_arrival);
}

void Log::drop_before(base::Timestamp time) {
  std::vector<std::shared_ptr<Segment>> dropped;
  {
    const std::lock_guard lock(impl_->mutex);
    auto& segments = impl_->segments;
    // When the records of an unreadable segment arrived isn't known: not after those of the next
    // one.
    const auto is_old = [&] {
      const Segment& judge = segments[0]->sealed() ? *segments[1] : *segments[0];
      return judge.last_arrival() < time.time_since_epoch().count();
    };
    while (segments.size() > 1 && is_old()) {
      dropped.push_back(std::move(segments.front()));
      segments.erase(segments.begin());
    }
  }
  if (dropped.empty()) return;
  try {
    for (const auto& segment : dropped) {
      impl_->files.unlink(segment->path());
      impl_->files.unlink(impl_->directory + "/" + format::index_name(segment->first));
    }
    impl_->files.sync_folder(impl_->directory);
  } catch (const std::system_error& error) {
    throw StorageError(impl_->directory, error);
  }
}

const std::vector<Damage>& Log::damage() const { return impl_->damage; }

std::vector<Damage> Log::verify(const std::function<bool()>& stop) {
  std::vector<std::shared_ptr<Segment>> believed;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& segment : impl_->segments) {
      if (segment->believed()) believed.push_back(segment);
    }
  }
  std::vector<Damage> found;
  for (const auto& segment : believed) {
    if (stop()) break;
    const auto damage = segment->verify();
    if (!damage.empty()) segment->remove_index(impl_->files);
    for (const Damage& one : damage) {
      base::log_error("storage", "{} is damaged: {} bytes at {} are unreadable", one.file,
                      one.bytes, one.position);
      found.push_back(one);
    }
  }
  return found;
}

}  // namespace engine::storage
