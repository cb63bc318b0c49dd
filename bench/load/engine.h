// A `beer up` to put load on: a process of its own, on a folder that goes with it.
#pragma once

#include "lib/aws/client.h"
#include "lib/io/temporary_folder.h"

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace bench {

/// An empty engine without the limits of Kinesis' shards, behind a real port. Not thread-safe.
class Engine {
 public:
  /// Below the present folder, so that it works on the disk it is started on. Throws
  /// std::runtime_error when it doesn't get ready.
  Engine();
  ~Engine();

  /// SIGTERM, and waits. Does nothing when it is stopped.
  void stop();
  /// Seconds from the start of the process to its line "ready".
  double start();

  const aws::Config& config() const { return config_; }
  std::string data() const { return folder_.path() + "/data"; }
  /// The most memory it had in use at once so far, in MiB.
  double peak_memory() const;
  /// Seconds of processor it has taken so far, in user and kernel mode, all threads together.
  double processor() const;
  /// Counts the peak from here on.
  void forget_peak() const;

 private:
  io::TemporaryFolder folder_{"."};
  aws::Config config_;
  pid_t process_ = -1;
};

/// The same of this process, and of any: its number, or "self".
double own_processor();
double processor_of(const std::string& process);

/// The folder of the executables the build made: BEER_BIN_DIR, or `bin` beside the benchmark's own.
std::string programs_folder();
/// The folder this benchmark stands in.
std::string benchmarks_folder();

}  // namespace bench
