// The way of a request: which service, who sends it, which operation, run, answer.
#pragma once

#include "engine/gateway/keys.h"
#include "engine/protocol/operation.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"

#include <functional>
#include <string>
#include <vector>

namespace engine {

struct GatewayOptions {
  std::string account = "123456789012";
  std::string region = "us-east-1";
  std::string spool_dir;  ///< for decoded bodies too large for memory
};

/// Turns HTTP requests into calls of typed operations. Thread-safe once built; every request runs from
/// start to answer on the caller's thread.
class Gateway {
 public:
  /// `clock` dates what services do; signatures are judged by the wall clock.
  Gateway(GatewayOptions options, const KeyStore& keys, const base::Clock& clock, base::Ids& ids,
          std::vector<ServiceDefinition> services);

  http::Response handle(const http::Request& request) const;

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
  http::Response serve(const ServiceDefinition& service, http::Request request,
                       const std::string& request_id) const;

  GatewayOptions options_;
  const KeyStore& keys_;
  const base::Clock& clock_;
  base::Ids& ids_;
  std::vector<ServiceDefinition> services_;
  std::vector<Page> pages_;
};

/// The bucket a virtual-host style request names ("beers" of "beers.s3.localhost:4566"), or "".
std::string virtual_host_bucket(std::string_view host);

}  // namespace engine
