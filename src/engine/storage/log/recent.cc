// The newest bytes of logs.
#include "engine/storage/log/recent.h"

namespace engine::storage {
namespace {

/// A stretch begins and ends where one of these does: whole pages, and not a call for each round.
constexpr std::uint64_t kStep = 64 << 10;

}  // namespace

void Recent::add(io::FileSystem& files, const std::shared_ptr<const Segment>& segment,
                 std::uint64_t begin, std::uint64_t end) {
  begin -= begin % kStep;
  end -= end % kStep;
  if (begin == end) return;  // what comes behind will tell of it
  stretches_.push_back({&files, segment, begin, end});
  kept_ += end - begin;
  while (kept_ > most_) {
    const Stretch oldest = std::move(stretches_.front());
    stretches_.pop_front();
    kept_ -= oldest.end - oldest.begin;
    if (const auto alive = oldest.segment.lock()) {
      oldest.files->forget(alive->file, oldest.begin, oldest.end - oldest.begin);
    }
  }
}

}  // namespace engine::storage
