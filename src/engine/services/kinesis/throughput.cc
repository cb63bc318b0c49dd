// What a shard takes and gives in a second.
#include "engine/services/kinesis/throughput.h"

#include <algorithm>

namespace engine::kinesis {

void Throughput::open_window(base::Timestamp now, Share share) {
  const auto paid = base::Milliseconds(static_cast<std::int64_t>(bytes_ * 1000 / std::max<std::uint64_t>(share.bytes, 1)));
  const auto length = std::max<base::Milliseconds>(std::chrono::seconds(1), paid);
  // A clock that was set back must not keep the window open for as long.
  if (now >= since_ && now - since_ < length) return;
  since_ = now;
  bytes_ = count_ = 0;
}

bool Throughput::take(base::Timestamp now, std::uint64_t bytes, Share share) {
  open_window(now, share);
  if (count_ + 1 > share.count || (count_ > 0 && bytes_ + bytes > share.bytes)) return false;
  bytes_ += bytes;
  ++count_;
  return true;
}

bool Throughput::begin_read(base::Timestamp now, Share share) {
  open_window(now, share);
  if (count_ + 1 > share.count || bytes_ >= share.bytes) return false;
  ++count_;
  return true;
}

}  // namespace engine::kinesis
