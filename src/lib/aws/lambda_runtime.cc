// The Lambda Runtime API from a function's side.
#include "lib/aws/lambda_runtime.h"

#include "lib/base/log.h"
#include "lib/http/client.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <nss.h>

#include <charconv>
#include <cstdlib>

namespace aws {
namespace {

constexpr std::string_view kVersion = "2018-06-01";

/// Sandboxes sleep between invocations for as long as they like.
http::ClientOptions patient() {
  http::ClientOptions options;
  options.timeout = std::chrono::hours(24 * 365);
  return options;
}

class Runtime {
 public:
  explicit Runtime(std::string_view api)
      : url_(http::parse_url(fmt::format("http://{}/", api))), client_(patient()) {}

  http::Response next() { return call("GET", "invocation/next", {}, {}); }

  /// False when the answer was refused, for example for its size.
  bool respond(const std::string& id, std::string body) {
    return call("POST", fmt::format("invocation/{}/response", id), std::move(body), {}).status <
           300;
  }

  void fail(const std::string& path, const std::string& type, std::string_view message) {
    const boost::json::object error{
        {"errorMessage", message}, {"errorType", type}, {"stackTrace", boost::json::array()}};
    call("POST", path, boost::json::serialize(error), type);
  }

 private:
  http::Response call(std::string_view method, std::string_view path, std::string body,
                      const std::string& error_type) {
    http::Url url = url_;
    url.target = fmt::format("/{}/runtime/{}", kVersion, path);
    http::Request request;
    request.method = method;
    request.body = std::move(body);
    if (method == "POST") request.headers.add("Content-Type", "application/json");
    if (!error_type.empty()) request.headers.add("Lambda-Runtime-Function-Error-Type", error_type);
    return client_.send(url, std::move(request));
  }

  http::Url url_;
  http::Client client_;
};

long long number(std::string_view text) {
  long long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void answer(Runtime& runtime, const LambdaHandler& handler, const http::Response& event) {
  const std::string payload = event.body.string();
  const Invocation invocation{payload,
                              std::string(event.headers.get("Lambda-Runtime-Aws-Request-Id")),
                              std::string(event.headers.get("Lambda-Runtime-Invoked-Function-Arn")),
                              number(event.headers.get("Lambda-Runtime-Deadline-Ms"))};
  if (const auto trace = event.headers.find("Lambda-Runtime-Trace-Id")) {
    ::setenv("_X_AMZN_TRACE_ID", std::string(*trace).c_str(), 1);
  }
  const std::string error_path = fmt::format("invocation/{}/error", invocation.request_id);
  const auto fail = [&](const std::string& type, std::string_view message) {
    base::log_error("function", "{}: {}", type, message);
    runtime.fail(error_path, type, message);
  };
  std::string result;
  try {
    result = handler(invocation);
  } catch (const FunctionError& error) {
    return fail(error.type(), error.what());
  } catch (const std::exception& error) {
    return fail("Runtime.UnhandledException", error.what());
  }
  const std::size_t size = result.size();
  if (!runtime.respond(invocation.request_id, std::move(result))) {
    fail("Function.ResponseRefused", fmt::format("the answer of {} bytes was refused", size));
  }
}

}  // namespace

int run_lambda(const std::function<LambdaHandler()>& initialise) {
  // A static executable would load the plug-ins that /etc/nsswitch.conf names, of another libc.
  __nss_configure_lookup("hosts", "files dns");
  const char* const api = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (api == nullptr || *api == '\0') {
    base::log_error("function", "AWS_LAMBDA_RUNTIME_API is not set: this program runs as a Lambda");
    return 2;
  }
  bool served = false;
  try {
    Runtime runtime(api);
    LambdaHandler handler;
    try {
      handler = initialise();
    } catch (const std::exception& error) {
      base::log_error("function", "initialisation: {}", error.what());
      runtime.fail("init/error", "Runtime.InitError", error.what());
      return 1;
    }
    for (;;) {
      const http::Response event = runtime.next();
      if (event.status != 200) {
        base::log_error("function", "the runtime answered {} to next", event.status);
        return 1;
      }
      served = true;
      answer(runtime, handler, event);
    }
  } catch (const http::ConnectionError& error) {
    // The usual end: the runtime is gone, and whoever started us with it.
    if (!served) base::log_error("function", "{}", error.what());
    return served ? 0 : 1;
  } catch (const std::exception& error) {
    base::log_error("function", "{}", error.what());
    return 1;
  }
}

}  // namespace aws
