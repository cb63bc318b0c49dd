// Programs as children, waited for with what they used.
#include "bench/scale/program.h"

#include "bench/load/table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bench {
namespace {

/// Becomes the program; never comes back.
[[noreturn]] void become(const std::filesystem::path& program,
                         const std::vector<std::string>& arguments,
                         const std::filesystem::path& root) {
  ::setenv("SM_ML_ROOT", root.c_str(), 1);
  ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.data()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

rusage wait_for(pid_t child, const std::string& what) {
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) < 0 || !WIFEXITED(status) ||
      WEXITSTATUS(status) != 0) {
    throw std::runtime_error(what + " failed");
  }
  return used;
}

}  // namespace

Run run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& root) {
  rusage used{};
  const double taken = seconds([&] {
    const pid_t child = ::fork();
    if (child == 0) become(program, arguments, root);
    used = wait_for(child, fmt::format("{} {}", program.string(), fmt::join(arguments, " ")));
  });
  return {taken, static_cast<double>(used.ru_maxrss) / 1024};
}

void in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
      ::_exit(0);
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", error.what());
      ::_exit(1);
    }
  }
  wait_for(child, "a child");
}

}  // namespace bench
