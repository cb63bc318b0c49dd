// The simulated brewery as a Punk-API-compatible server.
#include "cli/calls/brewery_server.h"

#include "beer/brewery/punkapi.h"

#include <fmt/format.h>

#include <system_error>

namespace cli {
namespace {

constexpr int kWorkers = 8;

http::Server serve(beer::Brewery& brewery, const std::string& address, std::uint16_t port) {
  http::ServerOptions options;
  options.address = address;
  options.port = port;
  options.workers = kWorkers;
  return {options, [&brewery](const http::Request& request) {
            beer::PunkAnswer answer =
                beer::answer_punkapi(brewery, request.method, request.path(), request.query());
            return http::Response{answer.status,
                                  {{"Content-Type", std::move(answer.content_type)}},
                                  std::move(answer.body)};
          }};
}

}  // namespace

BreweryServer::BreweryServer(const BrewerySettings& settings, const std::string& address,
                             std::uint16_t port) try
    : brewery_(settings.seed, beer::Brewery::kDefaultCatalogue, settings.drift, settings.shift),
      server_(serve(brewery_, address, port)) {
} catch (const std::system_error& error) {
  throw std::runtime_error(fmt::format(
      "the simulated brewery can't listen on {}:{}: {}; choose another port with --port", address,
      port, error.code().message()));
}

}  // namespace cli
