// The bytes of a journal: what was written is read, whatever lies behind it.
#include "engine/storage/log/journal_format.h"
#include "engine/storage/log/log.h"
#include "lib/base/fuzz.h"

namespace {

using namespace engine::storage;

}  // namespace

FUZZ(bytes) {
  const std::uint64_t mark = base::fuzz::take_byte(bytes);
  std::vector<Damage> damage;
  std::string made = format::encode(format::JournalHeader{.number = 1, .mark = mark});
  made.resize(format::kJournalBlock);
  std::string whole = made;
  format::RoundBytes round;
  round.clear();
  round.begin_part({.name = "beers/0", .first = 3, .mark = 4, .position = 40, .frames = {}});
  round.add(bytes);
  round.end_part();
  whole += round.finish(mark, 0);
  std::string read;
  format::read_rounds(
      whole + std::string(bytes), mark, "journal", [&](const auto& part) { read += part.frames; },
      damage);
  base::fuzz::hold(read.starts_with(bytes), "the round that was written is read");
  // And what nobody wrote.
  format::read_rounds(
      bytes, mark, "journal", [](const auto&) {}, damage);
  format::read_rounds(
      made + std::string(bytes), mark, "journal", [](const auto&) {}, damage);
  format::mark_of_first_round(bytes);
  format::decode_journal_header(bytes);
  for (const Damage& one : damage) base::fuzz::hold(!one.file.empty(), "damage has a name");
}
