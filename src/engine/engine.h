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

/// What the programs of jobs and endpoints may use. 0 is no limit.
struct JobOptions {
  int at_once = 2;   ///< jobs whose programs run at the same time
  int hosts = 8;     ///< of one job
  std::uint64_t memory_bytes = 0;  ///< of one program and all it starts
  unsigned processes = 4096;       ///< the same, with their threads
  std::uint64_t disk_bytes = 0;    ///< of a job's folder, if its VolumeSizeInGB isn't less
  std::uint64_t log_bytes = 256u << 20;  ///< of a program's output in an hour
  std::chrono::seconds most_runtime{0};  ///< of a job, if its MaxRuntimeInSeconds isn't less
};

/// Whether the policies of users and roles count. The root may do everything.
enum class IamEnforcement {
  kEnforce,  ///< what they don't allow is refused
  kLog,      ///< it is let through, and the log names the statement that is missing
  kOff       ///< nobody looks
};

struct EngineOptions {
  std::string data = ".beer";           ///< the data folder; made when missing
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               ///< 0 picks a free one
  double speed = 1;                     ///< the engine's clock against the wall clock's
  /// A provisioned shard's 1 MiB and 1,000 records a second in, 2 MiB and five reads out, by the engine's clock.
  bool kinesis_limits = true;
  IamEnforcement iam = IamEnforcement::kEnforce;
  bool allow_reset = false;             ///< POST /_engine/reset empties the engine
  std::string account = "123456789012";
  std::string region = "us-east-1";
  JobOptions jobs;
  /// What an image URI stands for: by the URI itself, by the repository's name and tag in it
  /// ("team/beer:2"), or by the repository's name.
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
  std::string console_link();  ///< where a browser is let in, once, within ten minutes

  /// Takes no more requests, ends the loops, jobs and functions. Nothing acknowledged is lost.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the engine of a data folder listens, or last listened; "" when it never did.
std::string engine_url(const std::string& data);

}  // namespace engine
