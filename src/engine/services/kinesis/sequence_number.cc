// Sequence numbers.
#include "engine/services/kinesis/sequence_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine::kinesis {
namespace {

constexpr std::string_view kMark = "49";
constexpr std::size_t kCreatedDigits = 15, kShardDigits = 15, kOffsetDigits = 24;
constexpr std::string_view kShardPrefix = "shardId-";

/// Takes `digits` digits off the front of `text`.
std::optional<std::uint64_t> take(std::string_view& text, std::size_t digits) {
  std::uint64_t value = 0;
  const char* end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

}  // namespace

std::string SequenceNumber::text() const {
  std::string text(kMark);
  text.append(kCreatedDigits + kShardDigits + kOffsetDigits, '0');
  char* end = text.data() + kMark.size();
  // Each number ends where its digits do, behind as many zeros as are left.
  const auto write = [&](std::uint64_t number, std::size_t digits) {
    const fmt::format_int shown(number);
    end += digits;
    std::copy_n(shown.data(), shown.size(), end - shown.size());
  };
  write(static_cast<std::uint64_t>(shard_created.time_since_epoch().count()), kCreatedDigits);
  write(shard_number, kShardDigits);
  write(offset, kOffsetDigits);
  return text;
}

std::optional<SequenceNumber> parse_sequence_number(std::string_view text) {
  if (text.size() != kMark.size() + kCreatedDigits + kShardDigits + kOffsetDigits) return {};
  if (!text.starts_with(kMark)) return {};
  text.remove_prefix(kMark.size());
  const auto created = take(text, kCreatedDigits);
  const auto shard = created ? take(text, kShardDigits) : std::nullopt;
  const auto offset = shard ? take(text, kOffsetDigits) : std::nullopt;
  if (!offset) return {};
  return SequenceNumber{base::Timestamp{base::Milliseconds{*created}}, *shard, *offset};
}

std::string shard_id(std::uint64_t number) { return fmt::format("{}{:012}", kShardPrefix, number); }

std::optional<std::uint64_t> parse_shard_id(std::string_view id) {
  if (!id.starts_with(kShardPrefix)) return {};
  id.remove_prefix(kShardPrefix.size());
  if (id.size() < 12) return {};
  return take(id, id.size());
}

}  // namespace engine::kinesis
