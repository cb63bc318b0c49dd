// How fast the domain is, on one core: the raw JSON of a beer to its features, and the simulated
// brewery's beers as JSON.
//
//   beer_bench [catalogue.json]     a JSON array of real beers is read beside the simulated ones
#include "beer/brewery/brewery.h"
#include "beer/cleaned.h"
#include "beer/features.h"
#include "beer/quality.h"
#include "bench/load/table.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kBeers = 50'000;
constexpr std::uint64_t kSeed = 1;
// What the bars ask.
constexpr double kFeatureMicroseconds = 5, kParsedBeers = 50'000, kSimulatedBeers = 200'000;

using Texts = std::vector<std::string>;

/// The catalogue's beers, again and again until there are enough.
Texts repeated(const char* path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Texts beers;
  const boost::json::value root = boost::json::parse(text);
  for (const auto& beer : root.as_array()) beers.push_back(boost::json::serialize(beer));
  const std::size_t once = beers.size();
  while (beers.size() < kBeers) beers.push_back(beers[beers.size() - once]);
  return beers;
}

Texts simulated() {
  const beer::Brewery brewery(kSeed);
  Texts beers(kBeers);
  for (std::size_t i = 0; i < kBeers; ++i) beers[i] = brewery.beer(i + 1);
  return beers;
}

/// Seconds of a core that this thread has had. What others do on the machine takes none of them.
double core_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Beers a second of one core, over `count` of them.
template <class F>
double rate(std::size_t count, F&& work) {
  return bench::median_of_runs([&] {
    const double began = core_seconds();
    work();
    return static_cast<double>(count) / (core_seconds() - began);
  });
}

/// Keeps the compiler from leaving out what nobody reads.
volatile float sink;

void measure_reading(const std::string& whose, const Texts& texts) {
  std::vector<beer::Beer> beers;
  for (const std::string& text : texts) {
    beers.push_back(beer::check(*beer::parse_beer(text).beer).beer);
  }
  const double features = rate(beers.size(), [&] {
    for (const auto& beer : beers) sink = beer::compute_features(beer)[0];
  });
  bench::row_below("features of one beer, " + whose, 1e6 / features, "us", kFeatureMicroseconds);
  bench::row("raw JSON to features, " + whose,
             rate(texts.size(),
                  [&] {
                    for (const std::string& text : texts) {
                      sink =
                          beer::compute_features(beer::check(*beer::parse_beer(text).beer).beer)[0];
                    }
                  }),
             "beers/s", kParsedBeers);
  bench::row("raw JSON to the record alone, " + whose,
             rate(texts.size(),
                  [&] {
                    for (const std::string& text : texts) {
                      sink = static_cast<float>(beer::parse_beer(text).beer->id);
                    }
                  }),
             "beers/s");
  bench::row("raw JSON to a line of the table, " + whose,
             rate(texts.size(),
                  [&] {
                    for (const std::string& text : texts) {
                      sink = static_cast<float>(beer::clean(text, {}).to_json().size());
                    }
                  }),
             "beers/s");
}

/// A share of the ids, appended to one buffer that is reused.
void simulate(std::uint64_t first, std::uint64_t count) {
  const beer::Brewery brewery(kSeed);
  std::string out;
  for (std::uint64_t id = first; id < first + count; ++id) {
    out.clear();
    brewery.append_beer(out, id);
    sink = static_cast<float>(out.size());
  }
}

void measure_brewery() {
  constexpr std::size_t kSimulated = 200'000;
  bench::row("simulated beers as JSON, one core", rate(kSimulated, [] { simulate(1, kSimulated); }),
             "beers/s", kSimulatedBeers);
  if (std::thread::hardware_concurrency() < 2) return;
  const auto both = [] {
    std::jthread other([] { simulate(kSimulated / 2 + 1, kSimulated / 2); });
    simulate(1, kSimulated / 2);
  };
  bench::row("simulated beers as JSON, two cores by the wall's clock", bench::median_of_runs([&] {
               return static_cast<double>(kSimulated) / bench::seconds(both);
             }),
             "beers/s");
}

}  // namespace

int main(int argc, char** argv) {
  bench::title("the domain, by a core's seconds");
  if (argc > 1) measure_reading("real", repeated(argv[1]));
  measure_reading("simulated", simulated());
  measure_brewery();
}
