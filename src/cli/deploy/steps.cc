// What the pieces of a deployment share.
#include "cli/deploy/steps.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestWait{300}, kRoleWait{60};
constexpr milliseconds kFirstPause{10}, kLongestPause{2'000};

bool says_missing(std::string_view message) {
  for (const char* words : {"not found", "does not exist", "Could not find"}) {
    if (message.find(words) != std::string_view::npos) return true;
  }
  return false;
}

bool role_is_new(const aws::ServiceError& error) {
  const bool code = error.code() == "InvalidParameterValueException" ||
                    error.code() == "InvalidArgumentException" ||
                    error.code() == "ValidationException";
  return code && error.message().find("assume") != std::string::npos;
}

}  // namespace

bool is_missing(const aws::ServiceError& error) {
  const std::string& code = error.code();
  if (code == "ValidationException" || code == "InvalidRequestException" ||
      code == "ValidationError") {
    return says_missing(error.message());
  }
  return error.status() == 404 || code.find("NotFound") != std::string::npos ||
         code.starts_with("NoSuch");
}

std::optional<json::value> describe(const std::function<json::value()>& describe) {
  try {
    return describe();
  } catch (const aws::ServiceError& error) {
    if (is_missing(error)) return std::nullopt;
    throw;
  }
}

void wait_until(const std::string& what, const std::function<bool()>& ready) {
  const auto until = steady_clock::now() + kLongestWait;
  for (milliseconds pause = kFirstPause; !ready(); pause = std::min(pause * 2, kLongestPause)) {
    if (steady_clock::now() > until) {
      throw std::runtime_error(
          fmt::format("{} was not ready after {} s", what, kLongestWait.count()));
    }
    std::this_thread::sleep_for(pause);
  }
}

json::value with_new_role(const std::function<json::value()>& call) {
  const auto until = steady_clock::now() + kRoleWait;
  while (true) {
    try {
      return call();
    } catch (const aws::ServiceError& error) {
      if (!role_is_new(error) || steady_clock::now() > until) throw;
    }
    std::this_thread::sleep_for(kLongestPause);
  }
}

json::value rest_json(aws::Client& client, std::string_view service, std::string_view method,
                      std::string_view target, const json::object* input) {
  http::Headers headers;
  if (input != nullptr) headers.add("Content-Type", "application/json");
  const std::string body = client
                               .rest(service, method, target, std::move(headers),
                                     input == nullptr ? http::Body() : json::serialize(*input))
                               .body.string();
  return body.empty() ? json::value(json::object()) : json::parse(body);
}

std::string function_log_group(std::string_view function) {
  return fmt::format("/aws/lambda/{}", function);
}

std::string delivery_log_group(const Spec& spec) {
  return fmt::format("/aws/kinesisfirehose/{}", spec.project);
}

}  // namespace cli
