// The serving container's process.
#include "pipelines/serve/serve.h"

#include "lib/http/server.h"
#include "pipelines/serve/handler.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pipelines {
namespace {

std::string_view environment(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return value && *value ? std::string_view(value) : fallback;
}

std::uint16_t port() {
  const std::string_view text = environment("SAGEMAKER_BIND_TO_PORT", "8080");
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error(
        fmt::format("SAGEMAKER_BIND_TO_PORT is '{}', which is no port.", text));
  }
  return number;
}

/// The signals that end the process, to be waited for. Blocked before any thread is started, so
/// that every thread inherits the block and only sigwait sees them.
sigset_t block_ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

void serve(const Folders& folders, std::ostream& log) {
  serve(
      [&]() -> Answers {
        return Handler(std::make_shared<const Model>(Model::load(folders.model())));
      },
      log, Handler::is_quick);
}

void serve(const std::function<Answers()>& load, std::ostream& log,
           std::function<bool(const http::Request&)> quick) {
  const sigset_t signals = block_ending_signals();
  http::Server server({.address = std::string(environment("SM_BIND_ADDRESS", "0.0.0.0")),
                       .port = port(),
                       .max_body_bytes = 64 << 20,
                       .quick = std::move(quick),
                       .workers = 4},
                      load());
  log << "serving " << server.url() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
}

}  // namespace pipelines
