// `beer punkapi`: the simulated brewery as a server, or as lines.
#include "cli/calls/brewery_server.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/signals.h"

#include <fmt/format.h>

#include <cstdio>

namespace cli {

int punkapi(const PunkapiOptions& options) {
  const auto seed = static_cast<std::uint64_t>(options.seed);
  if (options.beers > 0) {
    const beer::Brewery brewery(seed, beer::Brewery::kDefaultCatalogue, options.drift);
    for (std::uint64_t id = 1; id <= options.beers; ++id) fmt::print("{}\n", brewery.beer(id));
    return kOk;
  }
  StopSignals signals;
  BreweryServer server({.seed = seed, .drift = options.drift}, options.address, options.port);
  fmt::print("ready {}\n", server.url());
  std::fflush(stdout);
  fmt::print(stderr, "simulated beers of seed {} at {}/beers/random, until Ctrl-C\n", options.seed,
             server.api_url());
  signals.wait();
  server.stop();
  return kOk;
}

}  // namespace cli
