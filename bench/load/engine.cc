// A `beer up` to put load on.
#include "bench/load/engine.h"

#include "bench/load/table.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bench {
namespace {

constexpr const char* kKeyId = "AKIABENCHMARKBENCHMA";
constexpr const char* kSecret = "benchmarkbenchmarkbenchmarkbenchmarkbenc";

/// Reads lines until one begins with "ready ", and gives what follows.
std::string wait_until_ready(int fd) {
  std::string text;
  for (char c = 0; ::read(fd, &c, 1) == 1;) {
    if (c != '\n') {
      text += c;
    } else if (text.starts_with("ready ")) {
      return text.substr(6);
    } else {
      text.clear();
    }
  }
  throw std::runtime_error("the engine did not start");
}

}  // namespace

std::string benchmarks_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

std::string programs_folder() {
  if (const char* told = std::getenv("BEER_BIN_DIR")) return told;
  return (std::filesystem::path(benchmarks_folder()).parent_path() / "bin").string();
}

Engine::Engine() {
  config_.credentials = {kKeyId, kSecret, ""};
  start();
}

Engine::~Engine() { stop(); }

double Engine::start() {
  const std::string program = programs_folder() + "/beer";
  const std::string log = folder_.path() + "/stderr", data_folder = data();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const io::Fd read_end(ends[0]);
  io::Fd write_end(ends[1]);
  const double taken = seconds([&] {
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a benchmark that is interrupted leaves no engine
      ::setenv("AWS_ACCESS_KEY_ID", kKeyId, 1);
      ::setenv("AWS_SECRET_ACCESS_KEY", kSecret, 1);
      ::unsetenv("AWS_ENDPOINT_URL");
      ::dup2(write_end.get(), STDOUT_FILENO);
      ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
      ::execl(program.c_str(), "beer", "up", "--no-deploy", "--no-kinesis-limits", "--data",
              data_folder.c_str(), "--listen", "127.0.0.1:0", "--iam", "off", nullptr);
      ::_exit(127);
    }
    write_end = io::Fd();
    config_.endpoint = wait_until_ready(read_end.get());
  });
  return taken;
}

void Engine::stop() {
  if (process_ < 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

double Engine::peak_memory() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  }
  return 0;
}

double Engine::processor() const { return processor_of(std::to_string(process_)); }

double processor_of(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string text;
  std::getline(file, text);
  // utime and stime, the 14th and 15th field; the second, a name, ends at the last parenthesis.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, kernel = 0;
  fields >> user >> kernel;
  return (user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double own_processor() { return processor_of("self"); }

void Engine::forget_peak() const {
  std::ofstream("/proc/" + std::to_string(process_) + "/clear_refs") << "5";
}

}  // namespace bench
