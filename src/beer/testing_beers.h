// Beers for tests: one to change by hand, and the real catalogue where it is at hand.
#pragma once

#include "beer/beer.h"
#include "test_places.h"

#include <boost/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace beer::testing {

/// An ordinary beer, nothing wrong with it.
inline Beer ordinary_beer() {
  Beer beer;
  beer.id = 7;
  beer.name = "Lantern";
  beer.tagline = "Pale Ale.";
  beer.first_brewed = "04/2012";
  beer.abv = 5.5;
  beer.ibu = 40;
  beer.target_fg = 1010;
  beer.target_og = 1052;
  beer.ebc = 24;
  beer.srm = 12;
  beer.ph = 4.4;
  beer.attenuation_level = 80.8;
  beer.volume = 20;
  beer.boil_volume = 25;
  beer.mash = {{65, 75}};
  beer.fermentation_celsius = 19;
  beer.malts = {{"Extra Pale", 4.0}, {"Caramalt", 0.5}};
  beer.hops = {{"Simcoe", 10, "start", "bitter"},
               {"Citra", 20, "end", "flavour"},
               {"Citra", 100, "dry hop", "aroma"}};
  beer.yeast = "Wyeast 1272 - American Ale II™";
  return beer;
}

/// Where the real catalogue lies, if it does.
inline std::filesystem::path data_folder() {
  const char* folder = std::getenv("BEER_DATA_DIR");
  return folder ? std::filesystem::path(folder)
                : std::filesystem::path(BEER_SOURCE_DIR) / "../shared/data";
}

/// The JSON texts of the real catalogue, or none when it isn't at hand.
inline std::vector<std::string> real_beers() {
  std::ifstream file(data_folder() / "punk_api_beers.json");
  if (!file) return {};
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  boost::json::value root = boost::json::parse(text);
  std::vector<std::string> beers;
  for (const auto& beer : root.as_array()) beers.push_back(boost::json::serialize(beer));
  return beers;
}

}  // namespace beer::testing
