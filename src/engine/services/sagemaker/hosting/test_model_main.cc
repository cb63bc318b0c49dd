// A serving program for tests: answers with its model's bytes and the request's.
#include "lib/http/server.h"
#include "lib/io/file.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace {

std::string text_of(const std::string& path) {
  try {
    return io::read_file(path);
  } catch (const std::exception&) {
    return "nothing";
  }
}

http::Response answer(const http::Request& request, const std::string& model) {
  // A model "slow <file>" isn't ready until the file is there.
  if (request.target == "/ping") {
    const bool ready = !model.starts_with("slow ") || text_of(model.substr(5)) != "nothing";
    return {.status = ready ? 200 : 503};
  }
  const std::string body = request.body.string();
  if (body == "refuse") return {.status = 415, .body = http::Body("not my type")};
  if (body == "die") ::_exit(3);
  while (body.starts_with("wait ") && text_of(body.substr(5)) == "nothing") ::usleep(2'000);
  http::Response response{.body = http::Body(model + ":" + body)};
  response.headers.add("Content-Type", std::string(request.headers.get("Accept", "text/plain")));
  return response;
}

}  // namespace

int main() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  const char* root = std::getenv("SM_ML_ROOT");
  const std::string model = text_of(std::string(root ? root : "/opt/ml") + "/model/model.txt");
  // A model "once <file>" starts as long as the file isn't there.
  if (model == "broken" || (model.starts_with("once ") && text_of(model.substr(5)) != "nothing")) {
    std::cout << "the model is broken" << std::endl;
    return 4;
  }
  const auto port = static_cast<std::uint16_t>(std::stoi(std::getenv("SAGEMAKER_BIND_TO_PORT")));
  http::Server server({.address = std::getenv("SM_BIND_ADDRESS"), .port = port, .workers = 2},
                      [&](const http::Request& request) { return answer(request, model); });
  int signal = 0;
  ::sigwait(&ends, &signal);
  server.stop();
}
