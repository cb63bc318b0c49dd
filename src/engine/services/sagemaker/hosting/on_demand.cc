// A serverless variant.
#include "engine/services/sagemaker/hosting/on_demand.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "lib/base/log.h"

namespace engine::sagemaker {

OnDemand::OnDemand(SageMaker::Impl& state, std::string endpoint, std::string variant,
                   std::shared_ptr<Server> warm, std::int64_t most_at_once, bool keep,
                   std::stop_token stop)
    : state_(state),
      endpoint_(std::move(endpoint)),
      variant_(std::move(variant)),
      model_(warm->model()),
      most_at_once_(most_at_once),
      keep_(keep),
      stop_(std::move(stop)),
      server_(std::move(warm)),
      last_used_(state.now()) {}

/// A process of its own for a moment: nobody is answered by it until it is healthy.
void OnDemand::start() {
  const auto began = std::chrono::steady_clock::now();
  auto server = std::make_shared<Server>(state_, endpoint_, variant_, model_);
  try {
    server->wait_until_healthy(state_.settings.cold_start_patience, stop_);
  } catch (const ClientError& error) {
    if (server->running()) throw model_not_ready(endpoint_);
    throw service_unavailable(
        fmt::format("The model of endpoint {} can't be started: {}", endpoint_, error.what()));
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  base::log_info("sagemaker", "endpoint {}, variant {}: a cold start of {:.1f} ms", endpoint_,
                 variant_, took.count());
  std::lock_guard lock(mutex_);
  server_ = std::move(server);
}

std::shared_ptr<Server> OnDemand::acquire() {
  std::unique_lock lock(mutex_);
  if (in_use_ >= most_at_once_) throw throttled(endpoint_, most_at_once_);
  ++in_use_;
  const auto until = std::chrono::steady_clock::now() + state_.settings.cold_start_patience;
  try {
    while (!server_ || !server_->running()) {
      if (!starting_) {
        starting_ = true;
        server_.reset();
        lock.unlock();
        std::exception_ptr failed;
        try {
          start();
        } catch (...) {
          failed = std::current_exception();
        }
        lock.lock();
        starting_ = false;
        changed_.notify_all();
        if (failed) std::rethrow_exception(failed);
      } else if (changed_.wait_until(lock, until) == std::cv_status::timeout) {
        throw model_not_ready(endpoint_);
      }
    }
  } catch (...) {
    --in_use_;
    throw;
  }
  return {server_.get(), [self = shared_from_this(), held = server_](Server*) { self->release(); }};
}

void OnDemand::release() {
  std::lock_guard lock(mutex_);
  --in_use_;
  last_used_ = state_.now();
}

void OnDemand::cool() {
  std::shared_ptr<Server> ended;
  std::lock_guard lock(mutex_);
  const bool idle = in_use_ == 0 && state_.now() - last_used_ >= state_.settings.serverless_idle;
  if (keep_ || !idle || !server_) return;
  ended.swap(server_);
  // Its end may take a while, and no request needs to wait for it.
  state_.tasks.start("end of " + endpoint_, [ended](std::stop_token) mutable { ended.reset(); });
}

bool OnDemand::up() const {
  std::lock_guard lock(mutex_);
  return server_ != nullptr;
}

}  // namespace engine::sagemaker
