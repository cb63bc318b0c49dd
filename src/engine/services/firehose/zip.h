// ZIP of a whole body, by libzip.
#pragma once

#include <string>
#include <string_view>

namespace engine::firehose {

/// An archive of one file of that name, of no particular day.
std::string zip(std::string_view bytes, std::string_view name);

}  // namespace engine::firehose
