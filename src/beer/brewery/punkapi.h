// The Punk API over the simulated brewery, as a function from a request to its answer.
#pragma once

#include "beer/brewery/brewery.h"

#include <string>
#include <string_view>

namespace beer {

struct PunkAnswer {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
};

/// Answers GET and HEAD on
///   /v2/beers?page=&per_page=   /v2/beers/{id}   /v2/beers/random     arrays, as v2 gives
///   /v3/beers?page=&per_page=   /v3/beers/{id}   /v3/beers/random     v3: an object for one beer
/// per_page is 1..80 and 25 by default, page is 1 and up. A bad parameter is v2's 400 with each
/// fault in `data`; an unknown beer or path is 404. `path` and `query` are as sent,
/// percent-encoded.
PunkAnswer answer_punkapi(Brewery& brewery, std::string_view method, std::string_view path,
                          std::string_view query);

}  // namespace beer
