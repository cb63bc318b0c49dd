// Spare sessions, refilled as they are taken.
#include "engine/services/athena/sessions.h"

#include "engine/services/athena/dialect.h"
#include "engine/services/athena/functions.h"
#include "lib/base/log.h"

namespace engine::athena {
namespace {

// Connections to the shared database: they can be set up only before it is locked.
constexpr int kDesks = 4;
constexpr const char* kMemoryLimit = "1GB";
constexpr int kThreads = 2;

// For the plans that tell the partitions a query can need: an IN with many choices stays one, instead
// of becoming a join with a list.
constexpr const char* kPlainPlans = "SET disabled_optimizers = 'in_clause'";

duck::Options options(const std::string& scratch) {
  return {.temp_directory = scratch,
          .memory_limit = kMemoryLimit,
          .threads = kThreads,
          .lock = false};
}

}  // namespace

Session::Session(const std::string& scratch)
    : own_(std::make_unique<duck::Database>(options(scratch))),
      database_(*own_),
      connection_(database_) {
  connection_.execute_all(session_setup());
  connection_.execute_all(kPlainPlans);
}

Session::Session(duck::Database& shared) : database_(shared), connection_(database_) {
  connection_.execute_all(session_setup());
}

// Macros of a shared database are the connection's own, functions in C++ everybody's.
void Session::define(const std::set<std::string>& functions) {
  define_functions(connection_, functions, known_, is_shared());
}

Sessions::Sessions(std::string scratch, std::size_t spare)
    : scratch_(std::move(scratch)), most_spare_(spare) {}

Sessions::~Sessions() {
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

void Sessions::open_desks() {
  const std::lock_guard opening(opening_);
  if (shared_) return;
  auto database = std::make_unique<duck::Database>(options(scratch_));
  std::vector<std::unique_ptr<Session>> desks;
  for (int i = 0; i < kDesks; ++i) desks.push_back(std::make_unique<Session>(*database));
  for (const duck::ScalarFunction& function : scalar_functions()) {
    desks.front()->connection().add_function(function);
  }
  database->lock({}, {});
  shared_ = std::move(database);
  const std::lock_guard lock(mutex_);
  desks_ = std::move(desks);
}

std::unique_ptr<Session> Sessions::desk() {
  open_desks();
  {
    const std::lock_guard lock(mutex_);
    if (!desks_.empty()) {
      auto desk = std::move(desks_.back());
      desks_.pop_back();
      return desk;
    }
  }
  return take();
}

std::unique_ptr<Session> Sessions::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      auto taken = std::move(spare_.front());
      spare_.pop_front();
      return taken;
    }
  }
  return std::make_unique<Session>(scratch_);
}

void Sessions::give_back(std::unique_ptr<Session> session) {
  if (!session) return;
  const std::lock_guard lock(mutex_);
  if (session->is_shared()) {
    desks_.push_back(std::move(session));
  } else {
    done_.push_back(std::move(session));
    wake();
  }
}

void Sessions::refill() {
  const std::lock_guard lock(mutex_);
  if (spare_.size() >= most_spare_) return;
  wanted_ = true;
  wake();
}

// With the lock held.
void Sessions::wake() {
  if (!worker_.joinable()) {
    worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
  changed_.notify_one();
}

void Sessions::work(const std::stop_token& stop) {
  for (std::unique_lock lock(mutex_);
       changed_.wait(lock, stop, [&] { return wanted_ || !done_.empty(); });) {
    auto done = std::exchange(done_, {});
    const bool more = std::exchange(wanted_, false);
    lock.unlock();
    done.clear();
    lock.lock();
    while (more && spare_.size() < most_spare_ && !stop.stop_requested()) {
      lock.unlock();
      auto made = spare();
      lock.lock();
      if (!made) break;
      spare_.push_back(std::move(made));
    }
  }
}

// Nothing when there can't be one: whoever takes one then makes it, and tells the client why.
std::unique_ptr<Session> Sessions::spare() const {
  try {
    return std::make_unique<Session>(scratch_);
  } catch (const std::exception& error) {
    base::log_error("athena", "no session could be made beforehand: {}", error.what());
    return nullptr;
  }
}

}  // namespace engine::athena
