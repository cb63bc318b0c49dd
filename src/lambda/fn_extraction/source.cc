// Where beers come from: any server that speaks the Punk API.
#include "lambda/fn_extraction/source.h"

#include "lib/base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace fn_extraction {
namespace {

using base::Milliseconds;

constexpr std::string_view kDraw = "/beers/random";
constexpr Milliseconds kFirstBackOff{100}, kLongestBackOff{3'000};
constexpr std::uint64_t kMaxBodyBytes = 8 << 20;

/// The address of a draw: given, or below the API's base.
std::string draw_url(std::string_view url) {
  const auto mark = std::min(url.find('?'), url.size());
  std::string_view path = url.substr(0, mark);
  if (path.ends_with("/random")) return std::string(url);
  while (path.ends_with('/')) path.remove_suffix(1);
  return fmt::format("{}{}{}", path, kDraw, url.substr(mark));
}

http::ClientOptions client_options(const SourceOptions& options) {
  http::ClientOptions http;
  http.connect_timeout = std::min(http.connect_timeout, options.timeout);
  http.timeout = options.timeout;
  http.max_body_bytes = kMaxBodyBytes;
  return http;
}

Milliseconds back_off(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const Milliseconds most = std::min(kLongestBackOff, kFirstBackOff * (1 << std::min(attempt, 10)));
  return Milliseconds(
      std::uniform_int_distribution<std::int64_t>(most.count() / 2, most.count())(random));
}

}  // namespace

Source::Source(std::string_view url, SourceOptions options, const base::Clock& clock)
    : text_(draw_url(url)),
      url_(http::parse_url(text_)),
      options_(options),
      clock_(clock),
      client_(client_options(options)) {}

std::string Source::draw(base::Timestamp deadline) {
  std::string passing;
  for (int attempt = 0;; ++attempt) {
    std::string body = try_once(passing);
    if (passing.empty()) return body;
    const Milliseconds wait = back_off(attempt);
    const bool out_of_time = clock_.now() + wait + options_.timeout > deadline;
    if (attempt + 1 >= options_.attempts || out_of_time) {
      throw SourceError("Source.Unreachable",
                        fmt::format("no beer from {} after {} {}: {}{}", text_, attempt + 1,
                                    attempt == 0 ? "try" : "tries", passing,
                                    out_of_time ? "; the function's time is up" : ""));
    }
    base::log_info("extraction", "{}: {}; trying again in {} ms", text_, passing, wait.count());
    clock_.sleep_for(wait, {});
  }
}

/// The body, or in `passing` what may be better the next time.
std::string Source::try_once(std::string& passing) {
  passing.clear();
  http::Request request;
  request.headers = {{"Accept", "application/json"}, {"User-Agent", "mlops-beer"}};
  http::Response response;
  try {
    response = client_.send(url_, request);
  } catch (const http::ConnectionError& error) {
    passing = error.what();
    return {};
  }
  if (response.status == 200) return response.body.string();
  const std::string status =
      fmt::format("it answered {} {}", response.status, http::reason(response.status));
  if (response.status >= 500 || response.status == 429) {
    passing = status;
    return {};
  }
  const std::string_view moved = response.headers.get("Location");
  throw SourceError("Source.Refused", fmt::format("no beer from {}: {}{}{}", text_, status,
                                                  moved.empty() ? "" : "; it says to ask ", moved));
}

}  // namespace fn_extraction
