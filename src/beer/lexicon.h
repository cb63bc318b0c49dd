// Free text that a catalogue repeats, read once: a perfect table from spellings to what they mean.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beer {

/// What the known spellings of a kind of text mean, each found in a few nanoseconds. The meanings
/// are read by the same function that reads every other spelling, so a spelling's being known
/// changes how fast it is understood and nothing else. Any thread, once constructed.
template <class Meaning>
class Lexicon {
 public:
  /// `read` is called once for each spelling. A spelling may be listed twice.
  template <class Read>
  Lexicon(std::span<const std::string_view> spellings, Read read) {
    for (std::string_view spelling : spellings) {
      if (is_taken(digest(spelling))) continue;
      entries_.push_back({std::string(spelling), read(spelling)});
    }
    while (!fill()) grow();
  }

  /// Nothing for a spelling that isn't known: it has to be read.
  const Meaning* find(std::string_view spelling) const {
    const std::uint16_t place = slots_[slot(spelling)];
    if (place == kFree || entries_[place].spelling != spelling) return nullptr;
    return &entries_[place].meaning;
  }

 private:
  struct Entry {
    std::string spelling;
    Meaning meaning;
  };
  static constexpr std::uint16_t kFree = 0xFFFF;

  /// The ends of the text, overlapping where it is short, as one number.
  static std::uint64_t digest(std::string_view text) {
    std::uint64_t head = 0, tail = 0;
    if (text.size() >= 8) {
      std::memcpy(&head, text.data(), 8);
      std::memcpy(&tail, text.data() + text.size() - 8, 8);
    } else if (text.size() >= 4) {
      std::memcpy(&head, text.data(), 4);
      std::memcpy(&tail, text.data() + text.size() - 4, 4);
    } else {
      for (char letter : text) head = head << 8 | static_cast<unsigned char>(letter);
    }
    return (head * 0x9E3779B97F4A7C15ULL) ^ (tail * 0xC2B2AE3D27D4EB4FULL) ^ (text.size() << 56);
  }

  std::size_t slot(std::string_view text) const {
    return static_cast<std::size_t>((digest(text) * factor_) >> shift_);
  }

  // The same spelling again; or one that no multiplier could tell from it, which stays unknown.
  bool is_taken(std::uint64_t wanted) const {
    for (const Entry& entry : entries_) {
      if (digest(entry.spelling) == wanted) return true;
    }
    return false;
  }

  // Another multiplier, and after many of them a table of twice the size.
  void grow() {
    factor_ = (factor_ + 2) * 0xD1342543DE82EF95ULL | 1;
    if (++tried_ % 64 == 0) --shift_;
  }

  // False when two spellings met in one slot.
  bool fill() {
    slots_.assign(std::size_t{1} << (64 - shift_), kFree);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::uint16_t& place = slots_[slot(entries_[i].spelling)];
      if (place != kFree) return false;
      place = static_cast<std::uint16_t>(i);
    }
    return true;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint16_t> slots_;
  std::uint64_t factor_ = 0x9FB21C651E98DF25ULL;
  int shift_ = 64 - 8;
  int tried_ = 0;
};

}  // namespace beer
