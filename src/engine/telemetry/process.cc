// The process as Linux tells it, by the names every Prometheus client uses.
#include "engine/telemetry/telemetry.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace engine::telemetry {
namespace {

/// The fields of /proc/self/stat behind the program's name, which may hold spaces: [0] is the third, the
/// state. Source: proc(5).
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return {};
  std::istringstream words(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

/// Seconds since 1970 of the machine's start.
double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double open_descriptors() {
  std::error_code error;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

std::string process_text() {
  constexpr std::size_t kUser = 11, kSystem = 12, kThreads = 17, kStarted = 19, kVirtual = 20, kResident = 21;
  const auto fields = stat_fields();
  if (fields.size() <= kResident) return {};
  const auto at = [&](std::size_t field) { return std::stod(fields[field]); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  rlimit most{};
  getrlimit(RLIMIT_NOFILE, &most);
  return single({"process_cpu_seconds_total", "User and system CPU time spent.", Kind::kCounter},
                (at(kUser) + at(kSystem)) / ticks) +
         single({"process_max_fds", "Most open file descriptors.", Kind::kGauge}, static_cast<double>(most.rlim_cur)) +
         single({"process_open_fds", "Open file descriptors.", Kind::kGauge}, open_descriptors()) +
         single({"process_resident_memory_bytes", "Resident memory.", Kind::kGauge}, at(kResident) * page) +
         single({"process_start_time_seconds", "Start of the process since 1970.", Kind::kGauge},
                boot_time() + at(kStarted) / ticks) +
         single({"process_threads", "Threads of the process.", Kind::kGauge}, at(kThreads)) +
         single({"process_virtual_memory_bytes", "Virtual memory.", Kind::kGauge}, at(kVirtual));
}

}  // namespace engine::telemetry
