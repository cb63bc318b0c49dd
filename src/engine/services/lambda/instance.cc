// One warm process of a function.
#include "engine/services/lambda/instance.h"

#include "engine/jobs/process.h"
#include "engine/protocol/json.h"
#include "lib/base/time_text.h"
#include "lib/http/server.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto kStartTimeout = 10s;
constexpr std::size_t kLogTail = 4096;
constexpr std::size_t kLargestAnswer = 6'291'556;
constexpr std::size_t kLongestLine = 256 << 10;

std::string error_json(std::string_view type, std::string_view message) {
  std::string out = "{\"errorType\":";
  write_json_string(type, out);
  out += ",\"errorMessage\":";
  write_json_string(message, out);
  return out + "}";
}

/// The end of a process in Lambda's words.
std::string how(const jobs::Exit& end) {
  if (end.ok()) return "without providing a reason";
  return "with error: " + (end.signal != 0 ? end.text() : fmt::format("exit status {}", end.code));
}

/// Both ends of a pipe; reading never blocks.
struct OutputPipe {
  io::Fd read, write;
  OutputPipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) io::throw_system_error("make a pipe", "", errno);
    read = io::Fd(ends[0]);
    write = io::Fd(ends[1]);
    ::fcntl(read.get(), F_SETFL, O_NONBLOCK);
  }
};

}  // namespace

