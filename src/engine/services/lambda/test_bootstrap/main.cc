// A function for tests: does what its payload's "mode" says.
#include "lib/aws/lambda_runtime.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fcntl.h>
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

/// Appends the event as a line to the file that RECEIVED names: all of it or nothing, also when we are killed.
void note(std::string_view payload) {
  const char* path = std::getenv("RECEIVED");
  if (path == nullptr) return;
  const std::string line = std::string(payload) + "\n";
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool whole = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(file);
  if (!whole) throw std::runtime_error("cannot write " + std::string(path));
}

/// Records of a stream: those of which the data begins with "bad" fail the batch, or are reported when
/// REPORT is set.
std::string serve_records(const json::array& records) {
  json::array failures;
  for (const json::value& record : records) {
    const auto& kinesis = record.at("kinesis").as_object();
    const std::string data = base::from_base64(std::string_view(kinesis.at("data").as_string())).value();
    if (data.starts_with("bad")) failures.push_back(json::object{{"itemIdentifier", kinesis.at("sequenceNumber")}});
  }
  if (std::getenv("REPORT") != nullptr) return json::serialize(json::object{{"batchItemFailures", failures}});
  if (!failures.empty()) throw aws::FunctionError("FlatBeer", "no bubbles");
  return "null";
}

std::string serve(std::string_view payload, int count) {
  note(payload);
  const json::value parsed = json::parse(payload);
  if (parsed.is_object() && parsed.get_object().contains("Records")) {
    return serve_records(parsed.at("Records").as_array());
  }
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
