// `beer-pipeline serve` as a process of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench {

/// Serves the model below `root` on a free port until it goes. With what the engine gives such a
/// process: OMP_NUM_THREADS=1. Throws std::runtime_error when it doesn't start.
class ModelServer {
 public:
  explicit ModelServer(const std::filesystem::path& root);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// From the start of the process to its line.
  double seconds_to_start() const { return started_; }
  /// SIGTERM, and waits; gives its exit code.
  int stop();

  /// Its threads by name: "beer-pipeline 1, http-io 2".
  std::string threads() const;
  int thread_count() const;
  /// Seconds of processor it has taken so far.
  double processor() const;

 private:
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
  double started_ = 0;
};

}  // namespace bench
