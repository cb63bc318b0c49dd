// `beer console`: the engine's page in a browser, signed in.
#include "cli/calls/json.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace cli {
namespace {

bool has_display() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != 0;
  };
  return set("DISPLAY") || set("WAYLAND_DISPLAY");
}

/// Leaves the address to the desktop; where there is none, the printed one has to do.
void open_in_browser(std::string url) {
  std::string program = "xdg-open";
  char* arguments[] = {program.data(), url.data(), nullptr};
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&silence, stream, "/dev/null", O_WRONLY, 0);
  }
  pid_t child = 0;
  posix_spawnp(&child, arguments[0], &silence, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&silence);
}

}  // namespace

int console(const ConsoleOptions& options) {
  aws::Client client(find_endpoint(options.common));
  if (client.config().endpoint.empty()) {
    throw std::runtime_error("AWS has its own console; ours is of an engine: start one with `beer up`");
  }
  const auto answer = client.rest("sagemaker", "POST", "/_engine/console/link");
  const std::string url = text(json::parse(answer.body.string()), "url");
  fmt::print("{}\n", url);
  std::fflush(stdout);
  if (options.open && has_display()) open_in_browser(url);
  return kOk;
}

}  // namespace cli
