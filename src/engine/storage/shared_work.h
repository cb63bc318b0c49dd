// Work that threads share: the first to arrive does it for all who have come by then.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace engine::storage {

/// Group commit: while one thread, the leader, works for its group, the others gather for the next.
/// The work is done by one thread at a time, which sees what the leaders before it wrote.
template <class Item>
class SharedWork {
 public:
  struct Member {
    Item item;
    std::exception_ptr error = {};  ///< set by the work: what went wrong for this member alone
    bool done = false, leads = false;
    std::condition_variable turn = {};  ///< its own: nobody is woken for nothing
  };
  using Group = std::span<Member* const>;

  /// Returns when `work(group)` was called for a group with `self` in it, by this thread or
  /// another. What the work throws is thrown to every member.
  template <class F>
  void join(Member& self, F&& work) {
    std::unique_lock lock(mutex_);
    waiting_.push_back(&self);
    if (!leading_) {
      leading_ = self.leads = true;
    } else {
      self.turn.wait(lock, [&] { return self.done || self.leads; });
    }
    if (self.leads) lead(lock, work);
    if (self.error) std::rethrow_exception(self.error);
  }

 private:
  template <class F>
  void lead(std::unique_lock<std::mutex>& lock, F& work) {
    const std::vector<Member*> group = std::exchange(waiting_, {});
    lock.unlock();
    std::exception_ptr failure;
    try {
      work(Group(group));
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    leading_ = !waiting_.empty();
    if (leading_) {
      waiting_.front()->leads = true;
      waiting_.front()->turn.notify_one();
    }
    // Under the lock: a member is gone the moment it may go on.
    for (Member* member : group) {
      if (failure) member->error = failure;
      member->done = true;
      if (!member->leads) member->turn.notify_one();
    }
  }

  std::mutex mutex_;
  std::vector<Member*> waiting_;
  bool leading_ = false;
};

}  // namespace engine::storage
