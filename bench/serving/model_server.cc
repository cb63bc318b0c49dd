// The serving process as a child.
#include "bench/serving/model_server.h"

#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "lib/http/client.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string read_line(int fd) {
  std::string text;
  for (char c = 0; ::read(fd, &c, 1) == 1 && c != '\n';) text += c;
  return text;
}

}  // namespace

ModelServer::ModelServer(const fs::path& root) {
  const std::string program = programs_folder() + "/beer-pipeline", folders = root.string();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const io::Fd read_end(ends[0]);
  io::Fd write_end(ends[1]);
  started_ = seconds([&] {
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::setenv("SM_ML_ROOT", folders.c_str(), 1);
      ::setenv("SM_BIND_ADDRESS", "127.0.0.1", 1);
      ::setenv("SAGEMAKER_BIND_TO_PORT", "0", 1);
      ::setenv("OMP_NUM_THREADS", "1", 1);
      ::dup2(write_end.get(), STDOUT_FILENO);
      ::execl(program.c_str(), "beer-pipeline", "serve", nullptr);
      ::_exit(127);
    }
    write_end = io::Fd();
    const std::string line = read_line(read_end.get());
    constexpr std::string_view kStart = "serving ";
    if (!line.starts_with(kStart)) throw std::runtime_error("beer-pipeline serve: " + line);
    port_ = http::parse_url(line.substr(kStart.size())).port;
  });
}

ModelServer::~ModelServer() { stop(); }

int ModelServer::stop() {
  if (process_ < 0) return 0;
  int status = 0;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ModelServer::threads() const {
  std::map<std::string, int> names;
  for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", process_))) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    std::getline(file, name);
    ++names[name];
  }
  std::string text;
  for (const auto& [name, count] : names) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  }
  return text;
}

int ModelServer::thread_count() const {
  const fs::directory_iterator tasks(fmt::format("/proc/{}/task", process_));
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

double ModelServer::processor() const { return processor_of(std::to_string(process_)); }

}  // namespace bench
