// The page's files as they were built: compressed, in this program.
#pragma once

#include "lib/http/message.h"

#include <span>
#include <string_view>

namespace engine::console {

/// A file of the page. The bytes live as long as the program.
struct Asset {
  std::string_view path;   ///< "/_engine/console/assets/index-4f1a.js"
  std::string_view type;   ///< its Content-Type
  std::string_view etag;   ///< with its quotes; of the bytes before compression
  bool hashed;             ///< the name changes with the content, so that a browser never asks again
  std::string_view gzip;   ///< the content
};

/// All of them; made by src/console/pack.mjs at build time.
std::span<const Asset> page_assets();

/// The answer to a GET or HEAD: compressed for who takes it, 304 for who has it already, 405 for another
/// method. Headers keep the page to itself: see kPagePolicy.
http::Response answer(const Asset& asset, const http::Request& request);

/// Content-Security-Policy of every answer: scripts, styles and calls of this origin alone, in no frame.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The headers that every answer of the console bears.
void add_page_headers(http::Response& response);

}  // namespace engine::console
