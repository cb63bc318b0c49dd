// A counter that threads take pieces from.
#include "pipelines/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pipelines {
namespace {

/// What the first piece, in their order, has thrown.
class FirstError {
 public:
  void keep(std::size_t piece, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ && piece_ < piece) return;
    piece_ = piece;
    error_ = std::move(error);
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::size_t piece_ = 0;
  std::exception_ptr error_;
};

}  // namespace

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  FirstError first;
  const auto take_pieces = [&] {
    for (std::size_t piece = next++; piece < count; piece = next++) {
      try {
        work(piece);
      } catch (...) {
        first.keep(piece, std::current_exception());
        next = count;  // pieces before this one have all begun, so the least error is still found
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(processors(), count); ++i)
      others.emplace_back(take_pieces);
    take_pieces();
  }
  first.rethrow();
}

}  // namespace pipelines
