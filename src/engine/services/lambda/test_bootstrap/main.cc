// A function for tests: does what its payload's "mode" says.
#include "lib/aws/lambda_runtime.h"

#include <boost/json.hpp>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

extern char** environ;

namespace {

namespace json = boost::json;

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string environment() {
  json::object all;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string_view text = *line;
    all[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return json::serialize(all);
}

/// Tells through one FIFO that it runs, and goes on when something comes through another.
void wait_for_leave(const json::object& event) {
  std::ofstream(std::string(event.at("tell").as_string())) << "x";
  content(std::string(event.at("leave").as_string()));
}

std::string serve(std::string_view payload, int count) {
  const json::value parsed = json::parse(payload);
  if (!parsed.is_object() || !parsed.get_object().contains("mode")) return std::string(payload);
  const json::object& event = parsed.get_object();
  const std::string mode(event.at("mode").as_string());
  if (mode == "fail") throw aws::FunctionError("FlatBeer", "no bubbles");
  if (mode == "throw") throw std::runtime_error("spilled");
  if (mode == "crash") std::exit(3);
  if (mode == "leave") std::exit(0);
  if (mode == "hang") ::pause();
  if (mode == "environment") return environment();
  if (mode == "file") return json::serialize(json::string(content("version.txt")));
  if (mode == "log") std::cout << std::string(event.at("text").as_string()) << std::flush;
  if (mode == "wait") wait_for_leave(event);
  return std::to_string(count);
}

}  // namespace

int main() {
  return aws::run_lambda([] {
    return [count = 0](const aws::Invocation& invocation) mutable {
      return serve(invocation.payload, ++count);
    };
  });
}
