// `beer punkapi`: the simulated brewery as a server, or as lines.
#include "cli/calls/brewery_server.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/signals.h"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace cli {

namespace {

/// Beers 1 to `count`, many at a time: writing them one by one would take longer than brewing.
void print_beers(const beer::Brewery& brewery, std::uint64_t count) {
  constexpr std::size_t kChunk = 1 << 18;
  std::string out;
  for (std::uint64_t id = 1; id <= count; ++id) {
    brewery.append_beer(out, id);
    out += '\n';
    if (out.size() < kChunk && id < count) continue;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) {
      throw std::runtime_error("standard output can't be written");
    }
    out.clear();
  }
}

}  // namespace

int punkapi(const PunkapiOptions& options) {
  const auto seed = static_cast<std::uint64_t>(options.seed);
  if (options.beers > 0) {
    const beer::Brewery brewery(seed, beer::Brewery::kDefaultCatalogue, options.drift);
    print_beers(brewery, options.beers);
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
