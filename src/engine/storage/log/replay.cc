// What a start does with journals. The rules stand in docs/formats/journal.md.
#include "engine/storage/log/replay.h"

#include "engine/storage/error.h"
#include "engine/storage/log/journal_format.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace engine::storage {
namespace {

/// Open segments are files that the process may have only so many of.
constexpr std::size_t kMostOpen = 200;

/// The segments that parts are written to.
class Segments {
 public:
  Segments(io::FileSystem& files, std::string root) : files_(files), root_(std::move(root)) {}

  void write(const format::JournalPart& part) {
    if (!is_below(part.name)) return;
    const Open& segment =
        open(fmt::format("{}/{}/{}", root_, part.name, format::segment_name(part.first)));
    if (segment.mark == part.mark) files_.write(segment.file, part.frames, part.position);
  }

  void sync() {
    for (const auto& [path, segment] : open_) {
      if (segment.mark != 0) files_.sync(segment.file);
    }
    open_.clear();
  }

 private:
  struct Open {
    io::File file;
    std::uint32_t mark = 0;  ///< 0: not there, or of no readable header
  };

  /// No name that leads elsewhere, whoever made the journal.
  static bool is_below(std::string_view name) {
    const std::filesystem::path path(name);
    return path.is_relative() && !name.empty() &&
           std::none_of(path.begin(), path.end(), [](const auto& one) { return one == ".."; });
  }

  const Open& open(const std::string& path) {
    if (const auto found = open_.find(path); found != open_.end()) return found->second;
    if (open_.size() >= kMostOpen) sync();
    Open& segment = open_[path];
    if (!io::find_file(path, O_RDONLY)) return segment;
    segment.file = files_.open(path, O_RDWR);
    char bytes[format::kHeaderBytes];
    const std::size_t got = io::read_at(segment.file, bytes, sizeof bytes, 0);
    if (const auto header = format::decode_segment_header({bytes, got})) {
      segment.mark = header->mark;
    } else if (got == sizeof bytes) {
      base::log_error("storage",
                      "{}: what the journal holds of it is left out, for its header can't be read",
                      path);
    }
    return segment;
  }

  io::FileSystem& files_;
  const std::string root_;
  std::map<std::string, Open> open_;
};

/// The mark of a journal's rounds; nothing when no round can be read.
std::optional<std::uint64_t> mark_of(const std::string& path, std::string_view journal,
                                     std::vector<Damage>& damage) {
  if (const auto header = format::decode_journal_header(journal)) {
    if (header->version == format::kJournalVersion) return header->mark;
    throw StorageError(path, 0,
                       fmt::format("{} has format version {}, and this program knows version {}",
                                   path, header->version, format::kJournalVersion));
  }
  const auto mark = format::mark_of_first_round(journal);
  damage.push_back({path, 0, mark ? format::kJournalBlock : journal.size()});
  return mark;
}

}  // namespace

std::vector<Damage> replay_journals(io::FileSystem& files, const std::string& folder,
                                    const std::string& root) {
  std::map<std::uint64_t, std::string> journals;
  std::vector<std::string> needless;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (const auto number = format::parse_journal_name(name)) journals[*number] = entry.path();
    if (name.ends_with(format::kMaking)) needless.push_back(entry.path());
  }
  std::vector<Damage> damage;
  Segments segments(files, root);
  for (const auto& [number, path] : journals) {
    const std::string journal = io::read_file(path);
    if (const auto mark = mark_of(path, journal, damage)) {
      format::read_rounds(
          journal, *mark, path, [&](const auto& part) { segments.write(part); }, damage);
    }
    needless.push_back(path);
  }
  segments.sync();
  for (const Damage& one : damage) {
    base::log_error("storage", "{} is damaged: {} bytes at {} are unreadable", one.file, one.bytes,
                    one.position);
  }
  for (const std::string& path : needless) files.unlink(path);
  if (!needless.empty()) files.sync_folder(folder);
  return damage;
}

}  // namespace engine::storage
