// The way of a request: which service, who sends it, which operation, run, answer.
#pragma once

#include "engine/gateway/keys.h"
#include "engine/protocol/operation.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct GatewayOptions {
  std::string account = "123456789012";
  std::string region = "us-east-1";
  std::string spool_dir;  ///< for decoded bodies too large for memory
  /// Throws the AwsError for a call that its caller may not make; asked before each runs. Empty: all may.
  std::function<void(const ServiceDefinition&, const OperationModel&, const Call&, const Identity&, const void* input)>
      authorize = {};
};

/// Turns HTTP requests into calls of typed operations. Thread-safe once built; every request runs from
/// start to answer on the caller's thread.
class Gateway {
 public:
  /// `clock` dates what services do; signatures are judged by the wall clock.
  Gateway(GatewayOptions options, const KeyStore& keys, const base::Clock& clock, base::Ids& ids,
          std::vector<ServiceDefinition> services);

  http::Response handle(const http::Request& request) const;

  /// Told of each answer but those of pages: the service and AWS's name of the operation, "" of what the
  /// engine has none for. Before the first request.
  using OnAnswer = std::function<void(std::string_view service, std::string_view operation, int status,
                                      std::chrono::duration<double> took)>;
  void on_answer(OnAnswer on_answer) { on_answer_ = std::move(on_answer); }

  /// A path below /_engine/ with its own answer. Signed like any other request unless `open`.
  void add_page(std::string path, bool open, std::function<http::Response(const http::Request&)> page);

 private:
  struct Page {
    std::string path;
    bool open;
    std::function<http::Response(const http::Request&)> answer;
  };

  const ServiceDefinition* find_service(const http::Request& request) const;
  http::Response answer_page(const http::Request& request, const std::string& request_id) const;
  http::Response unknown_service(const http::Request& request, const std::string& request_id) const;
  /// Says in `operation` which it was, once it is known.
  http::Response serve(const ServiceDefinition& service, http::Request request, const std::string& request_id,
                       std::string_view& operation) const;

  GatewayOptions options_;
  const KeyStore& keys_;
  const base::Clock& clock_;
  base::Ids& ids_;
  std::vector<ServiceDefinition> services_;
  std::vector<Page> pages_;
  OnAnswer on_answer_;
};

/// The bucket a virtual-host style request names ("beers" of "beers.s3.localhost:4566"), or "".
std::string virtual_host_bucket(std::string_view host);

}  // namespace engine
