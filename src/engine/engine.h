// The engine: AWS's services on this machine, behind one port. The composition root.
#pragma once

#include "lib/aws/sigv4.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace engine {

/// What runs in the place of a container image: a local program, and the words it is told before a
/// job's own, as the image's entrypoint has them. A job with an entrypoint of its own leaves them out.
struct ImageProgram {
  std::string program;
  std::vector<std::string> words;
};

struct EngineOptions {
  std::string data = ".beer";           ///< the data folder; made when missing
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               ///< 0 picks a free one
  double speed = 1;                     ///< the engine's clock against the wall clock's
  /// A provisioned shard's 1 MiB and 1,000 records a second in, 2 MiB and five reads out, by the engine's clock.
  bool kinesis_limits = true;
  bool allow_reset = false;             ///< POST /_engine/reset empties the engine
  std::string account = "123456789012";
  std::string region = "us-east-1";
  /// What an image URI stands for: by the URI itself, or by the repository's name in it.
  std::map<std::string, ImageProgram> images;
};

/// A running engine. Construction opens the data folder (one engine at a time; what a crash left is
/// finished or undone), starts every service and listens. Thread-safe.
class Engine {
 public:
  /// Throws std::runtime_error with one sentence that says what is wrong and what to do: the port is in
  /// use, the folder is another engine's or of another version, the disk refuses.
  explicit Engine(EngineOptions options);
  /// Stops as stop() does.
  ~Engine();

  std::string url() const;  ///< "http://127.0.0.1:4577"
  aws::Credentials credentials() const;

  /// Takes no more requests, ends the loops, jobs and functions. Nothing acknowledged is lost.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the engine of a data folder listens, or last listened; "" when it never did.
std::string engine_url(const std::string& data);

}  // namespace engine
