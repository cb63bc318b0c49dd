// GZIP of a whole body, by ISA-L.
#pragma once

#include <string>
#include <string_view>

namespace engine::firehose {

/// One gzip member. The same bytes give the same bytes: no time, no name in the header.
std::string gzip(std::string_view bytes);

}  // namespace engine::firehose
