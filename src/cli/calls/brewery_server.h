// The simulated brewery as a Punk-API-compatible server.
#pragma once

#include "beer/brewery/brewery.h"
#include "lib/http/server.h"

#include <cstdint>
#include <string>

namespace cli {

/// Which simulated brewery, see beer::Brewery.
struct BrewerySettings {
  std::uint64_t seed = 0;
  double drift = 0;
  double shift = 0;
};

/// Serves from construction to destruction.
class BreweryServer {
 public:
  /// Port 0 picks a free one. Throws std::runtime_error with one sentence when the port is in use.
  BreweryServer(const BrewerySettings& settings, const std::string& address, std::uint16_t port);

  std::string url() const { return server_.url(); }
  /// The base of its API, as fn_extraction wants it: "http://127.0.0.1:8090/v2".
  std::string api_url() const { return url() + "/v2"; }
  const beer::Brewery& brewery() const { return brewery_; }
  /// Tastes change now, by `shift`.
  void turn() { brewery_.turn(); }
  void stop() { server_.stop(); }

 private:
  beer::Brewery brewery_;
  http::Server server_;
};

}  // namespace cli