struct Instance::Impl {
  Impl(InstanceSpec s, logs::Logs& l, const base::Clock& c)
      : spec(std::move(s)), logs(l), clock(c), runtime_api(options(), [this](const http::Request& request) {
          return answer(request);
        }) {
    std::filesystem::create_directories(spec.scratch);
    start();
    reader = std::thread([this] { read_until_end(); });
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex);
      closing = true;
      changed.notify_all();
    }
    process.reset();  // kills it, which ends its output
    reader.join();
    runtime_api.stop(0ms);
    std::error_code ignored;
    std::filesystem::remove_all(spec.scratch, ignored);
  }

  static http::ServerOptions options() {
    http::ServerOptions options;
    options.workers = 3;  // `next` waits in one while answers and errors come in others
    options.max_connections = 16;
    options.max_body_bytes = 16 << 20;
    options.memory_body_bytes = 16 << 20;
    options.idle_timeout = std::chrono::hours(24);
    return options;
  }

  void start() {
    auto environment = spec.environment;
    environment["AWS_LAMBDA_RUNTIME_API"] = fmt::format("127.0.0.1:{}", runtime_api.port());
    jobs::ProcessSpec process_spec;
    process_spec.program = spec.code + "/bootstrap";
    process_spec.environment = std::move(environment);
    process_spec.ml_root = spec.scratch;
    process_spec.runner = spec.runner;
    process_spec.working_directory = spec.code;
    process_spec.limits.memory_bytes = static_cast<std::uint64_t>(spec.memory_mb) << 20;
    process_spec.output = pipe.write.get();
    process.emplace(std::move(process_spec));
    pipe.write = io::Fd();  // only the process holds it now: its end is the end of the output
    started = std::chrono::steady_clock::now();
  }

  // What the process wrote. Read by the reader thread while it runs, and once more when an answer has
  // come, so that every line written before the answer belongs to its invocation.
  void drain() {
    std::lock_guard lock(output_mutex);
    char buffer[16 << 10];
    for (;;) {
      const ssize_t size = ::read(pipe.read.get(), buffer, sizeof buffer);
      if (size <= 0) {
        if (size == 0) output_ended = true;
        return;
      }
      for (const char c : std::string_view(buffer, static_cast<std::size_t>(size))) {
        if (c == '\n' || partial.size() >= kLongestLine) take_line();
        if (c != '\n') partial += c;
      }
    }
  }

  void take_line() { write_log(std::exchange(partial, {})); }

  void write_log(std::string text) {
    tail += text + "\n";
    if (tail.size() > kLogTail) tail.erase(0, tail.size() - kLogTail);
    lines.push_back({clock.now(), std::move(text)});
  }

  void log(std::string text) {
    std::lock_guard lock(output_mutex);
    write_log(std::move(text));
  }

  void send_lines() {
    std::lock_guard lock(output_mutex);
    if (!spec.log_group.empty()) logs.append(spec.log_group, spec.log_stream, lines);
    lines.clear();
  }

  void read_until_end() {
    pollfd watched{pipe.read.get(), POLLIN, 0};
    while (!output_ended) {
      ::poll(&watched, 1, -1);
      drain();
    }
    {
      std::lock_guard lock(output_mutex);
      if (!partial.empty()) take_line();
    }
    send_lines();
    std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
  }

  // The Runtime API.
  http::Response answer(const http::Request& request) {
    constexpr std::string_view kRoot = "/2018-06-01/runtime/";
    std::string_view path = request.path();
    if (!path.starts_with(kRoot)) return {404, {}, {}};
    path.remove_prefix(kRoot.size());
    if (path == "invocation/next") return next();
    if (path == "init/error") return finish({}, request.body.string(), "Unhandled");
    constexpr std::string_view kInvocation = "invocation/";
    const auto slash = path.rfind('/');
    if (!path.starts_with(kInvocation) || slash <= kInvocation.size()) return {404, {}, {}};
    const std::string id(path.substr(kInvocation.size(), slash - kInvocation.size()));
    if (path.substr(slash + 1) == "error") return finish(id, request.body.string(), "Unhandled");
    if (request.body.size() > kLargestAnswer) {
      finish(id, error_json("Function.ResponseSizeTooLarge",
                            fmt::format("Response payload size ({} bytes) exceeded maximum allowed payload size "
                                        "(6291556 bytes).", request.body.size())), "Unhandled");
      return {413, {}, {}};
    }
    return finish(id, request.body.string(), "");
  }

  http::Response next() {
    std::unique_lock lock(mutex);
    ready = true;
    changed.notify_all();
    changed.wait(lock, [&] { return closing || ended || event.has_value(); });
    // Nobody is left to read an answer: an event that came this late stays for another process.
    if (closing || ended) return {410, {}, {}};
    http::Response response;
    response.headers = {{"Content-Type", "application/json"},
                        {"Lambda-Runtime-Aws-Request-Id", request_id},
                        {"Lambda-Runtime-Invoked-Function-Arn", spec.function_arn},
                        {"Lambda-Runtime-Deadline-Ms", fmt::to_string(deadline_ms)}};
    response.body = std::move(*event);
    event.reset();
    return response;
  }

  /// An answer or an error; `id` empty: the start failed.
  http::Response finish(const std::string& id, std::string payload, std::string function_error) {
    std::lock_guard lock(mutex);
    // A second answer to the same invocation, or to one that is over, must not become the next one's.
    const bool expected = id.empty() ? !ready : id == request_id && !outcome;
    if (!expected) return {403, {}, error_json("InvalidRequestID", "not the present invocation")};
    outcome = {std::move(payload), std::move(function_error), {}};
    start_failed = id.empty();
    changed.notify_all();
    return {202, {{"Content-Type", "application/json"}}, std::string("{\"status\":\"OK\"}")};
  }

  /// What was written between two invocations is neither's. What was written at the start is the first
  /// one's: it may be why there is no second.
  void forget_old_lines() {
    drain();
    std::scoped_lock lock(mutex, output_mutex);
    if (!first) tail.clear();
  }

  Outcome invoke(const std::string& id, std::string_view payload) {
    forget_old_lines();
    log(fmt::format("START RequestId: {} Version: {}", id, spec.version));
    std::string init;
    Outcome result = run(id, payload, init);
    drain();
    {
      // A last line without its end is this invocation's, not the next one's.
      std::lock_guard lock(output_mutex);
      if (!partial.empty()) take_line();
    }
    const auto taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    log(fmt::format("END RequestId: {}", id));
    log(fmt::format("REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB{}", id, taken,
                    static_cast<long>(taken) + 1, spec.memory_mb, init));
    {
      std::lock_guard lock(output_mutex);
      result.log_tail = tail;
    }
    send_lines();
    return result;
  }

  Outcome run(const std::string& id, std::string_view payload, std::string& init) {
    std::unique_lock lock(mutex);
    if (const auto failed = wait_for_start(lock, id, init)) return *failed;
    began = std::chrono::steady_clock::now();
    request_id = id;
    deadline_ms = (base::system_clock().now() + spec.timeout).time_since_epoch().count();
    event = std::string(payload);
    changed.notify_all();
    changed.wait_until(lock, began + spec.timeout, [&] { return ended || outcome.has_value(); });
    return take_outcome(lock, id);
  }

  /// A first invocation waits until the process asks for it; that time is not the function's.
  std::optional<Outcome> wait_for_start(std::unique_lock<std::mutex>& lock, const std::string& id, std::string& init) {
    began = std::chrono::steady_clock::now();
    if (!std::exchange(first, false)) return std::nullopt;
    changed.wait_until(lock, started + kStartTimeout, [&] { return ready || ended || outcome.has_value(); });
    if (!ready) {
      usable = false;
      return take_outcome(lock, id);
    }
    const auto taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
    init = fmt::format("\tInit Duration: {:.2f} ms", taken);
    return std::nullopt;
  }

  Outcome take_outcome(std::unique_lock<std::mutex>& lock, const std::string& id) {
    request_id.clear();
    if (outcome) {
      if (start_failed) usable = false;
      return *std::exchange(outcome, std::nullopt);
    }
    usable = false;
    const bool taken = !std::exchange(event, std::nullopt).has_value();
    if (ended) {
      lock.unlock();
      const jobs::Exit end = process->wait();
      lock.lock();
      return {error_json("Runtime.ExitError", fmt::format("RequestId: {} Error: Runtime exited {}", id, how(end))),
              "Unhandled", {}, taken};
    }
    process->kill();
    const std::string message = fmt::format("{} {} Task timed out after {:.2f} seconds",
                                            base::to_iso8601_millis(base::system_clock().now()), id,
                                            static_cast<double>(spec.timeout.count()) / 1000);
    log(message);
    return {error_json("Sandbox.Timedout", fmt::format("RequestId: {} Error: Task timed out after {:.2f} seconds", id,
                                                       static_cast<double>(spec.timeout.count()) / 1000)),
            "Unhandled", {}};
  }

  InstanceSpec spec;
  logs::Logs& logs;
  const base::Clock& clock;

  // Guarded by output_mutex, but for the reader's view of output_ended.
  std::mutex output_mutex;
  OutputPipe pipe;
  std::string partial, tail;
  std::vector<logs::Event> lines;
  std::atomic<bool> output_ended = false;

  // Guarded by mutex. output_mutex may be taken while it is held, not the other way round.
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::string> event;
  std::string request_id;
  std::int64_t deadline_ms = 0;
  std::optional<Outcome> outcome;
  bool first = true, ready = false, ended = false, closing = false, start_failed = false, usable = true;
  SteadyTime started, began;

  http::Server runtime_api;
  std::optional<jobs::Process> process;
  std::thread reader;
};

Instance::Instance(InstanceSpec spec, logs::Logs& logs, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(spec), logs, clock)) {}
Instance::~Instance() = default;

Outcome Instance::invoke(const std::string& request_id, std::string_view payload) {
  return impl_->invoke(request_id, payload);
}

void Instance::kill() { impl_->process->kill(); }

bool Instance::usable() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->usable && !impl_->ended && base::system_clock().now() < impl_->spec.good_until;
}

}  // namespace engine::lambda
