// A serving program for tests: answers with its model's bytes and the request's.
#include "lib/http/server.h"
#include "lib/io/file.h"

#include <signal.h>

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
  if (request.target == "/ping") return {};
  const std::string body = request.body.string();
  if (body == "refuse") return {.status = 415, .body = http::Body("not my type")};
  if (body == "die") ::_exit(3);
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
  if (model == "broken") {
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
