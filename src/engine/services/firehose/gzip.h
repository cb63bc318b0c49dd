// GZIP of a whole body, by ISA-L.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engine::firehose {

/// One gzip member. The same bytes give the same bytes: no time, no name in the header.
std::string gzip(std::string_view bytes);

/// The bytes of one member; nothing when it is damaged, or larger than `limit`.
std::optional<std::string> gunzip(std::string_view compressed, std::size_t limit);

}  // namespace engine::firehose
