// Bodies that clients compress: Content-Encoding gzip.
#pragma once

#include <string>
#include <string_view>

namespace engine {

/// The bytes of one gzip member. Throws AwsError when it is damaged, or larger than `limit` inflated.
std::string gunzip(std::string_view compressed, std::size_t limit);

}  // namespace engine
