// The digests of a body, taken beside the thread that brings its bytes in.
#include "lib/http/body_digests.h"

#include "lib/base/checksum.h"
#include "lib/http/worker_pool.h"

#include <algorithm>
#include <array>
#include <thread>

namespace http {
namespace {

constexpr std::size_t kPieces = 16;

/// What runs here never waits, so more threads than processors would be of no use.
WorkerPool& workers() {
  static WorkerPool pool("http-digest", std::max(2, static_cast<int>(std::thread::hardware_concurrency())));
  return pool;
}

}  // namespace

struct BodyDigests::State : std::enable_shared_from_this<State> {
  struct Lane {
    std::string algorithm;
    std::unique_ptr<base::Checksum> checksum;
    std::uint64_t done = 0;  // pieces
    bool called = false;     // a worker was asked for, and has not come yet
    bool taken = false;      // a thread is at it
  };
  struct Piece {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };

  std::mutex mutex;
  std::condition_variable moved;
  std::array<Piece, kPieces> ring;
  std::uint64_t filled = 0;
  std::vector<Lane> lanes;  // as many as at first, always
  bool given_up = false;

  Piece& piece(std::uint64_t number) { return ring.at(number % kPieces); }

  /// Until the lane has done `wanted` pieces, or all when that isn't said.
  void work(Lane& lane, std::unique_lock<std::mutex>& lock, std::uint64_t wanted = ~0ull) {
    lane.taken = true;
    while (!given_up && lane.done < std::min(wanted, filled)) {
      const Piece& next = piece(lane.done);
      lock.unlock();
      lane.checksum->update({next.bytes.get(), next.size});
      lock.lock();
      ++lane.done;
      moved.notify_all();
    }
    lane.taken = false;
    moved.notify_all();
  }

  void call(Lane& lane) {
    if (lane.called || lane.taken || lane.done == filled) return;
    lane.called = true;
    workers().submit([self = shared_from_this(), &lane] {
      std::unique_lock lock(self->mutex);
      lane.called = false;
      if (!lane.taken) self->work(lane, lock);
    });
  }

  void wait_until_done(std::uint64_t wanted) {
    std::unique_lock lock(mutex);
    for (Lane& lane : lanes) {
      while (lane.done < wanted) {
        if (lane.taken) {
          moved.wait(lock);
        } else {
          work(lane, lock, wanted);
        }
      }
      call(lane);
    }
  }
};

BodyDigests::BodyDigests(const std::vector<std::string>& algorithms)
    : state_(std::make_shared<State>()) {
  for (const std::string& algorithm : algorithms) {
    if (auto checksum = base::make_checksum(algorithm)) {
      state_->lanes.push_back({.algorithm = algorithm, .checksum = std::move(checksum)});
    }
  }
}

BodyDigests::~BodyDigests() {
  const std::lock_guard lock(state_->mutex);
  state_->given_up = true;
}

std::span<char> BodyDigests::piece() {
  State& state = *state_;
  if (state.filled >= kPieces) state.wait_until_done(state.filled + 1 - kPieces);
  State::Piece& piece = state.piece(state.filled);
  if (!piece.bytes) piece.bytes = std::make_unique_for_overwrite<char[]>(kPieceBytes);
  return {piece.bytes.get(), kPieceBytes};
}

std::string_view BodyDigests::put(std::size_t size) {
  State& state = *state_;
  State::Piece& piece = state.piece(state.filled);
  piece.size = size;
  const std::lock_guard lock(state.mutex);
  ++state.filled;
  for (State::Lane& lane : state.lanes) state.call(lane);
  return {piece.bytes.get(), size};
}

Body::Digests BodyDigests::finish() {
  State& state = *state_;
  state.wait_until_done(state.filled);
  Body::Digests found;
  for (State::Lane& lane : state.lanes) found[lane.algorithm] = lane.checksum->finish();
  return found;
}

}  // namespace http
