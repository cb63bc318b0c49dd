// Where beers come from: any server that speaks the Punk API.
#pragma once

#include "lib/base/clock.h"
#include "lib/http/client.h"

#include <string>
#include <string_view>

namespace fn_extraction {

/// Why there is no beer: the URL, what happened, and how often it was tried. `type` is the error
/// type the function reports.
class SourceError : public std::runtime_error {
 public:
  SourceError(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}
  const std::string& type() const { return type_; }

 private:
  std::string type_;
};

struct SourceOptions {
  std::chrono::milliseconds timeout{5'000};  ///< for one try
  int attempts = 4;
};

/// Draws beers over HTTP. What passes (no connection, no answer in time, 429, 5xx) is tried again
/// after a back-off that doubles and jitters; what stays (another status) is an error at once.
class Source {
 public:
  /// `url` is the API's base ("http://host/v2") or the address of a draw ("…/beers/random").
  /// Throws std::invalid_argument for what is no URL.
  Source(std::string_view url, SourceOptions options, const base::Clock& clock);

  /// The body of one draw. No try begins when it couldn't end before `deadline`. Throws
  /// SourceError.
  std::string draw(base::Timestamp deadline);

  const std::string& url() const { return text_; }

 private:
  std::string try_once(std::string& passing);

  std::string text_;
  http::Url url_;
  SourceOptions options_;
  const base::Clock& clock_;
  http::Client client_;
};

}  // namespace fn_extraction
