// The bytes of a journal: rounds of frames on their way to many segments. See
// docs/formats/journal.md.
#pragma once

#include "engine/storage/log/format.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::storage::format {

constexpr std::string_view kJournalMagic{"BEERJRN\0", 8};
constexpr std::uint32_t kJournalVersion = 1;
constexpr std::size_t kJournalHeaderBytes = 36;
/// Header and rounds begin at multiples of this: writing one never touches a page of another.
constexpr std::size_t kJournalBlock = 4096;

struct JournalHeader {
  std::uint32_t version = kJournalVersion;
  std::uint64_t number = 0;
  std::uint64_t mark = 0;
};

std::string encode(const JournalHeader& header);
/// Nothing when the bytes are no journal's header. Its version may be one we don't know.
std::optional<JournalHeader> decode_journal_header(std::string_view bytes);

/// Ends the name of a file that is not a journal yet, or not any more.
constexpr std::string_view kMaking = ".making";

/// "00000000000000000042.journal"
std::string journal_name(std::uint64_t number);
/// Nothing when the name isn't a journal's.
std::optional<std::uint64_t> parse_journal_name(std::string_view name);

/// Frames of one log, and where they stand.
struct JournalPart {
  std::string_view name;  ///< the log's folder, below the folder of all logs
  Offset first = 0;       ///< of the segment
  std::uint32_t mark = 0;
  std::uint64_t position = 0;  ///< in the segment's file
  std::string_view frames;
};

/// A round being put together. Its memory is kept from one round to the next.
class RoundBytes {
 public:
  void clear();
  bool empty() const { return parts_ == 0; }

  /// A part of no frames yet.
  void begin_part(const JournalPart& part);
  void add(std::string_view frames) { bytes_ += frames; }
  /// The frames of the part that was begun last; they live until the next one begins.
  std::string_view end_part();
  /// Leaves out the part that was begun last.
  void drop_part();

  /// The bytes to write: a multiple of kJournalBlock.
  std::string_view finish(std::uint64_t mark, std::uint64_t index);

 private:
  std::string bytes_;
  std::size_t part_ = 0, frames_ = 0;  ///< where the last part begins, and its frames
  std::uint32_t parts_ = 0;
};

/// Goes through the parts of a journal of that mark, whose bytes begin with its header, and
/// reports what is damaged under the name of `file`. A torn tail is the end.
void read_rounds(std::string_view journal, std::uint64_t mark, const std::string& file,
                 const std::function<void(const JournalPart&)>& use, std::vector<Damage>& damage);

/// The mark of the first round when that fits its checksum: of a journal whose header can't be
/// read.
std::optional<std::uint64_t> mark_of_first_round(std::string_view journal);

}  // namespace engine::storage::format
