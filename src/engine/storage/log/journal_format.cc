// The bytes of a journal. The grammar stands in docs/formats/journal.md.
#include "engine/storage/log/journal_format.h"

#include "lib/base/digest.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace engine::storage::format {
namespace {

constexpr std::size_t kCrcAt = 32;

constexpr std::size_t kRoundBytes = 32;
constexpr std::size_t kRoundCrcAt = 28;
constexpr std::size_t kPartBytes = 32;
/// More than any round may grow to is not kept for the next one.
constexpr std::size_t kMostKept = 32 << 20;

template <class T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void store(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

std::size_t up_to_block(std::size_t size) {
  return (size + kJournalBlock - 1) / kJournalBlock * kJournalBlock;
}

/// A whole round that fits its checksum.
struct Round {
  std::uint64_t index = 0;
  std::uint32_t parts = 0;
  std::string_view bytes;  ///< its parts
  std::size_t end = 0;     ///< where the next one begins
};

std::optional<Round> round_at(std::string_view journal, std::size_t at, std::uint64_t mark) {
  if (at > journal.size() || journal.size() - at < kRoundBytes) return std::nullopt;
  const std::string_view head = journal.substr(at, kRoundBytes);
  if (load<std::uint64_t>(head, 0) != mark) return std::nullopt;
  const auto size = load<std::uint64_t>(head, 16);
  if (size > journal.size() - at - kRoundBytes) return std::nullopt;
  const std::string_view parts = journal.substr(at + kRoundBytes, size);
  const std::uint32_t crc = base::crc32c(parts, base::crc32c(head.substr(0, kRoundCrcAt)));
  if (load<std::uint32_t>(head, kRoundCrcAt) != crc) return std::nullopt;
  return Round{load<std::uint64_t>(head, 8), load<std::uint32_t>(head, 24), parts,
               at + up_to_block(kRoundBytes + size)};
}

/// The part at the beginning of `bytes`, which it is cut from. Nothing when it isn't whole.
std::optional<JournalPart> take_part(std::string_view& bytes) {
  if (bytes.size() < kPartBytes) return std::nullopt;
  JournalPart part{.first = load<Offset>(bytes, 0),
                   .mark = load<std::uint32_t>(bytes, 24),
                   .position = load<std::uint64_t>(bytes, 8)};
  const auto size = load<std::uint64_t>(bytes, 16);
  const auto name_size = load<std::uint32_t>(bytes, 28);
  bytes.remove_prefix(kPartBytes);
  if (name_size > bytes.size() || size > bytes.size() - name_size) return std::nullopt;
  part.name = bytes.substr(0, name_size);
  part.frames = bytes.substr(name_size, size);
  bytes.remove_prefix(name_size + size);
  return part;
}

}  // namespace

std::string encode(const JournalHeader& header) {
  std::string bytes(kJournalHeaderBytes, '\0');
  std::memcpy(bytes.data(), kJournalMagic.data(), kJournalMagic.size());
  store(bytes, 8, header.version);
  store(bytes, 16, header.number);
  store(bytes, 24, header.mark);
  store(bytes, kCrcAt, base::crc32c(std::string_view(bytes).substr(0, kCrcAt)));
  return bytes;
}

std::optional<JournalHeader> decode_journal_header(std::string_view bytes) {
  if (bytes.size() < kJournalHeaderBytes || !bytes.starts_with(kJournalMagic)) return std::nullopt;
  if (load<std::uint32_t>(bytes, kCrcAt) != base::crc32c(bytes.substr(0, kCrcAt))) {
    return std::nullopt;
  }
  return JournalHeader{.version = load<std::uint32_t>(bytes, 8),
                       .number = load<std::uint64_t>(bytes, 16),
                       .mark = load<std::uint64_t>(bytes, 24)};
}

std::string journal_name(std::uint64_t number) { return fmt::format("{:020}.journal", number); }

std::optional<std::uint64_t> parse_journal_name(std::string_view name) {
  constexpr std::size_t kDigits = 20;
  if (name.size() <= kDigits || name.substr(kDigits) != ".journal") return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, number);
  if (error != std::errc() || end != name.data() + kDigits) return std::nullopt;
  return number;
}

void RoundBytes::clear() {
  if (bytes_.capacity() > kMostKept) std::string().swap(bytes_);
  bytes_.assign(kRoundBytes, '\0');
  parts_ = 0;
}

void RoundBytes::begin_part(const JournalPart& part) {
  part_ = bytes_.size();
  bytes_.append(kPartBytes, '\0');
  store(bytes_, part_, part.first);
  store(bytes_, part_ + 8, part.position);
  store(bytes_, part_ + 24, part.mark);
  store(bytes_, part_ + 28, static_cast<std::uint32_t>(part.name.size()));
  bytes_ += part.name;
  frames_ = bytes_.size();
  ++parts_;
}

std::string_view RoundBytes::end_part() {
  store(bytes_, part_ + 16, std::uint64_t{bytes_.size() - frames_});
  return std::string_view(bytes_).substr(frames_);
}

void RoundBytes::drop_part() {
  bytes_.resize(part_);
  --parts_;
}

std::string_view RoundBytes::finish(std::uint64_t mark, std::uint64_t index) {
  const std::size_t end = bytes_.size();
  store(bytes_, 0, mark);
  store(bytes_, 8, index);
  store(bytes_, 16, std::uint64_t{end - kRoundBytes});
  store(bytes_, 24, parts_);
  const std::string_view all = bytes_;
  store(bytes_, kRoundCrcAt,
        base::crc32c(all.substr(kRoundBytes), base::crc32c(all.substr(0, kRoundCrcAt))));
  bytes_.resize(up_to_block(end));
  return bytes_;
}

void read_rounds(std::string_view journal, std::uint64_t mark, const std::string& file,
                 const std::function<void(const JournalPart&)>& use, std::vector<Damage>& damage) {
  std::uint64_t next = 0;
  for (std::size_t at = kJournalBlock; at < journal.size();) {
    auto round = round_at(journal, at, mark);
    if (!round || round->index < next) {
      const std::size_t bad = at;
      do {
        at += kJournalBlock;
        round = round_at(journal, at, mark);
      } while (at < journal.size() && (!round || round->index < next));
      if (!round) return;  // a torn tail
      damage.push_back({file, bad, at - bad});
    }
    std::string_view parts = round->bytes;
    for (std::uint32_t i = 0; i < round->parts; ++i) {
      const auto part = take_part(parts);
      if (!part) break;  // it fits its checksum: nothing that was written here
      use(*part);
    }
    next = round->index + 1;
    at = round->end;
  }
}

std::optional<std::uint64_t> mark_of_first_round(std::string_view journal) {
  if (journal.size() < kJournalBlock + kRoundBytes) return std::nullopt;
  const auto mark = load<std::uint64_t>(journal, kJournalBlock);
  if (mark == 0 || !round_at(journal, kJournalBlock, mark)) return std::nullopt;
  return mark;
}

}  // namespace engine::storage::format
