// What both servers' answers are made of.
#pragma once

#include "lib/base/encoding.h"
#include "lib/http/message.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pipelines {

/// An answer that isn't a prediction.
struct Refusal : std::runtime_error {
  Refusal(int code, const std::string& sentence) : std::runtime_error(sentence), status(code) {}
  int status;
};

inline http::Response answer(int status, std::string type, std::string body) {
  return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}

/// "text/csv; charset=utf-8" → "text/csv".
inline std::string media_type(std::string_view header) {
  return base::to_lower(base::trim(header.substr(0, header.find(';'))));
}

}  // namespace pipelines
