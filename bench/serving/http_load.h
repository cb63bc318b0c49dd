// One request, sent again and again over some connections by one thread: of two cores the generator
// takes as little as can be.
#pragma once

#include "bench/load/caller.h"

#include <cstdint>
#include <string>

namespace bench {

/// The bytes of a POST with that body.
std::string post_bytes(const std::string& target, const std::string& content_type,
                       const std::string& body, const std::string& more_headers = {});

/// For that many seconds, sends `request` on each of `connections` to 127.0.0.1:`port`, the next as
/// soon as an answer is whole. Throws std::runtime_error with an answer that isn't 200.
Load http_load(std::uint16_t port, int connections, double seconds, const std::string& request);

}  // namespace bench
